"""Changing what was promised: other quantities, prices and dates, and cancelling what is open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor, require
from o2c.core.bulk import add_to_counters
from o2c.core.commands import command
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ZERO
from o2c.core.number_keys import code_key
from o2c.core.transitions import check_version, save_document, transition
from o2c.masters.queries import taxes_for
from o2c.stock.commands import Held, release, release_part
from o2c.stock.models import Reservation
from o2c.web.formats import number_text
from orders.commands.capture import refuse_state
from orders.commands.confirm import promise_lines
from orders.commands.drafting import (
    Buying,
    build_lines,
    figure_faults,
    set_tax,
    shrink_line,
    total_again,
)
from orders.commands.lines import change_lines, insert_lines
from orders.commands.progress import lock_order, settle_progress, write_cancelled
from orders.models import Order, OrderLine, OrderState
from orders.models.states import PROMISED
from orders.queries.entry import load_buyer
from orders.rules.drafts import LineChange, LineDraft
from orders.rules.pricing import PriceQuestion, price_line

S = OrderState
AMENDABLE = [S.CONFIRMED, S.ON_HOLD, S.RELEASED, S.IN_FULFILLMENT, S.SHIPPED, S.INVOICED]
#: Credit was granted for what the order was.
_GRANTED = [S.RELEASED, S.IN_FULFILLMENT, S.SHIPPED, S.INVOICED]


@dataclass
class _Change:
    """What became of one line, for the event: the fields with their old and new values."""

    line: OrderLine
    fields: list[dict[str, Any]]


@command
def amend_order(
    order_id: int,
    *,
    changes: Sequence[LineChange],
    version: int,
    reason: str = "",
    actor: Actor,
) -> Order:
    """Change lines of a confirmed order, or add some.

    Never below what is picked, shipped or billed; a billed line keeps its price. A quantity
    keeps the agreed price per unit unless a new one is given; what is still to be delivered is
    taxed as of today. When the order's value rises, or
    there is more to deliver of an order that was shipped, it goes back to *confirmed* and
    through the credit check. Raises StaleVersion and RuleViolations naming the rows.
    """
    require(actor, "orders.amend_order")
    order, lines = lock_order(order_id)
    check_version(order, version)
    refuse_state(order, AMENDABLE)
    changes = _real_changes(lines, changes)
    if any(c.unit_price is not None or c.discount_percent is not None for c in changes):
        require(actor, "orders.override_price")
    before = order.total.amount
    wanted = {line.pk: line.wanted_quantity for line in lines}
    changed = _apply(order, lines, changes)
    added = _added_lines(order, lines, changes)
    if not changed and not added:
        return order
    _tax_again(order, lines, changed)
    lines += added
    moved = total_again(order, lines)
    insert_lines(order, added)
    _give_back_excess(lines, actor=actor)
    promise_lines(order, lines)
    touched = {c.line.pk for c in changed} | {line.pk for line in moved}
    touched -= {line.pk for line in added}
    change_lines(lines, [line for line in lines if line.pk in touched], actor=actor, reason=reason)
    facts = [{"line": c.line.line_number, **fact} for c in changed for fact in c.fields]
    facts += [{"line": line.line_number, "field": "added", "new": line.quantity} for line in added]
    rises = order.gross > before
    if rises and order.state == S.ON_HOLD:
        order.held_from = S.CONFIRMED
    save_document(
        order,
        actor=actor,
        reason=reason,
        before=before,
        gross=order.total.amount,
        changes=facts,
        held_by_credit=order.is_held_by_credit,
        frees=order.gross < before
        or any(c.line.wanted_quantity < wanted[c.line.pk] for c in changed),
    )
    _reopen_or_settle(order, lines, rises)
    return order


@command
def cancel_order(order_id: int, *, reason: str, actor: Actor) -> Order:
    """Cancel what is still open: the whole order, or the rest when part of it has shipped.

    Gives back what is set aside. Raises RuleViolation while picked goods wait to be shipped.
    """
    require(actor, "orders.cancel_order")
    if not reason.strip():
        raise RuleViolation(_("Say why it is cancelled."), field="reason")
    order, lines = lock_order(order_id)
    _refuse_picked(lines)
    if any(line.shipped for line in lines):
        return _cancel_rest(order, lines, reason, actor)
    promised = order.state in PROMISED
    facts = {"reason": reason, "gross": order.total.amount, "frees": promised}
    transition(order, "cancel", actor=actor, **facts)
    _count_cancelled(lines, actor=actor)
    return order


@command
def reopen_order(order_id: int, *, reason: str, actor: Actor) -> Order:
    """Deliver the cancelled rest of a shipped order after all; credit is checked again.

    Needs the right to amend, too. Raises RuleViolation.
    """
    require(actor, "orders.reopen_order")
    if not reason.strip():
        raise RuleViolation(_("Say why it is reopened."), field="reason")
    order, lines = lock_order(order_id)
    changes = [
        LineChange(line_id=line.pk, quantity=line.quantity) for line in lines if line.cancelled
    ]
    if not changes:
        raise RuleViolation(_("%(order)s: nothing of it is cancelled.") % {"order": order})
    return amend_order(order_id, changes=changes, version=order.version, reason=reason, actor=actor)


def _real_changes(lines: Sequence[OrderLine], changes: Sequence[LineChange]) -> list[LineChange]:
    """The changes without what only repeats how a line is already."""
    known = {line.pk: line for line in lines}
    real = []
    for row, change in enumerate(changes):
        line = known.get(change.line_id or 0)
        repeated: dict[str, Any] = {
            name: None
            for name in ("unit_price", "discount_percent", "requested_date")
            if line is not None and getattr(change, name) == getattr(line, name)
        }
        real.append(replace(change, row=_row(row, change), **repeated))
    return real


def _apply(
    order: Order, lines: Sequence[OrderLine], changes: Sequence[LineChange]
) -> list[_Change]:
    """Change existing lines in memory; return those that are different now."""
    known = {line.pk: line for line in lines}
    problems: list[RuleViolation] = []
    changed: list[_Change] = []
    for row, change in enumerate(changes):
        if change.line_id is None:
            continue
        line = known.get(change.line_id)
        if line is None:
            raise RuleViolation(_("The order has no such line."), row=_row(row, change))
        found = _faults(row, change, line)
        problems += found
        if not found and (fields := _change_line(order, line, change)):
            changed.append(_Change(line, fields))
    refuse_if(problems)
    return changed


def _row(row: int, change: LineChange) -> int:
    return row if change.row is None else change.row


def _faults(row: int, change: LineChange, line: OrderLine) -> list[RuleViolation]:
    """Why this change cannot be made."""
    at = _row(row, change)
    quantity = line.wanted_quantity if change.quantity is None else change.quantity
    draft = LineDraft(
        item=line.item.code,
        quantity=quantity,
        price_reason=change.price_reason,
        discount_percent=change.discount_percent or ZERO,
        row=at,
    )
    stays = not quantity and not line.shipped  # nothing is left of it: no figures to look at
    found = [] if stays else figure_faults(row, draft, line.unit, quantity, change.unit_price)
    if change.item and code_key(change.item) != code_key(line.item.code):
        text = _("A line keeps its item. Cancel it and add another one.")
        found.append(RuleViolation(text, field="item", row=at))
    billed = line.invoiced - line.credited
    for least, sentence in (
        (line.shipped, _("%(item)s: %(least)s are shipped, it cannot become %(new)s.")),
        (line.picked, _("%(item)s: %(least)s are picked, it cannot become %(new)s.")),
        (billed, _("%(item)s: %(least)s are billed, it cannot become %(new)s.")),
    ):
        if quantity < least:
            figures = {"least": number_text(least), "new": number_text(quantity)}
            text = sentence % {"item": line.item.code, **figures}
            found.append(RuleViolation(text, field="quantity", row=at))
            break
    price = line.unit_price if change.unit_price is None else change.unit_price
    if billed and (price != line.unit_price or change.discount_percent is not None):
        text = _("%(item)s is billed; its price stays.") % {"item": line.item.code}
        found.append(RuleViolation(text, field="unit_price", row=at))
    return found


def _change_line(order: Order, line: OrderLine, change: LineChange) -> list[dict[str, Any]]:
    """Change one line in memory; return the differences."""
    old = {
        "quantity": line.wanted_quantity,
        "unit_price": line.unit_price,
        "discount_percent": line.discount_percent,
        "requested_date": line.requested_date,
    }
    amount_before = line.amount
    if change.quantity is not None and change.quantity != line.wanted_quantity:
        if change.quantity:
            line.once_ordered = max(line.once_ordered, line.quantity)
            line.quantity, line.cancelled = change.quantity, ZERO
        else:
            line.cancelled = line.quantity
    if change.unit_price is not None or change.discount_percent is not None:
        _reprice(order, line, change)
    if change.requested_date is not None:
        line.requested_date = change.requested_date
    line.amount = amount_before
    shrink_line(line, order.currency)
    new = {**old, "quantity": line.wanted_quantity}
    new |= {name: getattr(line, name) for name in old if name != "quantity"}
    return [
        {"field": name, "old": old[name], "new": new[name]}
        for name in old
        if old[name] != new[name]
    ]


def _reprice(order: Order, line: OrderLine, change: LineChange) -> None:
    """A person's new price or discount, with the step that says so."""
    question = PriceQuestion(
        quantity=line.quantity,
        manual_price=line.unit_price if change.unit_price is None else change.unit_price,
        manual_reason=change.price_reason.strip(),
        discount_percent=(
            line.discount_percent if change.discount_percent is None else change.discount_percent
        ),
        tax_included=order.tax_included,
        price_per=line.price_per,
    )
    priced = price_line(question, order.currency)
    line.unit_price, line.discount_percent = priced.unit_price, priced.discount_percent
    line.price_steps = priced.steps


def _tax_again(order: Order, lines: Sequence[OrderLine], changed: list[_Change]) -> None:
    """Give lines that are still to be delivered the tax of today, and note what that changes."""
    taxes = taxes_for(order.bill_to_id, order.ship_to.country, clock.today())
    by_line = {change.line.pk: change for change in changed}
    for line in lines:
        old = (line.tax_category, line.tax_percent)
        if not line.open_quantity:
            continue
        set_tax(line, taxes.of(line.item))
        if old != (line.tax_category, line.tax_percent):
            if line.pk not in by_line:
                by_line[line.pk] = _Change(line, [])
                changed.append(by_line[line.pk])
            fact = {"field": "tax_percent", "old": old[1], "new": line.tax_percent}
            by_line[line.pk].fields.append(fact)


def _added_lines(
    order: Order, lines: Sequence[OrderLine], changes: Sequence[LineChange]
) -> list[OrderLine]:
    """Unsaved lines for the changes that name none, priced by today's lists."""
    drafts = [
        LineDraft(
            item=change.item,
            quantity=change.quantity or ZERO,
            unit_price=change.unit_price,
            price_reason=change.price_reason,
            discount_percent=change.discount_percent or ZERO,
            requested_date=change.requested_date,
            row=_row(row, change),
        )
        for row, change in enumerate(changes)
        if change.line_id is None
    ]
    if not drafts:
        return []
    day = clock.today()
    buyer = load_buyer(order.customer_id, day, order.currency)
    country = order.ship_to.country
    added = build_lines(drafts, Buying(buyer, day, order.tax_included, country))
    last = max((line.line_number for line in lines), default=0)
    for number, line in enumerate(added, start=last + 1):
        line.line_number = number
    return added


def _give_back_excess(lines: Sequence[OrderLine], *, actor: Actor) -> None:
    """Give back goods set aside for more than is still to be delivered."""
    excess = {
        line.pk: line.reserved - line.open_quantity
        for line in lines
        if line.reserved > line.open_quantity
    }
    if not excess:
        return
    parts = []
    left = dict(excess)
    held = Reservation.objects.filter(
        source_type="orders.orderline", source_id__in=excess, quantity__gt=0
    )
    for reservation in held.order_by("-pk"):
        share = min(reservation.quantity, left[reservation.source_id])
        if share:
            parts.append(Held(reservation.source_id, reservation.balance_id, share))
            left[reservation.source_id] -= share
    release_part(parts, actor=actor)
    add_to_counters(OrderLine, {pk: {"reserved": -extra} for pk, extra in excess.items()})
    for line in lines:
        line.reserved -= excess.get(line.pk, ZERO)


def _reopen_or_settle(order: Order, lines: Sequence[OrderLine], rises: bool) -> None:
    is_open = any(line.open_quantity for line in lines)
    more = is_open and order.state in (S.SHIPPED, S.INVOICED)
    if order.state in _GRANTED and (rises or more):
        transition(order, "reopen", actor=SYSTEM, gross=order.total.amount)
    else:
        settle_progress(order, lines)


def _refuse_picked(lines: Sequence[OrderLine]) -> None:
    refuse_if(
        [
            RuleViolation(
                _("%(item)s: %(picked)s are picked and not shipped. Ship them or undo the pick.")
                % {
                    "item": line.item.code,
                    "picked": number_text(line.picked - line.shipped),
                }
            )
            for line in lines
            if line.picked > line.shipped
        ]
    )


def _cancel_rest(order: Order, lines: list[OrderLine], reason: str, actor: Actor) -> Order:
    """Cancel what is open of a partly shipped order, and total it anew."""
    refuse_state(order, AMENDABLE)
    cancelled = _count_cancelled(lines, actor=actor)
    if not cancelled:
        raise RuleViolation(_("%(order)s: nothing of it is open.") % {"order": order})
    write_cancelled(order, lines, cancelled, actor=actor, reason=reason)
    settle_progress(order, lines)
    return order


def _count_cancelled(lines: Sequence[OrderLine], *, actor: Actor) -> list[OrderLine]:
    """Count all that is open as cancelled and give back its reservations."""
    open_lines = [line for line in lines if line.open_quantity]
    reserved = [line.pk for line in lines if line.reserved]
    if reserved:
        release(reserved, actor=actor)
    deltas: dict[int, dict[str, Decimal]] = {
        line.pk: {"cancelled": line.open_quantity, "reserved": -line.reserved}
        for line in open_lines
    }
    for pk, counters in add_to_counters(OrderLine, deltas).items():
        line = next(line for line in open_lines if line.pk == pk)
        line.cancelled, line.reserved = counters["cancelled"], counters["reserved"]
    return open_lines
