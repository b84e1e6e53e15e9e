"""Payments that a bank line may be, or may take back."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from receivables.models import Direction, Payment, PaymentState
from reconciliation.models import BankLine

MOST = 20  # payments offered on a page
MOST_FEE = Decimal(50)  # what a bank may take on top of a return, in the account's currency
_NEAR = timedelta(days=60)  # an entered payment and its bank line are not further apart


def payments_it_may_be(line: BankLine) -> list[Payment]:
    """Payments entered by hand of this line's account, direction and amount. One statement."""
    direction = Direction.IN if line.amount > 0 else Direction.OUT
    near = (line.value_date - _NEAR, line.value_date + _NEAR)
    found = _of_account(line).filter(
        direction=direction,
        bank_line_id=None,
        amount=line.size - F("fee"),
        value_date__range=near,
    )
    return list(found.exclude(state=PaymentState.REVERSED)[:MOST])


def payments_it_may_return(line: BankLine) -> list[Payment]:
    """Money received that a line of money out may take back, with or without a fee, latest first.

    One statement.
    """
    if line.amount >= 0:
        return []
    came_back = Payment.objects.exclude(state=PaymentState.REVERSED).exclude(returns=None)
    found = _of_account(line).filter(
        direction=Direction.IN,
        state=PaymentState.RECEIVED,
        amount__range=(line.size - MOST_FEE, line.size),
        posting_date__lte=line.entry_date,
    )
    return list(found.exclude(Q(pk__in=came_back.values("returns_id")))[:MOST])


def _of_account(line: BankLine) -> QuerySet[Payment]:
    payments = Payment.objects.filter(bank_account=line.account_id, currency=line.currency)
    return payments.select_related("customer").order_by("-value_date", "-pk")
