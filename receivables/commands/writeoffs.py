"""Giving up an amount: asked by one person, decided by another, reversible."""

from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.days import PastDay
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.money import round_amount
from o2c.core.transitions import begin, refuse_blocked, transition
from o2c.ledger.models import Role
from receivables.commands.applying import (
    Booking,
    base_currency_of,
    book,
    clear,
    mirror,
    refuse_wrong_part,
)
from receivables.models import Allocation, OpenItem, WriteOff, WriteOffReason, WriteOffState
from receivables.rules.allocation import Share


@command
def request_write_off(
    open_item_id: int,
    *,
    amount: Decimal,
    reason: str = WriteOffReason.OTHER,
    note: str,
    actor: Actor,
) -> WriteOff:
    """Ask to give up an amount of an open item. Nothing is posted before another person agrees.

    Locks the item. Raises RuleViolation.
    """
    require(actor, "receivables.request_write_off")
    item = lock(OpenItem, open_item_id)
    refuse_wrong_part(item, amount)
    if not note.strip():
        raise RuleViolation(_("Say why the amount is given up."), field="note")
    if reason not in WriteOffReason.values:
        raise RuleViolation(
            _("“%(given)s” is no reason for a write-off. There are: %(known)s.")
            % {"given": reason[:40], "known": ", ".join(WriteOffReason.values)},
            field="reason",
        )
    waiting = WriteOff.objects.filter(open_item=item, state=WriteOffState.REQUESTED).first()
    if waiting:
        raise RuleViolation(
            _("%(write_off)s for this item is waiting for a decision. Have it decided first.")
            % {"write_off": waiting}
        )
    write_off = WriteOff(
        open_item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=amount,
        reason=reason,
        note=note.strip()[:500],
    )
    return begin(
        write_off,
        actor=actor,
        event="requested",
        amount=round_amount(amount, item.currency),
        item=str(item),
        reason=write_off.get_reason_display(),
    )


@command
def approve_write_off(
    write_off_id: int, *, posting_date: PastDay | None = None, note: str = "", actor: Actor
) -> WriteOff:
    """Give the amount up: Dr write-offs, Cr receivables, on posting_date (default: today).

    By another person than who asked. Locks the write-off, then the item. Raises RuleViolation.
    """
    write_off = lock(WriteOff, write_off_id)
    require(actor, WriteOff.permission("approve"))
    refuse_blocked(write_off, "approve")
    _refuse_own(write_off, actor)
    item = lock(OpenItem, write_off.open_item_id)
    refuse_wrong_part(item, write_off.amount)
    day = max(posting_date or clock.today(), item.posting_date)
    allocation = clear(item, Share(item.pk, write_off.amount), base_currency_of([item]))
    allocation.effective_date = day
    write_off.decided_by, write_off.decision_note = actor.get_username(), note.strip()[:500]
    write_off.posting_date = day
    amount = round_amount(write_off.amount, write_off.currency)
    transition(write_off, "approve", actor=actor, amount=amount, item=str(item))
    _book(write_off, allocation, "write off", actor)
    return write_off


@command
def reject_write_off(write_off_id: int, *, note: str, actor: Actor) -> WriteOff:
    """Refuse the request; the customer still owes it. By another person than who asked.

    Locks the write-off. Raises RuleViolation.
    """
    if not note.strip():
        raise RuleViolation(_("Say why it is not written off."), field="note")
    write_off = lock(WriteOff, write_off_id)
    require(actor, WriteOff.permission("reject"))
    refuse_blocked(write_off, "reject")
    _refuse_own(write_off, actor)
    write_off.decided_by, write_off.decision_note = actor.get_username(), note.strip()[:500]
    return transition(write_off, "reject", actor=actor, reason=note.strip())


@command
def reverse_write_off(
    write_off_id: int, *, reason: str, effective_date: PastDay | None = None, actor: Actor
) -> WriteOff:
    """The amount is owed again, for instance because the money came after all.

    Locks the write-off, then the item. Raises RuleViolation.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why the amount is owed again."), field="reason")
    write_off = lock(WriteOff, write_off_id)
    require(actor, WriteOff.permission("reverse"))
    refuse_blocked(write_off, "reverse")
    item = lock(OpenItem, write_off.open_item_id)
    allocation = Allocation.objects.get(write_off=write_off, reverses__isnull=True)
    allocation.open_item = item
    day = max(effective_date or clock.today(), allocation.effective_date)
    transition(write_off, "reverse", actor=actor, reason=reason.strip())
    _book(write_off, mirror(allocation, day), "take back", actor)
    return write_off


def _book(write_off: WriteOff, allocation: Allocation, purpose: str, actor: Actor) -> None:
    allocation.write_off = write_off
    booking = Booking(
        [allocation],
        source=(write_off._meta.label_lower, write_off.pk),
        purpose=purpose,
        debit=Role.WRITE_OFF,
        description=write_off.note[:200],
        day_is_chosen=True,
    )
    book([booking], actor=actor)


def _refuse_own(write_off: WriteOff, actor: Actor) -> None:
    if write_off.created_by == actor.get_username():
        raise NotPermitted(_("You asked for this write-off; somebody else has to decide."))
