"""A company of any size: the demo's story is played once, and what it left is copied."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from time import monotonic

from django.db import connection
from django.test.utils import override_settings

from invoicing.models import Invoice
from o2c.core.deliveries import deliver_due
from o2c.core.pdf import write_pdf
from o2c.masters.models import Company, Customer
from o2c.rehearsal.demo.story import play
from o2c.rehearsal.generate.multiply import multiply
from orders.models import Order
from receivables.models import OpenItem

Tell = Callable[[str], None]
#: Nobody reads what is sent and printed while the small company is played.
_UNREAD = {
    "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    "PDF_WRITER": f"{__name__}.empty_page",
}


class GenerateRefused(Exception):
    """The database is no place for a generated company; the message says why."""


@dataclass(frozen=True)
class Generated:
    """How much there is now, and how long its parts took in seconds."""

    orders: int
    customers: int
    invoices: int
    open_items: int
    played_s: float
    copied_s: float


def generate(orders: int, volume: int, tell: Tell) -> Generated:
    """Make a company with at least so many orders in the empty database.

    volume: how many times the demo's orders its 42 customers place; the rest is copies of them.
    Raises GenerateRefused when there is a company, or the user may not write past the triggers.
    """
    _check_place()
    start = monotonic()
    with override_settings(**_UNREAD):
        play(tell, volume=volume)
        tell("documents and messages of the small company")
        while deliver_due():
            pass
    played = monotonic()
    times = -(-orders // Order.objects.count())
    tell(f"{times:,} copies of {Order.objects.count():,} orders")
    if times > 1:
        multiply(times)
    return Generated(
        orders=Order.objects.count(),
        customers=Customer.objects.count(),
        invoices=Invoice.objects.count(),
        open_items=OpenItem.objects.count(),
        played_s=played - start,
        copied_s=monotonic() - played,
    )


def empty_page(html: str) -> bytes:
    """A PDF without words: drawing real ones takes most of the time of playing."""
    return _empty_page()


@cache
def _empty_page() -> bytes:
    return write_pdf('<html lang="en"><title>Unread</title></html>')


def _check_place() -> None:
    if Company.objects.exists():
        raise GenerateRefused("There is a company in this database already.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
    if not is_superuser:
        raise GenerateRefused("Only a superuser of the database can write past its triggers.")
