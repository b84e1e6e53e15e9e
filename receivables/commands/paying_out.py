"""What a customer has with us, held while money is paid out of it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from o2c.core.commands import lock_all
from receivables.models import Direction, OpenItem, Payment
from receivables.queries.dunning import Account, cover
from receivables.queries.worklists import unapplied
from receivables.rules.allocation import beyond_cover


def hold_what_pays(accounts: Iterable[Account]) -> None:
    """Lock the unapplied payments, then the open credits of accounts.

    Of two who pay out the same money at once, the second sees what the first has left.
    """
    ordered = sorted(set(accounts))
    if not ordered:
        return
    received = unapplied(Payment.objects.filter(direction=Direction.IN))
    lock_all(
        Payment,
        [pk for account in ordered for pk in _of(received, account).values_list("pk", flat=True)],
    )
    credits = [
        pk
        for account in ordered
        for pk in _of(OpenItem.objects.credits(), account).values_list("pk", flat=True)
    ]
    lock_all(OpenItem, credits)


def _of(rows: QuerySet[Any], account: Account) -> QuerySet[Any]:
    customer_id, currency = account
    return rows.filter(customer_id=customer_id, currency=currency)


def beyond_what_is_there(customer_id: int, currency: str, amount: Decimal) -> Decimal:
    """How much more is paid out than the customer has with us, in `currency`; zero when it fits.

    What pays it is held.
    """
    return beyond_cover(amount, cover([customer_id])[customer_id, currency])
