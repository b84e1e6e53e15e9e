"""What a customer says about an item: a dispute, or a promise to pay. Both pause dunning."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock, lock_where
from o2c.core.errors import RuleViolation
from o2c.core.formats import money_text
from o2c.core.money import minor_units, round_amount, round_to
from o2c.core.transitions import begin, transition
from receivables.models import Dispute, DisputeState, OpenItem, Promise, PromiseState

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
    _refuse_wrong_amount(item, amount)
    known = Dispute.objects.filter(open_item=item, state=DisputeState.OPEN).first()
    if known:
        raise RuleViolation(_("%(dispute)s about this item is open already.") % {"dispute": known})
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
def record_promise(
    open_item_id: int, *, amount: Decimal, promised_date: date, note: str = "", actor: Actor
) -> Promise:
    """Note that the customer promises to pay an amount by a day; a newer promise replaces it.

    Locks the earlier promise, then the item. Raises RuleViolation.
    """
    require(actor, "receivables.record_promise")
    earlier = lock_where(Promise, open_item_id=open_item_id, state=PromiseState.OPEN)
    item = lock(OpenItem, open_item_id)
    _refuse_wrong_amount(item, amount)
    days = (promised_date - clock.today()).days
    if not 0 <= days <= LONGEST_PROMISE_DAYS:
        raise RuleViolation(
            _("A promise is for a day within the next %(days)s days.")
            % {"days": LONGEST_PROMISE_DAYS},
            field="promised_date",
        )
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


@command
def withdraw_promise(promise_id: int, *, reason: str, actor: Actor) -> Promise:
    """The promise no longer holds. Locks the promise. Raises RuleViolation."""
    if not reason.strip():
        raise RuleViolation(_("Say why the promise no longer holds."), field="reason")
    return transition(lock(Promise, promise_id), "withdraw", actor=actor, reason=reason.strip())


def _refuse_wrong_amount(item: OpenItem, amount: Decimal) -> None:
    places = minor_units(item.currency)
    if amount <= 0 or amount > item.open_amount or round_to(amount, places) != amount:
        raise RuleViolation(
            _("The amount must be between zero and the %(open)s still open.")
            % {"open": money_text(item.open_amount, item.currency)},
            field="amount",
        )
