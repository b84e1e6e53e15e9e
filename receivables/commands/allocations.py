"""Using a payment for open items, and taking that back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock, lock_all, lock_where
from o2c.core.days import PastDay
from o2c.core.errors import Busy, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.money import ZERO
from o2c.core.transitions import save_document
from o2c.ledger.models import Role
from o2c.web.formats import date_text, money_text
from receivables.commands.applying import (
    Booking,
    base_currency_of,
    book,
    clear,
    mirror,
    refuse_wrong_shares,
)
from receivables.commands.repayments import (
    Held,
    book_repayments,
    lock_with_partners,
    part_again,
    refuse_returned,
    repay,
    repayable,
)
from receivables.models import Allocation, OpenItem, Payment, PaymentState, Repayment
from receivables.rules import allocation as rules
from receivables.rules.allocation import Owed, PaymentShare, Share

_MOST_NAMED = 20  # documents named in an event


@command
def allocate_payment(
    payment_id: int,
    *,
    shares: Sequence[Share] = (),
    payments: Sequence[PaymentShare] = (),
    effective_date: PastDay | None = None,
    actor: Actor,
) -> Payment:
    """Use a payment for open items and for payments that went the other way; the rest is left.

    Locks the payments, then the items. Each part counts from the later of the two accounting
    dates, or from effective_date when that is later still. Raises RuleViolation.
    """
    others = lock_all(Payment, [payment_id, *(share.payment_id for share in payments)])
    payment = lock(Payment, payment_id)
    require(actor, Payment.permission("allocate"))
    items = lock_all(OpenItem, [share.open_item_id for share in shares])
    return _allocate(payment, Use(shares, payments, items, others), effective_date, actor)


@command
def allocate_oldest_first(
    payment_id: int, *, effective_date: PastDay | None = None, actor: Actor
) -> Payment:
    """Use a payment for the customer's open items by due date, as far as it goes.

    Money paid back goes to the customer's credits, then to money of the customer not used yet.
    Locks the payments, then the open items of the customer. Raises RuleViolation when nothing is
    open or nothing is left.
    """
    others = lock_all(Payment, [payment_id, *repayable(payment_id)])
    payment = lock(Payment, payment_id)
    require(actor, Payment.permission("allocate"))
    fitting: dict[str, Any] = {"open_amount__gt" if payment.sign > 0 else "open_amount__lt": 0}
    _refuse_unusable(payment)
    items = lock_where(
        OpenItem, customer_id=payment.customer_id, currency=payment.currency, **fitting
    )
    owed = [Owed(item.pk, item.due_date, abs(item.open_amount)) for item in items]
    shares = rules.oldest_first(payment.unapplied, owed)
    rest = payment.unapplied - sum((share.amount for share in shares), ZERO)
    met = [other for pk, other in others.items() if pk != payment_id and other.unapplied]
    waiting = [Owed(other.pk, other.value_date, other.unapplied) for other in met]
    payments = [PaymentShare(pk, amount) for pk, amount, _ in rules.oldest_first(rest, waiting)]
    if not shares and not payments:
        raise RuleViolation(
            _("The customer has nothing open in %(currency)s that %(payment)s could settle.")
            % {"currency": payment.currency, "payment": payment}
        )
    use = Use(shares, payments, {item.pk: item for item in items}, others)
    return _allocate(payment, use, effective_date, actor)


@command
def reverse_allocation(
    allocation_id: int, *, reason: str, effective_date: PastDay | None = None, actor: Actor
) -> Payment:
    """Take one allocation of a payment back; the exact mirror is posted.

    Locks the payment, then the item. Raises RuleViolation.
    """
    allocation = Allocation.objects.filter(pk=allocation_id).first()
    if allocation is None:
        raise NotFound(_("Allocation %(pk)s does not exist.") % {"pk": allocation_id})
    if allocation.payment_id is None:
        source = allocation.credit_application or allocation.write_off
        raise RuleViolation(
            _("This was not settled by a payment. Take %(source)s back instead.")
            % {"source": source}
        )
    return reverse_allocations(
        allocation.payment_id,
        allocation_ids=[allocation_id],
        reason=reason,
        effective_date=effective_date,
        actor=actor,
    )


@command
def reverse_allocations(
    payment_id: int,
    *,
    reason: str,
    allocation_ids: Collection[int] | None = None,
    repayment_ids: Collection[int] | None = None,
    effective_date: PastDay | None = None,
    actor: Actor,
) -> Payment:
    """Take some (by default all) that a payment was used for back; the payment itself stays.

    It ends on effective_date (default: today, and never before it began). Locks the payments,
    then the items. Raises RuleViolation.
    """
    require(actor, "receivables.reverse_allocation")
    if not reason.strip():
        raise RuleViolation(_("Say why it is taken back."), field="reason")
    if (allocation_ids, repayment_ids) != (None, None):
        allocation_ids, repayment_ids = allocation_ids or [], repayment_ids or []
    held = lock_with_partners(payment_id)
    payment = held.payment
    if payment.returns_id is not None:
        raise RuleViolation(
            _("%(payment)s is the bank’s return of another. Reverse it, if it is wrong.")
            % {"payment": payment}
        )
    if held.repayments:
        refuse_returned(payment)
    undone = take_back(held, allocation_ids, repayment_ids, effective_date)
    save_document(
        payment,
        actor=actor,
        event="unallocated",
        reason=reason.strip(),
        **applied_facts(*undone, of=payment),
    )
    book_taken_back(payment, *undone, day_is_chosen=effective_date is not None, actor=actor)
    return payment


class Use(NamedTuple):
    """What a payment is used for: shares of held items and of held payments."""

    shares: Sequence[Share]
    payments: Sequence[PaymentShare]
    items: Mapping[int, OpenItem]
    others: Mapping[int, Payment]


def _allocate(payment: Payment, use: Use, effective_date: date | None, actor: Actor) -> Payment:
    day_is_chosen = effective_date is not None
    _refuse_unusable(payment)
    repayments = repay(payment, use.payments, use.others, effective_date) if use.payments else []
    allocations = (
        use_payment(payment, use.shares, use.items, effective_date)
        if use.shares or not repayments
        else []
    )
    facts = applied_facts(allocations, repayments, of=payment)
    save_document(payment, actor=actor, event="allocated", **facts)
    if allocations:
        book([booking_of(payment, allocations, day_is_chosen=day_is_chosen)], actor=actor)
    if repayments:
        book_repayments(
            payment, repayments, event="allocated", day_is_chosen=day_is_chosen, actor=actor
        )
    return payment


def use_payment(
    payment: Payment,
    shares: Sequence[Share],
    items: Mapping[int, OpenItem],
    effective_date: date | None = None,
) -> list[Allocation]:
    """Take the shares off payment and items, in memory. Raises RuleViolation."""
    _refuse_unusable(payment)
    refuse_wrong_shares(
        shares,
        items,
        customer_id=payment.customer_id,
        currency=payment.currency,
        left=payment.unapplied,
        owed=payment.sign,
        value_date=payment.value_date if payment.sign > 0 else None,
    )
    chosen = [items[share.open_item_id] for share in shares]
    base_currency = base_currency_of(chosen, (payment.left, payment.base_left))
    return [
        _use(payment, share, item, base_currency, effective_date)
        for share, item in zip(shares, chosen, strict=True)
    ]


def _refuse_unusable(payment: Payment) -> None:
    """Refuse to apply what is nobody's, reversed, or used up."""
    if payment.state == PaymentState.UNASSIGNED:
        sentence = _("%(payment)s cannot be applied yet: say first whose money it is.")
    elif payment.state == PaymentState.WAITING:
        sentence = _("%(payment)s cannot be applied yet: another person has to approve it first.")
    elif payment.state == PaymentState.REVERSED:
        sentence = _("%(payment)s was reversed; nothing of it can be applied any more.")
    elif not payment.unapplied:
        sentence = _("Nothing is left of %(payment)s. Take back what it was applied to first.")
    else:
        return
    raise RuleViolation(sentence % {"payment": payment})


def _use(
    payment: Payment,
    share: Share,
    item: OpenItem,
    base_currency: str,
    effective_date: date | None,
) -> Allocation:
    assert payment.assigned_date is not None, "a received payment has its payer"
    first_day = rules.effective_date([payment.assigned_date, item.posting_date])
    if effective_date is not None and effective_date < first_day:
        raise RuleViolation(
            _("%(item)s: this can count from %(day)s at the earliest.")
            % {"item": item, "day": date_text(first_day)},
            field="effective_date",
        )
    base = rules.base_of_part(share.amount, payment.left, payment.base_left, base_currency)
    payment.allocated += share.amount
    payment.base_allocated += base
    allocation = clear(item, share, base_currency, base_amount=base)
    allocation.effective_date = effective_date or first_day
    return allocation


def take_back(
    held: Held,
    allocation_ids: Collection[int] | None,
    repayment_ids: Collection[int] | None,
    effective_date: date | None,
) -> tuple[list[Allocation], list[Repayment]]:
    """Mirror, in memory, live uses of a payment; locks the items. None means all of that kind.

    Raises RuleViolation, and Busy when all is taken back while somebody else uses it.
    """
    payment = held.payment
    repaid = [row for row in held.repayments if repayment_ids is None or row.pk in repayment_ids]
    if repayment_ids is not None and len(repaid) < len(set(repayment_ids)):
        raise RuleViolation(
            _("Some of this was already taken back. Look at %(payment)s again.")
            % {"payment": payment},
            field="allocations",
        )
    found = _live(payment, allocation_ids, also=bool(repaid))
    items = lock_all(OpenItem, [allocation.open_item_id for allocation in found])
    mirrors = []
    for allocation in found:
        allocation.open_item = items[allocation.open_item_id]
        day = max(effective_date or clock.today(), allocation.effective_date)
        mirrors.append(mirror(allocation, day))
        payment.allocated -= payment.sign * allocation.amount
        payment.base_allocated -= payment.sign * allocation.base_amount
    parted = part_again(repaid, held.payments, effective_date)
    if allocation_ids is None and repayment_ids is None and payment.allocated:
        raise Busy
    return mirrors, parted


def book_taken_back(
    payment: Payment,
    mirrors: Sequence[Allocation],
    repayments: Sequence[Repayment],
    *,
    day_is_chosen: bool,
    actor: Actor,
) -> None:
    """Post and save what `take_back` mirrored; the payment is saved already."""
    if mirrors:
        booking = booking_of(payment, mirrors, purpose="take back", day_is_chosen=day_is_chosen)
        book([booking], actor=actor)
    if repayments:
        book_repayments(
            payment, repayments, event="unallocated", day_is_chosen=day_is_chosen, actor=actor
        )


def _live(
    payment: Payment, allocation_ids: Collection[int] | None, *, also: bool
) -> list[Allocation]:
    """The allocations of a payment (all when None) that still stand. Raises RuleViolation.

    None may be left where something `also` is taken back.
    """
    every = Allocation.objects.filter(payment_id=payment.pk, reverses__isnull=True)
    chosen = every if allocation_ids is None else every.filter(pk__in=allocation_ids)
    live = list(chosen.filter(reversed_by__isnull=True).order_by("pk"))
    wanted = len(live) if allocation_ids is None else len(set(allocation_ids))
    if len(live) == wanted and (live or also):
        return live
    if allocation_ids is not None and not wanted:
        sentence = _("Choose what of %(payment)s is taken back.")
    elif not every.exists():
        sentence = _("%(payment)s was never applied; there is nothing to take back.")
    elif allocation_ids is not None and chosen.count() < wanted:
        sentence = _("Not all that was chosen was settled by %(payment)s. Choose again.")
    elif allocation_ids is None:
        sentence = _("All of %(payment)s was already taken back.")
    else:
        sentence = _("Some of this was already taken back. Look at %(payment)s again.")
    raise RuleViolation(sentence % {"payment": payment}, field="allocations")


def booking_of(
    payment: Payment,
    allocations: Sequence[Allocation],
    *,
    purpose: str = "allocation",
    day_is_chosen: bool = False,
) -> Booking:
    """Allocations of a payment that is stored. Its version makes the purpose unique."""
    for allocation in allocations:
        allocation.payment = payment
    return Booking(
        allocations,
        source=(payment._meta.label_lower, payment.pk),
        purpose=f"{purpose} {payment.version}",
        debit=Role.UNAPPLIED_CASH,
        description=payment.reference[:200],
        day_is_chosen=day_is_chosen,
    )


def applied_facts(
    allocations: Sequence[Allocation],
    repayments: Sequence[Repayment] = (),
    *,
    of: Payment | None = None,
) -> dict[str, Any]:
    """What an event says about uses of money: their sums and the documents they concern.

    Repayments are told from the side `of` one of their payments.
    """
    used: tuple[Allocation | Repayment, ...] = (*allocations, *repayments)
    currency = used[0].currency
    discount = sum((allocation.discount for allocation in allocations), ZERO)
    names = [str(allocation.open_item) for allocation in allocations]
    names += [str(row.other_than(of)) for row in repayments]
    facts: dict[str, Any] = {
        "applied": money_text(sum((row.amount for row in used), ZERO), currency),
        "items": ", ".join(names[:_MOST_NAMED]),
    }
    if discount:
        facts["discount"] = money_text(discount, currency)
    if len(names) > _MOST_NAMED:
        facts["further_items"] = len(names) - _MOST_NAMED
    return facts
