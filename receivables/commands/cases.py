"""What a customer says about an item: a dispute, or a promise to pay. Both pause dunning."""

from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock, lock_where
from o2c.core.days import PlannedDay
from o2c.core.errors import Busy, RuleViolation
from o2c.core.money import round_amount
from o2c.core.transitions import begin, transition
from receivables.commands.applying import refuse_wrong_part
from receivables.models import (
    Allocation,
    Dispute,
    DisputeReason,
    DisputeState,
    OpenItem,
    Promise,
    PromiseState,
)

LONGEST_PROMISE_DAYS = 90


@command
def open_dispute(
    open_item_id: int, *, amount: Decimal, reason: str, note: str = "", actor: Actor
) -> Dispute:
    """Note that the customer contests an amount of an item: it is not dunned until resolved.

    Locks the item. Raises RuleViolation.
    """
    require(actor, "receivables.open_dispute")
    item = lock(OpenItem, open_item_id)
    refuse_wrong_part(item, amount)
    if reason not in DisputeReason.values:
        raise RuleViolation(
            _("“%(given)s” is no reason for a dispute. There are: %(known)s.")
            % {"given": reason[:40], "known": ", ".join(DisputeReason.values)},
            field="reason",
        )
    known = Dispute.objects.filter(open_item=item, state=DisputeState.OPEN).first()
    if known:
        raise RuleViolation(
            _("%(dispute)s about this item is open already. Resolve it first.") % {"dispute": known}
        )
    dispute = Dispute(
        open_item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=amount,
        reason=reason,
        note=note,
    )
    return begin(
        dispute,
        actor=actor,
        event="opened",
        amount=round_amount(amount, item.currency),
        item=str(item),
        reason=dispute.get_reason_display(),
    )


@command
def resolve_dispute(dispute_id: int, *, resolution: str, actor: Actor) -> Dispute:
    """Close a dispute with the words it ended with; the item may be dunned again.

    Locks the dispute. Raises RuleViolation.
    """
    dispute = lock(Dispute, dispute_id)
    if not resolution.strip():
        raise RuleViolation(_("Say how it was resolved."), field="resolution")
    dispute.resolution = resolution.strip()
    return transition(dispute, "resolve", actor=actor, reason=dispute.resolution)


@command
def close_credited_disputes(application_id: int, *, actor: Actor) -> list[Dispute]:
    """Close the disputes about what a credit has settled: the customer was right. Converges.

    Locks the disputes. An item of which something is left stays contested.
    """
    uses = Allocation.objects.filter(
        credit_application=application_id, reverses__isnull=True, reversed_by__isnull=True
    )
    settled = uses.filter(open_item__open_amount=0)
    credits = dict(settled.values_list("open_item_id", "credit_item__document_number"))
    disputes = lock_where(Dispute, open_item_id__in=sorted(credits), state=DisputeState.OPEN)
    for dispute in disputes:
        credit = credits[dispute.open_item_id]
        dispute.resolution = _("Credited in full with %(credit)s.") % {"credit": credit}
        transition(dispute, "resolve", actor=actor, reason=dispute.resolution)
    return disputes


@command
def record_promise(
    open_item_id: int, *, amount: Decimal, promised_date: PlannedDay, note: str = "", actor: Actor
) -> Promise:
    """Note that the customer promises to pay an amount by a day; a newer promise replaces it.

    Locks the earlier promise, then the item. Raises RuleViolation, and Busy when another promise
    is noted at the same moment.
    """
    require(actor, "receivables.record_promise")
    earlier = lock_where(Promise, open_item_id=open_item_id, state=PromiseState.OPEN)
    item = lock(OpenItem, open_item_id)
    refuse_wrong_part(item, amount)
    days = (promised_date - clock.today()).days
    if not 0 <= days <= LONGEST_PROMISE_DAYS:
        raise RuleViolation(
            _("A promise is for a day within the next %(days)s days.")
            % {"days": LONGEST_PROMISE_DAYS},
            field="promised_date",
        )
    if _open_promises(item).exclude(pk__in=[promise.pk for promise in earlier]).exists():
        raise Busy  # somebody else's came while we waited for the item
    for promise in earlier:
        transition(promise, "withdraw", actor=actor, reason=_("Replaced by a newer promise."))
    promise = Promise(
        open_item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=amount,
        promised_date=promised_date,
        open_before=item.open_amount,
        note=note,
    )
    return begin(
        promise,
        actor=actor,
        event="recorded",
        amount=round_amount(amount, item.currency),
        item=str(item),
        date=promised_date,
    )


def _open_promises(item: OpenItem) -> QuerySet[Promise]:
    return Promise.objects.filter(open_item=item, state=PromiseState.OPEN)


@command
def withdraw_promise(promise_id: int, *, reason: str, actor: Actor) -> Promise:
    """The promise no longer holds. Locks the promise. Raises RuleViolation."""
    if not reason.strip():
        raise RuleViolation(_("Say why the promise no longer holds."), field="reason")
    return transition(lock(Promise, promise_id), "withdraw", actor=actor, reason=reason.strip())
