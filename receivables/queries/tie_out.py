"""Whether the open items say what the ledger says, on any day and as known at any moment."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from o2c.core.money import ZERO
from o2c.ledger.models import Account, Line, Role
from receivables.queries.aging import Aging


@dataclass(frozen=True)
class TieOut:
    """One currency: what the report adds up to, and the balances of the two accounts."""

    currency: str
    open_items: Decimal
    ledger: Decimal
    unapplied: Decimal
    ledger_unapplied: Decimal

    @property
    def difference(self) -> Decimal:
        """Open items less receivables account."""
        return self.open_items - self.ledger

    @property
    def unapplied_difference(self) -> Decimal:
        """Unapplied cash less its account."""
        return self.unapplied - self.ledger_unapplied

    @property
    def agrees(self) -> bool:
        return not self.difference and not self.unapplied_difference


def tie_out(report: Aging) -> list[TieOut]:
    """Compare a report with the ledger, per currency.

    The ledger knows customers and currencies, so the report's own filters apply.
    """
    request = report.request
    ledger = _balances(request.as_of, request.known_at, request.customer_id, request.currency)
    currencies = sorted({*report.totals, *(currency for _role, currency in ledger)})
    return [
        TieOut(
            currency,
            open_items=report.totals[currency].total if currency in report.totals else ZERO,
            ledger=ledger[Role.AR.value, currency],
            unapplied=report.totals[currency].unapplied if currency in report.totals else ZERO,
            ledger_unapplied=ledger[Role.UNAPPLIED_CASH.value, currency],
        )
        for currency in currencies
    ]


def _balances(
    as_of: date, known_at: datetime | None, customer_id: int | None, currency: str | None
) -> dict[tuple[str, str], Decimal]:
    """Balances by role and currency.

    The accounts are looked up first: one index then holds all that is read of the lines.
    """
    accounts = Account.objects.filter(role__in=[Role.AR.value, Role.UNAPPLIED_CASH.value])
    roles = {account.pk: str(account.role) for account in accounts}
    lines = Line.objects.filter(account__in=list(roles), posting_date__lte=as_of)
    if known_at is not None:
        lines = lines.filter(entry__recorded_at__lte=known_at)
    if customer_id is not None:
        lines = lines.filter(customer=customer_id)
    if currency is not None:
        lines = lines.filter(currency=currency)
    sums = lines.values_list("account", "currency").annotate(total=Sum("amount"))
    found: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    found.update({(roles[account], currency): total for account, currency, total in sums})
    return found
