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
from o2c.core.days import NearDay, PastDay
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.money import ZERO, UnknownCurrency, convert, minor_units, round_amount, round_to
from o2c.core.transitions import begin, refuse_blocked, transition
from o2c.ledger.commands import Posting, post_entry
from o2c.ledger.models import Role
from o2c.masters.models import Customer
from o2c.masters.queries import company, rate_on
from o2c.web.formats import money_text
from receivables.commands.allocations import (
    applied_facts,
    book_payment,
    book_taken_back,
    take_back,
    use_payment,
)
from receivables.commands.discounts import lock_items_of_return, set_discount_ends
from receivables.commands.paying_out import beyond_what_is_there, hold_what_pays
from receivables.commands.repayments import lock_with_partners, refuse_returned
from receivables.models import (
    Allocation,
    Direction,
    OpenItem,
    Payment,
    PaymentMethod,
    PaymentState,
    Repayment,
)
from receivables.models.payments import MOST_MONEY
from receivables.rules.allocation import Share


@dataclass(frozen=True)
class Receipt:
    """Money as it came (or went back), before it is a payment; `amount` positive, in `currency`.

    Without a customer it waits for one on the bank suspense account. `base_amount` is what it
    brought in base currency, where the bank says so; by default the posting day's rate decides.
    `bank_line_id` names the statement line, `bank_line_part` counts its payers from 1. `shares`
    are the open items it is for.
    """

    bank_account_id: int
    amount: Decimal
    currency: str
    value_date: NearDay
    customer_id: int | None = None
    posting_date: PastDay | None = None
    direction: str = Direction.IN
    method: str = PaymentMethod.TRANSFER
    reference: str = ""
    payer_name: str = ""
    bank_line_id: int | None = None
    bank_line_part: int = 1
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

    What is paid out beyond what the customer has with us waits for another person's approval and
    is not applied before. Locks what it is paid from, then all items at once. Per receipt the
    number of statements does not depend on its shares. Raises RuleViolation.
    """
    require(actor, "receivables.record_payment")
    for receipt in receipts:
        _refuse_wrong_receipt(receipt)
    hold_what_pays(
        (receipt.customer_id, receipt.currency)
        for receipt in receipts
        if receipt.direction == Direction.OUT and receipt.customer_id is not None
    )
    item_ids = [share.open_item_id for receipt in receipts for share in receipt.shares]
    if item_ids:
        require(actor, Payment.permission("allocate"))
    items = lock_all(OpenItem, item_ids) if item_ids else {}
    return [_receive(receipt, items, actor) for receipt in receipts]


def _receive(receipt: Receipt, items: Mapping[int, OpenItem], actor: Actor) -> Payment:
    beyond = ZERO
    if receipt.direction == Direction.OUT and receipt.customer_id is not None:
        beyond = beyond_what_is_there(receipt.customer_id, receipt.currency, receipt.amount)
    payment = _payment(receipt, beyond)
    allocations: list[Allocation] = []
    if receipt.shares and not beyond:
        allocations = use_payment(payment, receipt.shares, items)
    amount = round_amount(receipt.amount, receipt.currency)
    facts: dict[str, Any] = {"amount": amount, "currency": receipt.currency}
    if receipt.reference:
        facts["reference"] = receipt.reference
    if allocations:
        facts |= applied_facts(allocations)
    if beyond:
        facts["beyond"] = money_text(beyond, receipt.currency)
    event = "settled" if allocations else "asked" if beyond else "recorded"
    begin(payment, actor=actor, event=event, **facts)
    other_side = _other_side(payment)
    post_money(
        payment, "record", payment.posting_date, debit=Role.BANK, credit=other_side, actor=actor
    )
    if allocations:
        book_payment(payment, allocations, actor=actor)
    return payment


def _payment(receipt: Receipt, beyond: Decimal) -> Payment:
    posting_date = receipt.posting_date or min(receipt.value_date, clock.today())
    known = receipt.customer_id is not None and not beyond
    state = PaymentState.RECEIVED if known else PaymentState.UNASSIGNED
    return Payment(
        state=PaymentState.WAITING if beyond else state,
        beyond=beyond,
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
        bank_line_part=receipt.bank_line_part,
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
    payment_id: int, *, customer_id: int, assigned_date: PastDay | None = None, actor: Actor
) -> Payment:
    """Say whose money it is; it joins the customer's account on assigned_date (default: today).

    What was paid out beyond what the customer has with us waits for another person's approval.
    Locks the payment, then what it is paid from. Raises RuleViolation.
    """
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise RuleViolation(_("There is no such customer. Choose who paid."), field="customer")
    payment = lock(Payment, payment_id)
    require(actor, Payment.permission("assign"))
    refuse_blocked(payment, "assign")
    payment.customer = customer
    if payment.direction == Direction.OUT:
        hold_what_pays([(customer_id, payment.currency)])
        payment.beyond = beyond_what_is_there(customer_id, payment.currency, payment.total)
        payment.approved_by = ""
        if payment.beyond:
            beyond = money_text(payment.beyond, payment.currency)
            return transition(payment, "ask", actor=actor, customer=customer.code, beyond=beyond)
    _join_account(payment, "assign", assigned_date, actor=actor, customer=customer.code)
    return payment


@command
def approve_payment(
    payment_id: int, *, assigned_date: PastDay | None = None, actor: Actor
) -> Payment:
    """Agree to what was paid out beyond what the customer had with us; it joins the account.

    By another person than who recorded it. Locks the payment. Raises RuleViolation.
    """
    payment = lock(Payment, payment_id)
    require(actor, Payment.permission("approve"))
    refuse_blocked(payment, "approve")
    _refuse_own(payment, actor)
    payment.approved_by = actor.get_username()
    _join_account(payment, "approve", assigned_date, actor=actor)
    return payment


@command
def reject_payment(payment_id: int, *, reason: str, actor: Actor) -> Payment:
    """The money was not for this customer; it waits on the suspense account for whom it was.

    By another person than who recorded it. Locks the payment. Raises RuleViolation.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why it is not approved."), field="reason")
    payment = lock(Payment, payment_id)
    require(actor, Payment.permission("reject"))
    refuse_blocked(payment, "reject")
    _refuse_own(payment, actor)
    payment.customer, payment.beyond = None, ZERO
    return transition(payment, "reject", actor=actor, reason=reason.strip())


def _refuse_own(payment: Payment, actor: Actor) -> None:
    if payment.created_by == actor.get_username():
        raise NotPermitted(_("You recorded this payment; somebody else has to decide."))


def _join_account(
    payment: Payment, verb: str, assigned_date: date | None, *, actor: Actor, **facts: Any
) -> None:
    """Move a payment from the suspense account to its customer's, on a day (default: today)."""
    day = max(assigned_date or clock.today(), payment.posting_date)
    payment.assigned_date, payment.assigned_at = day, clock.now()
    transition(payment, verb, actor=actor, date=day, **facts)
    purpose = f"{verb} {payment.version}"
    roles = {"debit": Role.BANK_SUSPENSE, "credit": Role.UNAPPLIED_CASH}
    post_money(payment, purpose, day, actor=actor, **roles)


def _other_side(payment: Payment) -> Role:
    """Where the money is while it is on the bank: the customer's account, or unexplained."""
    return Role.UNAPPLIED_CASH if payment.assigned_date else Role.BANK_SUSPENSE


@command
def reverse_payment(
    payment_id: int, *, reason: str, effective_date: PastDay | None = None, actor: Actor
) -> Payment:
    """Take a payment out of the books: it bounced, or was a mistake. Its items open again.

    So does money that it repaid, or that repaid it. Locks the payments, then the items. Raises
    RuleViolation.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why the payment is reversed."), field="reason")
    held = lock_with_partners(payment_id)
    payment = held.payment
    require(actor, Payment.permission("reverse"))
    refuse_blocked(payment, "reverse")
    undone: tuple[list[Allocation], list[Repayment]] = ([], [])
    refuse_returned(payment)
    if payment.allocated:
        undone = take_back(held, None, None, effective_date)
    opened = lock_items_of_return(payment) if payment.returns_id is not None else []
    day = max(
        effective_date or clock.today(),
        payment.assigned_date or payment.posting_date,
        *(row.effective_date for rows in undone for row in rows),
    )
    payment.reversed_date, payment.reversed_at = day, clock.now()
    facts = {"reason": reason.strip(), "date": day}
    if any(undone):
        facts["reopened"] = applied_facts(*undone, of=payment)["items"]
    transition(payment, "reverse", actor=actor, **facts)
    book_taken_back(payment, *undone, day_is_chosen=effective_date is not None, actor=actor)
    post_money(payment, "reverse", day, debit=_other_side(payment), credit=Role.BANK, actor=actor)
    set_discount_ends(opened)
    return payment


def post_money(
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
        [line(debit, 1), line(credit, -1), *_fee_lines(payment, debit, credit)],
        actor=actor,
        description=payment.reference[:200],
    )


def _fee_lines(payment: Payment, debit: Role, credit: Role) -> list[Posting]:
    """What the bank took for a return: its charge, where the bank's account is moved."""
    if not payment.fee or Role.BANK not in (debit, credit):
        return []
    sign = -1 if debit == Role.BANK else 1
    fee, base = sign * payment.fee, sign * payment.base_fee
    bank_id = payment.bank_account_id
    return [
        Posting(Role.BANK_CHARGES.value, -fee, payment.currency, -base),
        Posting(Role.BANK.value, fee, payment.currency, base, bank_account_id=bank_id),
    ]
