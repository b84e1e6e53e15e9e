"""Payments that somebody types in: the second of two that look the same asks back."""

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.errors import RuleViolation
from o2c.masters.models import BankAccount
from receivables.commands.receiving import Receipt, record_payment
from receivables.models import Payment, PaymentState


@command
def enter_payment(receipt: Receipt, *, another: bool = False, actor: Actor) -> Payment:
    """Record a payment that somebody typed in; `another` says that it only looks like one there is.

    Locks the bank account: of two who type in the same at once, the second is asked. Raises
    RuleViolation.
    """
    require(actor, "receivables.record_payment")
    lock(BankAccount, receipt.bank_account_id)
    twin = None if another else _twin(receipt)
    if twin is not None:
        raise RuleViolation(
            _(
                "%(twin)s is the same: same payer, amount, day and account. Tick “It is another "
                "one” if it was paid twice."
            )
            % {"twin": twin},
            field="another",
        )
    return record_payment(receipt, actor=actor)


def _twin(receipt: Receipt) -> Payment | None:
    """A payment that stands and that no reference tells from this one."""
    same = Payment.objects.filter(
        bank_account=receipt.bank_account_id,
        direction=receipt.direction,
        customer=receipt.customer_id,
        currency=receipt.currency,
        amount=receipt.amount,
        value_date=receipt.value_date,
    ).exclude(state=PaymentState.REVERSED)
    told = receipt.reference.strip().casefold()
    for payment in same.order_by("pk"):
        theirs = payment.reference.strip().casefold()
        if not told or not theirs or told == theirs:
            return payment
    return None
