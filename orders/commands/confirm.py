"""From the clerk's desk to the promise, and through the credit gate: submit, confirm, release."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import update_rows
from o2c.core.commands import command, lock
from o2c.core.money import ZERO, round_to
from o2c.core.transitions import save_document, transition
from orders.commands.progress import lock_order, perform_services, settle_progress
from orders.models import Order, OrderLine, OrderState
from orders.models.states import PROMISED
from orders.queries.supply import orders_promised, supply_terms
from orders.rules.promising import Promise, Wanted, promise

#: The code of the note that goods cannot be there in time.
SUPPLY_NOTE = "stock"


@command
def submit_order(order_id: int, *, actor: Actor) -> Order:
    """Hand a draft in for review."""
    return transition(lock(Order, order_id), "submit", actor=actor)


@command
def review_supply(order_id: int, *, actor: Actor) -> Order:
    """Note which lines of a submitted order cannot be there on the day asked for, or at all.

    For orders that nobody looks at while they come in: with such a note they wait for a person.
    """
    require(actor, "orders.submit_order")
    order, lines = lock_order(order_id)
    if order.state != OrderState.SUBMITTED:
        return order
    notes = supply_notes(order, lines)
    if not notes:
        return order
    order.review_notes = [*order.review_notes, *notes]
    return save_document(order, actor=actor, event="review_noted", lines=len(notes))


def supply_notes(order: Order, lines: Sequence[OrderLine]) -> list[dict[str, str]]:
    """A note for each line that cannot be there in time, stored or not."""
    today = clock.today()
    promises = _available(order, lines, today)
    return [
        _supply_note(order, line, promises[line.line_number])
        for line in lines
        if line.line_number in promises
        and not _in_time(promises[line.line_number], _wish(order, line), today)
    ]


def _in_time(promise: Promise, wish: date | None, today: date) -> bool:
    """Whether all of it can be there; a day that has passed is as good as today."""
    return promise.day is not None and (wish is None or promise.day <= max(wish, today))


def _supply_note(order: Order, line: OrderLine, promise: Promise) -> dict[str, str]:
    """What `queries.review_sentences` says in words."""
    wish = _wish(order, line)
    return {
        "code": SUPPLY_NOTE,
        "line": str(line.line_number),
        "item": line.item.code,
        "asked": wish.isoformat() if wish else "",
        "promised": promise.day.isoformat() if promise.day else "",
        "missing": str(round_to(promise.missing, 3)),
        "quantity": str(round_to(line.quantity, 3)),
    }


@command
def confirm_order(order_id: int, *, actor: Actor) -> Order:
    """Promise the order to the customer, with a date per line. Credit is checked next.

    The prices are those decided when it was captured or last edited.
    """
    order, lines = lock_order(order_id)
    promise_lines(order, lines)
    return transition(
        order,
        "confirm",
        actor=actor,
        gross=order.total.amount,
        currency=order.currency,
        promised=order.promised_date,
        reviewed=order.review_notes,
    )


@command
def promise_order(order_id: int, *, actor: Actor) -> Order:
    """Compute the dates again, such as after a delivery was announced."""
    require(actor, "orders.promise_order")
    order, lines = lock_order(order_id)
    if order.state not in PROMISED:
        return order
    before = order.promised_date
    promise_lines(order, lines)
    return save_document(
        order, actor=actor, event="promised", promised_before=before, promised=order.promised_date
    )


@command
def renew_promise(
    order_id: int,
    item_ids: Collection[int],
    *,
    actor: Actor,
    ahead_of: Collection[int] = (),
) -> Order:
    """Promise anew what an order waits for of these items, whose supply has changed.

    It takes before the orders it is `ahead_of`. A promise that can be kept stays as it is; a day
    that has passed counts as today.
    """
    require(actor, "orders.promise_order")
    order, lines = lock_order(order_id)
    if order.state not in PROMISED:
        return order
    today = clock.today()
    waiting = [line for line in lines if line.item_id in item_ids]
    promises = _available(order, waiting, today, ahead_of)
    changed = [
        line
        for line in waiting
        if line.line_number in promises
        and not _says_the_same(line.promise, promises[line.line_number], today)
    ]
    before, days = order.promised_date, [line.promised_date for line in lines]
    for line in changed:
        given = promises[line.line_number]
        line.promise, line.promised_date = given.as_json(), given.day
    update_rows(changed, ["promise", "promised_date"])
    _date_order(order, lines)
    if order.promised_date == before and [line.promised_date for line in lines] == days:
        return order
    return save_document(
        order, actor=actor, event="promised", promised_before=before, promised=order.promised_date
    )


def _says_the_same(given: Mapping[str, Any], promise: Promise, today: date) -> bool:
    """Whether a stored promise gives as much on the same days."""
    parts = [
        (max(date.fromisoformat(part["day"]), today), Decimal(part["quantity"]))
        for part in given.get("parts", [])
    ]
    return parts == list(promise.parts)


def renew_promises(item_ids: Collection[int], warehouse_id: int, *, actor: Actor) -> None:
    """Share out anew what can be promised of these items in a warehouse, oldest order first.

    Each order in its own transaction; not for use inside a command. Running it twice changes
    nothing.
    """
    waiting = orders_promised(item_ids, warehouse_id)
    for place, order_id in enumerate(waiting):
        renew_promise(order_id, item_ids, ahead_of=waiting[place + 1 :], actor=actor)


@command
def release_order(order_id: int, *, actor: Actor) -> Order:
    """Let the warehouse have the order; called by credit.

    Does nothing when it is released already. An order of services only is performed at once; one
    that has left as a whole, and only costs more now, is *shipped* again.
    """
    order = lock(Order, order_id)
    if order.state in (OrderState.RELEASED, OrderState.IN_FULFILLMENT):
        return order
    facts = {} if order.has_goods else {"services_only": True}
    transition(order, "release", actor=actor, gross=order.total.amount, **facts)
    perform_services(order)
    if order.fulfillment_started:
        settle_progress(*lock_order(order.pk))
    return order


def promise_lines(order: Order, lines: Sequence[OrderLine]) -> None:
    """Date every line by what is available to promise; the order's date is the last of them.

    Goods set aside already need no promise. Services are promised for the day they are asked
    for. Writes the lines, not the order.
    """
    today = clock.today()
    promises = _available(order, lines, today)
    for line in lines:
        given = promises.get(line.line_number)
        if given is not None:
            line.promise, line.promised_date = given.as_json(), given.day
        elif line.open_quantity > ZERO:
            line.promise = {}
            line.promised_date = max(_wish(order, line) or today, today)
    update_rows(lines, ["promise", "promised_date"])
    _date_order(order, lines)


def _date_order(order: Order, lines: Sequence[OrderLine]) -> None:
    """The order is promised for the day of its last line; not at all when one has no day."""
    open_lines = [line for line in lines if line.open_quantity]
    dates = [line.promised_date for line in open_lines if line.promised_date]
    order.promised_date = max(dates) if dates and len(dates) == len(open_lines) else None


def _available(
    order: Order, lines: Sequence[OrderLine], today: date, ahead_of: Collection[int] = ()
) -> dict[int, Promise]:
    """What can be promised to each line that needs goods, by its number.

    What the orders it is `ahead_of` were promised counts as free.
    """
    wanted = [
        Wanted(line.line_number, line.item_id, quantity, _wish(order, line) or today)
        for line in lines
        if (quantity := line.unreserved_quantity)
    ]
    items = {wish.item_id for wish in wanted}
    terms = supply_terms(items, order.warehouse_id, today, but_not=[order.pk, *ahead_of])
    return promise(wanted, terms, today)


def _wish(order: Order, line: OrderLine) -> date | None:
    """The day the customer asked for, if any."""
    return line.requested_date or order.requested_date
