"""The bank takes a payment back: a bounced debit, a cheque without funds, a recalled transfer."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command
from o2c.core.days import NearDay, PastDay
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.money import ZERO, convert, minor_units, round_to
from o2c.core.transitions import begin, save_document
from o2c.ledger.models import Role
from o2c.masters.queries import company, rate_on
from o2c.web.formats import date_text, money_text
from receivables.commands.allocations import applied_facts, book_taken_back, take_back
from receivables.commands.discounts import set_discount_ends
from receivables.commands.payments import post_money
from receivables.commands.repayments import (
    Held,
    book_repayments,
    lock_with_partners,
    refuse_returned,
    repay,
)
from receivables.models import (
    Allocation,
    Direction,
    Payment,
    PaymentState,
    Repayment,
)
from receivables.rules.allocation import PaymentShare


@dataclass(frozen=True)
class Return:
    """What the bank said when it took a payment back; `fee` in its currency, on top of it.

    `value_date` is by default the day it was booked, `returned_date`.
    """

    returned_date: PastDay
    reason: str
    fee: Decimal = ZERO
    value_date: NearDay | None = None
    bank_line_id: int | None = None
    bank_line_part: int = 1


@command
def return_payment(
    payment_id: int,
    *,
    reason: str,
    returned_date: PastDay,
    fee: Decimal = ZERO,
    value_date: NearDay | None = None,
    bank_line_id: int | None = None,
    bank_line_part: int = 1,
    actor: Actor,
) -> Payment:
    """Record that the bank took a payment back; returns the payment out that does so.

    A dated event of its own: the payment, its bank line and a signed-off statement stay as they
    are. From `returned_date` on its items are open again and earn no early discount any more; the
    bank's `fee`, in the payment's currency, is our charge. Locks the payments, then the items.
    Raises RuleViolation.
    """
    told = Return(returned_date, reason.strip(), fee, value_date, bank_line_id, bank_line_part)
    held = lock_with_partners(payment_id)
    require(actor, Payment.permission("return"))
    _refuse_wrong_return(held.payment, told)
    undone: tuple[list[Allocation], list[Repayment]] = ([], [])
    if held.payment.allocated:
        undone = take_back(held, None, None, told.returned_date)
    return _take_away(held, told, undone, actor)


def _take_away(
    held: Held,
    told: Return,
    undone: tuple[Sequence[Allocation], Sequence[Repayment]],
    actor: Actor,
) -> Payment:
    payment, back = held.payment, _return_of(held.payment, told)
    facts: dict[str, Any] = {"reason": told.reason}
    if told.fee:
        facts["fee"] = money_text(told.fee, back.currency)
    begin(back, actor=actor, event="recorded", amount=back.total, currency=back.currency, **facts)
    _post(back, actor)
    if any(undone):
        facts["reopened"] = applied_facts(*undone, of=payment)["items"]
    met = repay(payment, [PaymentShare(back.pk, payment.total)], {back.pk: back})
    facts |= {"date": told.returned_date, "return": str(back)}
    save_document(payment, actor=actor, event="returned", **facts)
    book_taken_back(payment, *undone, day_is_chosen=False, actor=actor)
    book_repayments(payment, met, event="allocated", day_is_chosen=False, actor=actor)
    set_discount_ends({row.open_item_id: row.open_item for row in undone[0]}.values())
    return back


def _post(back: Payment, actor: Actor) -> None:
    """Post a return on its day; before the customer's account has the payment it is suspense."""
    day, joins = back.posting_date, back.assigned_date
    assert joins is not None, "what comes back has its payer"
    theirs, suspense = Role.UNAPPLIED_CASH, Role.BANK_SUSPENSE
    other = theirs if joins == day else suspense
    post_money(back, "record", day, debit=Role.BANK, credit=other, actor=actor)
    if other == suspense:
        post_money(back, "assign", joins, debit=suspense, credit=theirs, actor=actor)


def _return_of(payment: Payment, told: Return) -> Payment:
    """The payment out that undoes a payment at its own base value, so that no rate matters."""
    base_currency, fee = company().base_currency, told.fee
    if fee and payment.currency != base_currency:
        fee = convert(fee, rate_on(payment.currency, told.returned_date), base_currency)
    return Payment(
        state=PaymentState.RECEIVED,
        direction=Direction.OUT,
        returns=payment,
        customer_id=payment.customer_id,
        bank_account_id=payment.bank_account_id,
        amount=payment.total,
        currency=payment.currency,
        base_amount=payment.base_amount,
        fee=told.fee,
        base_fee=fee,
        method=payment.method,
        reference=told.reason[:500],
        payer_name=payment.payer_name,
        bank_line_id=told.bank_line_id,
        bank_line_part=told.bank_line_part,
        value_date=told.value_date or told.returned_date,
        posting_date=told.returned_date,
        assigned_date=max(told.returned_date, payment.assigned_date or told.returned_date),
        assigned_at=clock.now(),
    )


def _refuse_wrong_return(payment: Payment, told: Return) -> None:
    """Refuse what cannot come back, or not so. Raises RuleViolation."""
    places = minor_units(payment.currency)
    if not told.reason:
        raise RuleViolation(_("Say why it came back."), field="reason")
    if payment.state == PaymentState.UNASSIGNED:
        raise RuleViolation(
            _("Say first whose money %(payment)s is, then that it came back.")
            % {"payment": payment}
        )
    if payment.direction != Direction.IN or payment.state != PaymentState.RECEIVED:
        raise RuleViolation(
            _("%(payment)s is no money on a customer's account that could come back.")
            % {"payment": payment}
        )
    if not told.fee.is_finite() or told.fee < 0 or round_to(told.fee, places) != told.fee:
        raise RuleViolation(
            _("The fee must not be below zero, with at most %(places)s decimals.")
            % {"places": places},
            field="fee",
        )
    first_day = payment.posting_date
    if not first_day <= told.returned_date <= clock.today():
        raise RuleViolation(
            _("It came on %(day)s and can have gone back since then, until today.")
            % {"day": date_text(first_day)},
            field="returned_date",
        )
    refuse_returned(payment)


@command
def join_bank_line(payment_id: int, *, bank_line_id: int, actor: Actor) -> Payment:
    """Note which bank line an entered payment is, so that the bank is not counted twice.

    Locks the payment. Raises RuleViolation.
    """
    held = lock_with_partners(payment_id)
    payment = held.payment
    require(actor, "receivables.record_payment")
    if payment.state == PaymentState.REVERSED or payment.bank_line_id is not None:
        raise RuleViolation(
            _("%(payment)s is reversed, or is a bank line already.") % {"payment": payment}
        )
    payment.bank_line_id = bank_line_id
    return save_document(payment, actor=actor, event="joined")


@command
def part_bank_line(payment_id: int, *, reason: str, actor: Actor) -> Payment:
    """Take an entered payment off its bank line; it stays in the books. Locks the payment.

    Raises NotFound.
    """
    payment = lock_with_partners(payment_id).payment
    if payment.bank_line_id is None:
        raise NotFound(_("%(payment)s is on no bank line.") % {"payment": payment})
    payment.bank_line_id = None
    return save_document(payment, actor=actor, event="parted", reason=reason.strip())
