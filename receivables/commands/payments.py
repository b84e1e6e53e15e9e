"""Money comes in, gets its payer, is used for open items, and may go back out of the books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock, lock_all
from o2c.core.errors import RuleViolation
from o2c.core.money import UnknownCurrency, convert, minor_units, round_amount, round_to
from o2c.core.transitions import begin, transition
from o2c.ledger.commands import Posting, post_entry
from o2c.ledger.models import Role
from o2c.masters.models import Customer
from o2c.masters.queries import company, rate_on
from receivables.commands.allocations import applied_facts, book_payment, take_back, use_payment
from receivables.models import (
    Allocation,
    Direction,
    OpenItem,
    Payment,
    PaymentMethod,
    PaymentState,
)
from receivables.models.payments import MOST_MONEY
from receivables.rules.allocation import Share


@dataclass(frozen=True)
class Receipt:
    """Money as it came (or went back), before it is a payment; `amount` positive, in `currency`.

    Without a customer it waits for one on the bank suspense account. `base_amount` is what it
    brought in base currency, where the bank says so; by default the posting day's rate decides.
    `bank_line_id` names the statement line. `shares` are the open items it is for.
    """

    bank_account_id: int
    amount: Decimal
    currency: str
    value_date: date
    customer_id: int | None = None
    posting_date: date | None = None
    direction: str = Direction.IN
    method: str = PaymentMethod.TRANSFER
    reference: str = ""
    payer_name: str = ""
    bank_line_id: int | None = None
    base_amount: Decimal | None = None
    shares: Sequence[Share] = ()


@command
def record_payment(receipt: Receipt, *, actor: Actor) -> Payment:
    """Record money received, or paid back; apply it at once where the receipt has shares.

    Locks the items of the shares. Raises RuleViolation.
    """
    return settle([receipt], actor=actor)[0]


@command
def settle(receipts: Sequence[Receipt], *, actor: Actor) -> list[Payment]:
    """Record several receipts and apply each to its shares.

    Locks all items at once. Per receipt the number of statements does not depend on its shares.
    Raises RuleViolation.
    """
    require(actor, "receivables.record_payment")
    item_ids = [share.open_item_id for receipt in receipts for share in receipt.shares]
    if item_ids:
        require(actor, Payment.permission("allocate"))
    items = lock_all(OpenItem, item_ids) if item_ids else {}
    return [_receive(receipt, items, actor) for receipt in receipts]


def _receive(receipt: Receipt, items: Mapping[int, OpenItem], actor: Actor) -> Payment:
    _refuse_wrong_receipt(receipt)
    payment = _payment(receipt)
    allocations: list[Allocation] = []
    if receipt.shares:
        allocations = use_payment(payment, receipt.shares, items)
    amount = round_amount(receipt.amount, receipt.currency)
    facts: dict[str, Any] = {"amount": amount, "currency": receipt.currency}
    if receipt.reference:
        facts["reference"] = receipt.reference
    if allocations:
        facts |= applied_facts(allocations)
    begin(payment, actor=actor, event="settled" if allocations else "recorded", **facts)
    other_side = Role.UNAPPLIED_CASH if payment.customer_id else Role.BANK_SUSPENSE
    _post(payment, "record", payment.posting_date, debit=Role.BANK, credit=other_side, actor=actor)
    if allocations:
        book_payment(payment, allocations, actor=actor)
    return payment


def _payment(receipt: Receipt) -> Payment:
    posting_date = receipt.posting_date or receipt.value_date
    known = receipt.customer_id is not None
    return Payment(
        state=PaymentState.RECEIVED if known else PaymentState.UNASSIGNED,
        direction=receipt.direction,
        customer_id=receipt.customer_id,
        bank_account_id=receipt.bank_account_id,
        amount=receipt.amount,
        currency=receipt.currency,
        base_amount=_base_amount(receipt, posting_date),
        method=receipt.method,
        reference=receipt.reference,
        payer_name=receipt.payer_name,
        bank_line_id=receipt.bank_line_id,
        value_date=receipt.value_date,
        posting_date=posting_date,
        assigned_date=posting_date if known else None,
        assigned_at=clock.now() if known else None,
    )


def _base_amount(receipt: Receipt, posting_date: date) -> Decimal:
    if receipt.base_amount is not None:
        return receipt.base_amount
    base_currency = company().base_currency
    if receipt.currency == base_currency:
        return receipt.amount
    return convert(receipt.amount, rate_on(receipt.currency, posting_date), base_currency)


def _refuse_wrong_receipt(receipt: Receipt) -> None:
    try:
        places = minor_units(receipt.currency)
    except UnknownCurrency:
        raise RuleViolation(
            _("“%(code)s” is no currency.") % {"code": receipt.currency}, field="currency"
        ) from None
    if not receipt.amount.is_finite() or not 0 < receipt.amount < MOST_MONEY:
        raise RuleViolation(
            _("The amount must be greater than zero, with at most 15 digits before the point."),
            field="amount",
        )
    if round_to(receipt.amount, places) != receipt.amount:
        raise RuleViolation(
            _("Amounts in %(currency)s have %(places)s decimals.")
            % {"currency": receipt.currency, "places": places},
            field="amount",
        )
    for field, given, kinds in (
        ("direction", receipt.direction, Direction),
        ("method", receipt.method, PaymentMethod),
    ):
        if given not in kinds.values:
            raise RuleViolation(
                _("“%(given)s” is not known here. There are: %(known)s.")
                % {"given": given[:40], "known": ", ".join(kinds.values)},
                field=field,
            )
    if receipt.shares and receipt.customer_id is None:
        raise RuleViolation(_("Say whose money it is before applying it."), field="customer")


@command
def assign_payer(
    payment_id: int, *, customer_id: int, assigned_date: date | None = None, actor: Actor
) -> Payment:
    """Say whose money it is; it joins the customer's account on assigned_date (default: today).

    Locks the payment. Raises RuleViolation.
    """
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise RuleViolation(_("There is no such customer. Choose who paid."), field="customer")
    payment = lock(Payment, payment_id)
    day = max(assigned_date or clock.today(), payment.posting_date)
    payment.customer = customer
    payment.assigned_date, payment.assigned_at = day, clock.now()
    transition(payment, "assign", actor=actor, customer=customer.code, date=day)
    _post(
        payment,
        "assign",
        day,
        debit=Role.BANK_SUSPENSE,
        credit=Role.UNAPPLIED_CASH,
        actor=actor,
    )
    return payment


@command
def reverse_payment(
    payment_id: int, *, reason: str, effective_date: date | None = None, actor: Actor
) -> Payment:
    """Take a payment out of the books: it bounced, or was a mistake. Its items open again.

    Locks the payment, then its items. Raises RuleViolation.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why the payment is reversed."), field="reason")
    payment = lock(Payment, payment_id)
    require(actor, Payment.permission("reverse"))
    taken_back = take_back(payment, None, effective_date, actor=actor) if payment.allocated else []
    day = max(
        effective_date or clock.today(),
        payment.assigned_date or payment.posting_date,
        *(allocation.effective_date for allocation in taken_back),
    )
    payment.reversed_date, payment.reversed_at = day, clock.now()
    other_side = Role.UNAPPLIED_CASH if payment.customer_id else Role.BANK_SUSPENSE
    facts = {"reason": reason.strip(), "date": day}
    if taken_back:
        facts["reopened"] = applied_facts(taken_back)["items"]
    transition(payment, "reverse", actor=actor, **facts)
    _post(payment, "reverse", day, debit=other_side, credit=Role.BANK, actor=actor)
    return payment


def _post(
    payment: Payment, purpose: str, day: date, *, debit: Role, credit: Role, actor: Actor
) -> None:
    """Move the whole payment from credit to debit (the other way round for money paid back)."""
    amount, base = payment.total * payment.sign, payment.base_amount * payment.sign

    def line(role: Role, sign: int) -> Posting:
        return Posting(
            role.value,
            amount * sign,
            payment.currency,
            base * sign,
            customer_id=payment.customer_id if role == Role.UNAPPLIED_CASH else None,
            bank_account_id=payment.bank_account_id if role == Role.BANK else None,
        )

    post_entry(
        (payment._meta.label_lower, payment.pk),
        purpose,
        day,
        [line(debit, 1), line(credit, -1)],
        actor=actor,
        description=payment.reference[:200],
    )
