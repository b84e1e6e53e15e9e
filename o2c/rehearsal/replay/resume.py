"""What an earlier run of the same file left here, so that nothing of it is done twice."""

from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import Max

from invoicing.models import Invoice
from o2c.ledger.models import Period, PeriodState
from o2c.rehearsal.replay.masters import ReplayRefused, code_of
from o2c.rehearsal.replay.reader import Bill, Business
from orders.models import Order
from reconciliation.models import BankStatement

#: how the source key of a replayed order begins; its invoice number in the file follows
PREFIX = "replay:"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def source_of(bill: Bill) -> str:
    """The source key of the order a sale becomes: the database takes each once."""
    return f"{PREFIX}{bill.number}"


def orders_there(business: Business, account_code: str) -> dict[str, Order]:
    """The orders an earlier run captured, by invoice number.

    Raises ReplayRefused when they tell another story than the file: another file's invoices, or
    a month that was closed with its bank statements before the file's last sales. Also when a
    month of the file is closed in the books.
    """
    _refuse_closed_month(business)
    replayed = Order.objects.filter(source_reference__startswith=PREFIX).select_related("customer")
    there = {order.source_reference.removeprefix(PREFIX): order for order in replayed}
    for number in there.keys() - business.numbers:
        raise ReplayRefused(
            f"{there[number]} was replayed from another file: this one has no invoice {number}. "
            "Replay into an empty database."
        )
    for bill in business.sales:
        if bill.number in there:
            _refuse_another(there[bill.number], bill)
    if there:
        _refuse_closed(business, there, account_code)
    return there


def reached(there: dict[str, Order]) -> datetime:
    """The last moment at which an earlier run captured or posted something.

    Numbers follow dates: what comes now must not be dated before it.
    """
    replayed = Invoice.objects.filter(order__source_reference__startswith=PREFIX)
    posted = replayed.aggregate(last=Max("posted_at"))["last"] if there else None
    captured = [order.created_at for order in there.values()]
    return max([*captured, *filter(None, [posted])], default=LONG_AGO)


def _refuse_another(order: Order, bill: Bill) -> None:
    ours = (order.customer.code, order.line_count, order.net)
    theirs = (code_of(bill), len(bill.rows), bill.total)
    if ours != theirs:
        raise ReplayRefused(
            f"{order} was replayed from another file or changed since: {ours[0]}, {ours[1]} lines,"
            f" {ours[2]:,.2f} here; invoice {bill.number} of the file is {theirs[0]}, {theirs[1]} "
            f"lines, {theirs[2]:,.2f}. Replay into an empty database."
        )


def _refuse_closed(business: Business, there: dict[str, Order], account_code: str) -> None:
    """Payments follow the last sale, so later sales cannot be put before them."""
    reached = max((bill.at, bill.number) for bill in business.sales if bill.number in there)
    later = [bill for bill in business.sales if (bill.at, bill.number) > reached]
    if later and BankStatement.objects.filter(account__code=account_code).exists():
        raise ReplayRefused(
            f"{len(there):,} sales until {reached[0]:%d %B %Y} were replayed and paid here; the "
            f"{len(later):,} after them cannot be put before their payments. "
            "Replay into an empty database."
        )


def _refuse_closed_month(business: Business) -> None:
    """Nothing is written before it is known that all of it can be posted."""
    days = [bill.at.date() for bill in (*business.sales, *business.cancellations)]
    closed = Period.objects.filter(
        state=PeriodState.CLOSED, end_date__gte=min(days), start_date__lte=max(days)
    )
    if period := closed.order_by("start_date").first():
        raise ReplayRefused(
            f"{period} is closed here, and the file has sales of it. Replay into an empty database."
        )


def total_ordered(business: Business) -> Decimal:
    """The net of the orders that the file's sales became, in its currency."""
    replayed = Order.objects.filter(source_reference__startswith=PREFIX)
    net = dict(replayed.values_list("source_reference", "net"))
    return sum((net.get(source_of(bill), Decimal(0)) for bill in business.sales), Decimal(0))
