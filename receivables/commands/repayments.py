"""Money paid back meets the money received that it repays, and that is taken back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.bulk import insert_rows
from o2c.core.commands import lock, lock_all
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ZERO, minor_units, round_to
from o2c.core.transitions import save_document
from o2c.ledger.commands import PeriodClosed, Posting, post_entry, why_not_open
from o2c.ledger.models import Role
from o2c.ledger.queries import posting_date_for
from o2c.masters.queries import company
from o2c.web.formats import date_text, money_text
from receivables.models import (
    Allocation,
    Direction,
    OpenItem,
    Payment,
    PaymentState,
    Repayment,
)
from receivables.queries.worklists import meeting
from receivables.rules.allocation import PaymentShare, base_of_part, effective_date


def repay(
    payment: Payment,
    shares: Sequence[PaymentShare],
    others: Mapping[int, Payment],
    chosen_day: date | None = None,
) -> list[Repayment]:
    """Let a payment meet held payments of the other direction, in memory. Raises RuleViolation."""
    _refuse_wrong_payments(payment, shares, others)
    base_currency = _base_currency_of([payment, *(others[share.payment_id] for share in shares)])
    return [
        _meet(payment, others[share.payment_id], share.amount, base_currency, chosen_day)
        for share in shares
    ]


def _meet(
    payment: Payment, other: Payment, amount: Decimal, base_currency: str, chosen_day: date | None
) -> Repayment:
    received, paid = (payment, other) if payment.sign > 0 else (other, payment)
    assert received.assigned_date is not None, "a received payment has its payer"
    assert paid.assigned_date is not None, "a received payment has its payer"
    assert received.customer_id is not None, "a received payment has its payer"
    first_day = effective_date([received.assigned_date, paid.assigned_date])
    if chosen_day is not None and chosen_day < first_day:
        raise RuleViolation(
            _("%(item)s: this can count from %(day)s at the earliest.")
            % {"item": other, "day": date_text(first_day)},
            field="effective_date",
        )
    return Repayment(
        received=received,
        paid=paid,
        customer_id=received.customer_id,
        currency=received.currency,
        amount=amount,
        base_received=_take(received, amount, base_currency),
        base_paid=_take(paid, amount, base_currency),
        effective_date=chosen_day or first_day,
    )


def _take(payment: Payment, amount: Decimal, base_currency: str) -> Decimal:
    """Use so much of a payment; returns the base value that leaves it."""
    base = base_of_part(amount, payment.left, payment.base_left, base_currency)
    payment.allocated += amount
    payment.base_allocated += base
    return base


def _base_currency_of(payments: Collection[Payment]) -> str:
    """The currency base values are rounded in; without a statement while nothing is rounded."""
    if all(payment.left == payment.base_left for payment in payments):
        return ""
    return company().base_currency


class Held(NamedTuple):
    """A payment that is locked, with the payments it meets and where they meet now."""

    payment: Payment
    payments: Mapping[int, Payment]
    repayments: Sequence[Repayment]


def lock_with_partners(payment_id: int) -> Held:
    """Lock a payment and those that meet it, together. Raises NotFound."""
    pairs = _live(payment_id).values_list("received_id", "paid_id")
    partners = {pk for pair in pairs for pk in pair} - {payment_id}
    payments = lock_all(Payment, [payment_id, *partners])
    payment = lock(Payment, payment_id)
    found = list(_live(payment_id).order_by("pk")) if partners else []
    known = [row for row in found if {row.received_id, row.paid_id} <= payments.keys()]
    return Held(payment, payments, known)


def lock_all_with_partners(payment_ids: Collection[int]) -> None:
    """Lock several payments, those that meet them, then the items they have settled."""
    for payment_id in payment_ids:
        lock_with_partners(payment_id)
    used = Allocation.objects.filter(payment__in=payment_ids)
    lock_all(OpenItem, set(used.values_list("open_item_id", flat=True)))


def _live(payment_id: int) -> QuerySet[Repayment]:
    """The repayments of a payment that still stand."""
    return Repayment.objects.filter(
        Q(received=payment_id) | Q(paid=payment_id),
        reverses__isnull=True,
        reversed_by__isnull=True,
    )


def refuse_returned(payment: Payment) -> None:
    """Refuse to take back what the bank's return has taken back. Raises RuleViolation."""
    back = Payment.objects.filter(returns=payment).exclude(state=PaymentState.REVERSED).first()
    if back is not None:
        raise RuleViolation(
            _("%(payment)s came back as %(back)s. Reverse that return first, if it is wrong.")
            % {"payment": payment, "back": back}
        )


def repayable(payment_id: int) -> list[int]:
    """Money on account that a payment out could repay; none for money received."""
    payment = Payment.objects.filter(pk=payment_id, direction=Direction.OUT).first()
    if payment is None:
        return []
    return list(meeting(payment).values_list("pk", flat=True))


def part_again(
    found: Sequence[Repayment], payments: Mapping[int, Payment], chosen_day: date | None
) -> list[Repayment]:
    """Mirror repayments in memory; both payments get back what they gave."""
    return [_mirror(row, payments, chosen_day) for row in found]


def _mirror(row: Repayment, payments: Mapping[int, Payment], chosen_day: date | None) -> Repayment:
    received, paid = payments[row.received_id], payments[row.paid_id]
    received.allocated -= row.amount
    received.base_allocated -= row.base_received
    paid.allocated -= row.amount
    paid.base_allocated -= row.base_paid
    return Repayment(
        received=received,
        paid=paid,
        customer_id=row.customer_id,
        currency=row.currency,
        amount=-row.amount,
        base_received=-row.base_received,
        base_paid=-row.base_paid,
        effective_date=max(chosen_day or clock.today(), row.effective_date),
        reverses=row,
    )


def book_repayments(
    payment: Payment,
    repayments: Sequence[Repayment],
    *,
    event: str,
    day_is_chosen: bool,
    actor: Actor,
) -> None:
    """Save repayments, post their exchange differences, and save the payments at the other end.

    `payment` itself is the caller's to save.
    """
    for number, row in enumerate(repayments):
        row.recorded_at, row.recorded_by = clock.now(), actor.get_username()
        open_day = posting_date_for(row.effective_date)
        if day_is_chosen and open_day != row.effective_date:
            raise why_not_open(row.effective_date) or PeriodClosed(row.effective_date)
        row.effective_date = open_day
        difference = row.base_received - row.base_paid
        if difference:
            row.entry = post_entry(
                (payment._meta.label_lower, payment.pk),
                f"{event} {payment.version} {number}",
                open_day,
                [
                    _line(Role.UNAPPLIED_CASH, row, difference),
                    _line(Role.FX_DIFFERENCE, row, -difference),
                ],
                actor=actor,
                description=payment.reference[:200],
            )
    insert_rows(repayments)
    others = {
        other.pk: other
        for row in repayments
        for other in (row.received, row.paid)
        if other.pk != payment.pk
    }
    for pk, other in others.items():
        amounts = [row.amount for row in repayments if pk in (row.received_id, row.paid_id)]
        save_document(
            other,
            actor=actor,
            event=event,
            applied=money_text(sum(amounts, ZERO), other.currency),
            items=str(payment),
        )


def _line(role: Role, row: Repayment, base: Decimal) -> Posting:
    customer_id = row.customer_id if role == Role.UNAPPLIED_CASH else None
    return Posting(role.value, ZERO, row.currency, base, customer_id=customer_id)


def _refuse_wrong_payments(
    payment: Payment, shares: Sequence[PaymentShare], others: Mapping[int, Payment]
) -> None:
    faults = []
    for row, share in enumerate(shares):
        other = others.get(share.payment_id)
        fault = (
            _("There is no payment %(pk)s.") % {"pk": share.payment_id}
            if other is None
            else _payment_fault(payment, other, share)
        )
        if fault:
            faults.append(RuleViolation(fault, field=f"payment_{share.payment_id}", row=row))
    if len({share.payment_id for share in shares}) < len(shares):
        faults.append(RuleViolation(_("A payment is chosen twice. Give it one amount.")))
    total = sum((share.amount for share in shares), ZERO)
    if total > payment.left:
        faults.append(
            RuleViolation(
                _("%(total)s are chosen, but only %(left)s are left.")
                % {
                    "total": money_text(total, payment.currency),
                    "left": money_text(payment.left, payment.currency),
                }
            )
        )
    refuse_if(faults)


def _payment_fault(payment: Payment, other: Payment, share: PaymentShare) -> str:
    """What is wrong with a share of another payment, or nothing."""
    places = minor_units(payment.currency)
    values = {
        "other": other,
        "currency": other.currency,
        "ours": payment.currency,
        "left": money_text(other.left, other.currency),
        "given": money_text(share.amount, payment.currency),
        "places": places,
    }
    if other.customer_id != payment.customer_id:
        return _("%(other)s is another customer's.") % values
    if other.currency != payment.currency:
        return _("%(other)s is in %(currency)s and cannot be settled in %(ours)s.") % values
    if other.direction == payment.direction:
        return _("%(other)s went the same way: money received meets money paid back.") % values
    if other.state != PaymentState.RECEIVED:
        return _("%(other)s is not on the customer's account.") % values
    if share.amount <= 0 or round_to(share.amount, places) != share.amount:
        return (
            _(
                "%(other)s: the amount must be above zero with at most %(places)s decimals; "
                "%(left)s are left."
            )
            % values
        )
    if share.amount > other.left:
        return _("%(other)s: %(given)s are more than the %(left)s left of it.") % values
    return ""
