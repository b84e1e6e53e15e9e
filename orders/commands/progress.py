"""What later stages report: goods set aside, picked, shipped, returned; billed and credited.

Each command adds to one counter of the named lines and moves the order when the numbers of all
its lines say so. The state tells the stage reached: a return after that does not take it back, but
a credit that leaves something to bill again does. A caller that goes on to lock pick lists,
shipments or stock locks the order first by `lock_order`.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.core.actors import SYSTEM, Actor
from o2c.core.bulk import add_to_counters
from o2c.core.commands import command, lock, lock_where
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ZERO
from o2c.core.transitions import save_document, transition
from o2c.web.formats import number_text
from orders.commands.drafting import shrink_line, total_again
from orders.commands.lines import change_lines
from orders.commands.locking import refuse_on_hold
from orders.models import Order, OrderLine, OrderState
from orders.rules import progress

#: What is added to the counters of one line.
Deltas = dict[str, Decimal]
Quantities = Mapping[int, Decimal]


def lock_order(order_id: int) -> tuple[Order, list[OrderLine]]:
    """Lock an order with its lines, which come with their items.

    Raises NotFound.
    """
    order = lock(Order, order_id)
    lines = lock_where(OrderLine, order_id=order.pk, related=("item", "unit"))
    for line in lines:
        line.order = order
    return order, lines


@command
def start_fulfillment(order_id: int, *, actor: Actor) -> Order:
    """Note that the warehouse has begun. Does nothing when it already had."""
    order = lock(Order, order_id)
    if order.state == OrderState.RELEASED:
        transition(order, "start_fulfillment", actor=SYSTEM)
    return order


@command
def record_reserved(order_id: int, quantities: Quantities, *, actor: Actor) -> Order:
    """Count goods set aside for lines; negative when they are given back.

    The first goods set aside move a released order into fulfillment.
    """
    order, _lines = _count(order_id, quantities, _plus("reserved"))
    if any(quantity > 0 for quantity in quantities.values()):
        refuse_on_hold(order)
        start_fulfillment(order_id, actor=actor)
    return order


@command
def record_picked(order_id: int, quantities: Quantities, *, actor: Actor) -> Order:
    """Count picked goods; negative when a pick is undone."""
    order, lines = _count(order_id, quantities, _plus("picked"))
    if any(quantity > 0 for quantity in quantities.values()):
        refuse_on_hold(order)
        start_fulfillment(order_id, actor=actor)
    _move(order, lines)
    return order


@command
def record_shipped(order_id: int, quantities: Quantities, *, actor: Actor) -> Order:
    """Count goods that left the warehouse; what was reserved of them no longer is.

    When this completes the goods of the order, its services count as performed. A rest within
    the under-delivery tolerance is cancelled once nothing more of it is on its way.
    """

    def deltas(line: OrderLine, quantity: Decimal) -> Deltas:
        return {"shipped": quantity, "reserved": -min(line.reserved, quantity)}

    order, lines = lock_order(order_id)
    refuse_on_hold(order)
    cancelled = {line.pk: line.cancelled for line in lines}
    _count(order_id, quantities, deltas, then=_closing_deltas)
    short = [line for line in lines if line.cancelled != cancelled[line.pk]]
    if short:
        reason = _("The rest is within the delivery tolerance.")
        write_cancelled(order, lines, short, actor=actor, reason=reason)
    _move(order, lines)
    return order


@command
def record_returned(order_id: int, quantities: Quantities, *, actor: Actor) -> Order:
    """Count goods that came back after they were shipped."""
    order, lines = _count(order_id, quantities, _plus("returned"))
    _move(order, lines)
    return order


@command
def record_invoiced(order_id: int, quantities: Quantities, *, actor: Actor) -> Order:
    """Count billed quantities. A hold does not stop billing what has shipped."""
    order, lines = _count(order_id, quantities, _plus("invoiced"))
    _move(order, lines, by_invoice=True)
    return order


@command
def record_credited(order_id: int, quantities: Quantities, *, actor: Actor) -> Order:
    """Count billed quantities that a credit note took back; they may be billed again.

    An order that counted as billed goes back to *shipped* when the customer kept any of them.
    """
    order, lines = _count(order_id, quantities, _plus("credited"))
    _move(order, lines)
    return order


def perform_services(order: Order) -> None:
    """An order of services only needs no dispatch: it is performed when it is released."""
    if not order.has_goods:
        _order, lines = _count(order.pk, {}, lambda _line, _quantity: {}, then=_closing_deltas)
        _move(order, lines)


def write_cancelled(
    order: Order,
    lines: Sequence[OrderLine],
    cancelled: Sequence[OrderLine],
    *,
    actor: Actor,
    reason: str,
) -> None:
    """Bring amounts and totals down after part of these lines was cancelled."""
    before = order.total.amount
    for line in cancelled:
        shrink_line(line, order.currency)
    moved = total_again(order, lines)
    touched = [line for line in lines if line in cancelled or line in moved]
    change_lines(lines, touched, actor=actor, reason=reason)
    save_document(
        order,
        actor=actor,
        event="amended",
        reason=reason,
        before=before,
        gross=order.total.amount,
        changes=[
            {"line": line.line_number, "field": "cancelled", "new": line.cancelled}
            for line in cancelled
        ],
        frees=True,
    )


def settle_progress(order: Order, lines: Sequence[OrderLine]) -> None:
    """After wanted quantities have changed: move the order as far as its numbers allow."""
    _move(order, lines)


def _count(
    order_id: int,
    quantities: Quantities,
    deltas_of: Callable[[OrderLine, Decimal], Deltas],
    then: Callable[[Sequence[progress.LineNumbers]], list[Deltas]] | None = None,
) -> tuple[Order, list[OrderLine]]:
    """Add to the counters of an order's lines; refuse what cannot be.

    `then` adds what follows from the new numbers of all lines. The database checks again.
    """
    order, lines = lock_order(order_id)
    known = {line.pk: line for line in lines}
    unknown = set(quantities) - set(known)
    if unknown:
        raise RuleViolation(
            _("%(order)s has no line with the id %(id)s.") % {"order": order, "id": min(unknown)}
        )
    deltas = {pk: deltas_of(known[pk], quantity) for pk, quantity in quantities.items()}
    after = [_added(line.numbers, deltas.get(line.pk, {})) for line in lines]
    for line, more in zip(lines, then(after) if then else (), strict=False):
        total = deltas.setdefault(line.pk, {})
        for name, quantity in more.items():
            total[name] = total.get(name, ZERO) + quantity
    deltas = {pk: delta for pk, delta in deltas.items() if any(delta.values())}
    _refuse_faults(known, deltas)
    for pk, counters in add_to_counters(OrderLine, deltas).items():
        for name, value in counters.items():
            setattr(known[pk], name, value)
    return order, lines


def _plus(counter: str) -> Callable[[OrderLine, Decimal], Deltas]:
    """What is reported is added to this counter."""
    return lambda _line, quantity: {counter: quantity}


def _added(numbers: progress.LineNumbers, delta: Mapping[str, Decimal]) -> progress.LineNumbers:
    return numbers._replace(
        **{name: getattr(numbers, name) + quantity for name, quantity in delta.items()}
    )


def _closing_deltas(after: Sequence[progress.LineNumbers]) -> list[Deltas]:
    """What follows a dispatch: short rests are cancelled, then services count as performed."""
    rests = [progress.short_rest(line) for line in after]
    closed = [_added(line, {"cancelled": rest}) for line, rest in zip(after, rests, strict=True)]
    performed = progress.services_to_perform(closed)
    return [
        {"cancelled": rest, "picked": done, "shipped": done}
        for rest, done in zip(rests, performed, strict=True)
    ]


def _refuse_faults(lines: Mapping[int, OrderLine], deltas: Mapping[int, Deltas]) -> None:
    refuse_if(
        [
            RuleViolation(_fault_sentence(fault, line, after))
            for pk, delta in deltas.items()
            for line in [lines[pk]]
            for after in [_added(line.numbers, delta)]
            for fault in progress.faults(after)
        ]
    )


def _fault_sentence(fault: str, line: OrderLine, after: progress.LineNumbers) -> str:
    """The refusal of one counter, with the numbers that collide."""
    sentences = {
        "cancelled": _("%(line)s: %(new)s cancelled of %(wanted)s ordered is not possible."),
        "reserved": _("%(line)s: %(new)s cannot be reserved, %(open)s are still open."),
        "picked": _("%(line)s: %(new)s cannot be picked, %(deliverable)s may be delivered."),
        "shipped": _("%(line)s: %(new)s cannot be shipped, %(picked)s are picked."),
        "returned": _("%(line)s: %(new)s cannot come back, %(shipped)s were shipped."),
        "invoiced": _("%(line)s: %(new)s cannot be billed, %(shipped)s were shipped."),
        "credited": _("%(line)s: %(new)s cannot be credited, %(invoiced)s were billed."),
    }
    figures = {
        "new": getattr(after, fault),
        "wanted": after.quantity,
        "open": after.open,
        "deliverable": after.deliverable,
        "picked": after.picked,
        "shipped": after.shipped,
        "invoiced": after.invoiced,
    }
    texts = {name: number_text(figure) for name, figure in figures.items()}
    return sentences[fault] % {"line": f"{line.order}/{line.line_number}", **texts}


def _move(order: Order, lines: Sequence[OrderLine], *, by_invoice: bool = False) -> None:
    """Move the order to the stage its numbers have reached.

    Without a new invoice nothing new is owed: the event says so, since it may be paid already.
    """
    numbers = [line.numbers for line in lines]
    if progress.is_shipped(numbers) and "ship" in _leaving(order):
        transition(order, "ship", actor=SYSTEM)
    if progress.is_invoiced(numbers):
        if order.state == OrderState.SHIPPED:
            facts = {} if by_invoice else {"without_invoice": True}
            transition(order, "invoice", actor=SYSTEM, **facts)
    elif "unbill" in _leaving(order):
        transition(order, "unbill", actor=SYSTEM)


def _leaving(order: Order) -> set[str]:
    """The verbs declared for the order's present state."""
    return {t.name for t in order.transitions() if t.source == order.state}
