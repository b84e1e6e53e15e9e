"""A payment gets its payer, joins the account, and may go back out of the books."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.days import PastDay
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.money import ZERO
from o2c.core.transitions import refuse_blocked, transition
from o2c.ledger.commands import EntryDraft, Posting, post_entries
from o2c.ledger.models import Role
from o2c.masters.models import Customer
from o2c.web.formats import money_text
from receivables.commands.allocations import (
    applied_facts,
    book_taken_back,
    take_back,
)
from receivables.commands.discounts import lock_items_of_return, set_discount_ends
from receivables.commands.paying_out import beyond_what_is_there, hold_what_pays
from receivables.commands.repayments import lock_with_partners, refuse_returned
from receivables.models import (
    Allocation,
    Direction,
    Payment,
    Repayment,
)


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


def other_side(payment: Payment) -> Role:
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
    post_money(payment, "reverse", day, debit=other_side(payment), credit=Role.BANK, actor=actor)
    set_discount_ends(opened)
    return payment


def post_money(
    payment: Payment, purpose: str, day: date, *, debit: Role, credit: Role, actor: Actor
) -> None:
    """Move the whole payment from credit to debit (the other way round for money paid back)."""
    post_entries([money_entry(payment, purpose, day, debit=debit, credit=credit)], actor=actor)


def money_entry(
    payment: Payment, purpose: str, day: date, *, debit: Role, credit: Role
) -> EntryDraft:
    """The entry that `post_money` posts."""
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

    return EntryDraft(
        (payment._meta.label_lower, payment.pk),
        purpose,
        day,
        [line(debit, 1), line(credit, -1), *_fee_lines(payment, debit, credit)],
        payment.reference[:200],
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
