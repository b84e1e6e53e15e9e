"""What others ask the money book. Debits positive, credits negative."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from o2c.core import clock
from o2c.core.fields import AmountField
from o2c.ledger.models import Account, Entry, Line, Period, PeriodState, Role
from o2c.ledger.rules import Month, first_open_day
from o2c.masters.models import Company

ZERO = Decimal(0)
_AMOUNT = AmountField()
_BASE_CURRENCY = Subquery(Company.objects.values("base_currency")[:1])


def _sum(field: str) -> Coalesce:
    return Coalesce(Sum(field), ZERO, output_field=_AMOUNT)


def balance(
    role: Role | str,
    customer_id: int | None = None,
    currency: str | None = None,
    on: date | None = None,
) -> Decimal:
    """The balance of a role's accounts: in `currency` when one is named, else in base currency.

    `on` is the last posting date that counts.
    """
    lines = Line.objects.filter(account__role=str(role))
    if customer_id is not None:
        lines = lines.filter(customer=customer_id)
    if on is not None:
        lines = lines.filter(posting_date__lte=on)
    if currency is None:
        return Decimal(lines.aggregate(total=_sum("base_amount"))["total"])
    return Decimal(lines.filter(currency=currency).aggregate(total=_sum("amount"))["total"])


class CustomerBalance(NamedTuple):
    """What an account says about one customer in one currency."""

    customer_id: int | None
    currency: str
    amount: Decimal
    base_amount: Decimal


def customer_balances(role: Role | str, on: date | None = None) -> list[CustomerBalance]:
    """A role's balance per customer and currency as of a day, those that are not zero."""
    lines = Line.objects.filter(account__role=str(role))
    if on is not None:
        lines = lines.filter(posting_date__lte=on)
    rows = (
        lines.values("customer_id", "currency")
        .annotate(total=Sum("amount"), base_total=Sum("base_amount"))
        .exclude(total=0, base_total=0)
        .order_by("customer_id", "currency")
    )
    return [
        CustomerBalance(row["customer_id"], row["currency"], row["total"], row["base_total"])
        for row in rows
    ]


def _posted(which: Q) -> Coalesce:
    """The sum of an account's lines, base currency, as a column of the account."""
    lines = Line.objects.filter(which, account=OuterRef("pk")).order_by().values("account")
    return Coalesce(
        Subquery(lines.annotate(total=Sum("base_amount")).values("total")),
        ZERO,
        output_field=_AMOUNT,
    )


def trial_balance(start: date | None = None, end: date | None = None) -> QuerySet[Account]:
    """Every account with `opening`, `debit`, `credit` and `closing` of a span, base currency.

    Opening is what was posted before `start`; the closings of all accounts add up to zero.
    """
    within = Q(posting_date__gte=start or date.min, posting_date__lte=end or date.max)
    before = Q(posting_date__lt=start or date.min)
    return (
        Account.objects.annotate(
            opening=_posted(before),
            debit=_posted(within & Q(base_amount__gt=0)),
            credit=_posted(within & Q(base_amount__lt=0)),
        )
        .annotate(closing=F("opening") + F("debit") + F("credit"), base_currency=_BASE_CURRENCY)
        .order_by("code")
    )


def accounts() -> QuerySet[Account]:
    """The accounts, each with the bank account it stands for, if any, at hand."""
    return Account.objects.select_related("bank_account")


def account_lines(account: Account) -> QuerySet[Line]:
    """Every line of an account, with entry and customer at hand."""
    lines = account.lines.select_related("entry", "customer")
    return lines.annotate(base_currency=_BASE_CURRENCY)


def entries() -> QuerySet[Entry]:
    """Every entry, newest first, with its period at hand."""
    return Entry.objects.select_related("period").order_by("-pk")


def entries_with_reversals() -> QuerySet[Entry]:
    """Every entry with its period, what it reverses and what reverses it at hand."""
    return Entry.objects.select_related("period", "reverses", "reversal")


def posted_by_source(period: Period) -> QuerySet[Entry, Any]:
    """How many `entries` each kind of document (`source_type`) has posted into a period."""
    kinds = period.entries.values("source_type").annotate(entries=Count("pk"))
    return kinds.order_by("source_type")


def lines_of(entry: Entry) -> QuerySet[Line]:
    """An entry's lines in order, with account and customer at hand."""
    lines = entry.lines.select_related("account", "customer").order_by("number")
    return lines.annotate(base_currency=_BASE_CURRENCY)


def entries_of(source_type: str, source_id: int) -> QuerySet[Entry]:
    """What a document has posted, oldest first, lines and accounts at hand."""
    posted = Entry.objects.filter(source_type=source_type, source_id=source_id)
    return posted.prefetch_related("lines__account").order_by("pk")


def posting_date_for(day: date) -> date:
    """Day itself when its month is open, else the first day after it that can be posted on.

    For what happens on its own date but must not disturb a closed month. A month that nobody
    ever opened is as closed as those after it, but for the present one and the next, which open
    by themselves.
    """
    months = Period.objects.filter(end_date__gte=day).values_list("state", "start_date", "end_date")
    known = [Month(state == PeriodState.OPEN, first, last) for state, first, last in months]
    return first_open_day(day, known, clock.today())
