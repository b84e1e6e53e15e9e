"""Goods that come back: announced by the customer, received, inspected, put somewhere."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows, update_rows
from o2c.core.commands import command
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.transitions import begin, refuse_blocked, transition
from o2c.ledger.commands import Posting, post_entry
from o2c.ledger.models import Role
from o2c.masters.models import Location
from o2c.masters.queries import company
from o2c.stock import commands as stock
from o2c.web.formats import number_text
from orders.commands.locking import lock_order_of
from orders.commands.progress import lock_order, record_returned
from shipping import queries, rules
from shipping.commands.figures import refuse_uncountable
from shipping.commands.locking import lock_lines, lock_return
from shipping.models import Disposition, Return, ReturnLine, Shipment, ShipmentLine

SOURCE = Return._meta.label_lower


class Inspected(NamedTuple):
    """What arrived of a return line and what becomes of it.

    Goods for stock go to `location_id`; without one to where they were picked from.
    """

    quantity: Decimal
    disposition: str = Disposition.RESTOCK
    location_id: int | None = None


@command
def announce_return(
    shipment_id: int,
    *,
    lines: Mapping[int, Decimal],
    reason: str,
    actor: Actor,
    reasons: Mapping[int, str] | None = None,
) -> Return:
    """Note that the customer sends goods back: shipment line -> quantity.

    Never more than was shipped, less what came back or is on its way. Raises RuleViolations.
    """
    require(actor, "shipping.announce_return")
    if not reason.strip():
        raise RuleViolation(_("Say why the goods come back."), field="reason")
    shipment, shipped = lock_lines(lock_order_of(Shipment, shipment_id), shipment_id)
    refuse_uncountable({line.pk: line.item for line in shipped}, lines, "quantity")
    wanted = {key: quantity for key, quantity in lines.items() if quantity}
    if not wanted:
        raise RuleViolation(_("Nothing is announced."))
    _refuse_unreturnable(shipped, wanted)
    return begin_return(
        shipment, shipped, wanted, reason=reason.strip(), reasons=reasons or {}, actor=actor
    )


def begin_return(
    shipment: Shipment,
    shipped: Sequence[ShipmentLine],
    quantities: Mapping[int, Decimal],
    *,
    reason: str,
    reasons: Mapping[int, str],
    actor: Actor,
) -> Return:
    """Write an announced return for locked shipment lines."""
    goods_return = begin(
        Return(
            shipment=shipment,
            order_id=shipment.order_id,
            customer_id=shipment.customer_id,
            reason=reason,
        ),
        actor=actor,
        event="announced",
        shipment=shipment.number,
        lines=len(quantities),
        reason=reason,
    )
    coming = [line for line in shipped if line.pk in quantities]
    for line in coming:
        line.announced += quantities[line.pk]
    update_rows(coming, ["announced"])
    insert_rows(
        ReturnLine(
            goods_return=goods_return,
            shipment_line=line,
            quantity=quantities[line.pk],
            reason=reasons.get(line.pk, "").strip(),
        )
        for line in coming
    )
    return goods_return


def _refuse_unreturnable(
    shipped: Sequence[ShipmentLine], quantities: Mapping[int, Decimal]
) -> None:
    by_key = {line.pk: line for line in shipped}
    problems = []
    most = {line.pk: line.returnable for line in shipped if line.item.is_stocked}
    for found in rules.check_quantities(quantities, most):
        line = by_key.get(found.line_id)
        if line is None:
            text = _("Line %(line)s is not in this shipment.") % {"line": found.line_id}
        elif not line.item.is_stocked:
            text = _("%(item)s is a service and cannot come back.") % {"item": line.item.code}
        elif found.fault is rules.Fault.NEGATIVE:
            text = _("%(item)s: a quantity is not negative.") % {"item": line.item.code}
        else:
            text = _(
                "%(item)s: %(quantity)s cannot come back; %(shipped)s were shipped, %(back)s are "
                "back or on their way."
            ) % {
                "item": line.item.code,
                "quantity": number_text(found.quantity),
                "shipped": number_text(line.quantity),
                "back": number_text(line.quantity - found.most),
            }
        problems.append(RuleViolation(text, field=f"quantity_{found.line_id}"))
    refuse_if(problems)


@command
def receive_return(
    return_id: int,
    *,
    actor: Actor,
    quantities: Mapping[int, Decimal] | None = None,
    disposition: str = Disposition.RESTOCK,
    location_id: int | None = None,
    inspected: Mapping[int, Inspected] | None = None,
) -> Return:
    """Take returned goods in: return line -> quantity, everything announced when None.

    `disposition` and `location_id` count for all lines; `inspected` says it line by line
    instead. Stock, the order and the ledger follow in the same transaction. What was announced
    and did not arrive can be announced again. Raises RuleViolations.
    """
    order, _order_lines = lock_order(lock_order_of(Return, return_id).pk)
    goods_return, lines = lock_return(order, return_id)
    require(actor, goods_return.permission("receive"))
    refuse_blocked(goods_return, "receive")
    if inspected is None:
        given = quantities
        if given is None:
            given = {line.pk: line.quantity for line in lines}
        inspected = {
            key: Inspected(quantity, disposition, location_id) for key, quantity in given.items()
        }
    _refuse_bad_inspection(lines, inspected)
    base_currency = company().base_currency
    costs = _write(lines, inspected, base_currency)
    arrived = [line for line in lines if line.received]
    _take_back(goods_return, arrived, costs, base_currency, actor)
    record_returned(
        order.pk,
        {line.shipment_line.order_line_id: line.received for line in arrived},
        actor=actor,
    )
    _post(goods_return, arrived, costs, base_currency, actor)
    return transition(
        goods_return,
        "receive",
        actor=actor,
        lines=len(arrived),
        restocked=_total(arrived, Disposition.RESTOCK),
        scrapped=_total(arrived, Disposition.SCRAP),
    )


def _total(lines: Sequence[ReturnLine], disposition: str) -> Decimal:
    return sum((line.received for line in lines if line.disposition == disposition), rules.ZERO)


def _refuse_bad_inspection(lines: Sequence[ReturnLine], inspected: Mapping[int, Inspected]) -> None:
    quantities = {key: one.quantity for key, one in inspected.items()}
    refuse_uncountable({x.pk: x.shipment_line.item for x in lines}, quantities, "received")
    items = {line.pk: line.shipment_line.item.code for line in lines}
    sentences = {
        rules.Fault.UNKNOWN_LINE: _("Line %(line)s is not in this return."),
        rules.Fault.NEGATIVE: _("%(item)s: a quantity is not negative."),
        rules.Fault.TOO_MUCH: _("%(item)s: %(quantity)s received, %(most)s were announced."),
    }
    problems = [
        RuleViolation(
            sentences[found.fault]
            % {
                "line": found.line_id,
                "item": items.get(found.line_id, ""),
                "quantity": number_text(found.quantity),
                "most": number_text(found.most),
            },
            field=f"received_{found.line_id}",
        )
        for found in rules.check_quantities(quantities, {x.pk: x.quantity for x in lines})
    ]
    problems += [
        RuleViolation(_("Say what becomes of the goods: back to stock, or scrap."))
        for one in inspected.values()
        if one.disposition not in Disposition.values
    ]
    refuse_if(problems)
    if not any(quantities.values()):
        raise RuleViolation(_("Nothing has arrived. Cancel the return if nothing will."))
    _refuse_bad_locations(
        {one.location_id for one in inspected.values() if one.location_id},
        lines[0].shipment_line.shipment.warehouse_id,
    )


def _refuse_bad_locations(location_ids: set[int], warehouse_id: int) -> None:
    if location_ids:
        places = Location.objects.filter(
            pk__in=location_ids, warehouse_id=warehouse_id, active=True
        )
        if places.count() != len(location_ids):
            raise RuleViolation(_("The warehouse has no such location."), field="location")


def _write(
    lines: Sequence[ReturnLine], inspected: Mapping[int, Inspected], currency: str
) -> dict[int, Decimal]:
    """Write what arrived on return and shipment lines. Returns the cost of each return line."""
    homeless = [
        line.shipment_line_id
        for line in lines
        if (one := inspected.get(line.pk))
        and one.quantity
        and one.disposition == Disposition.RESTOCK
        and not one.location_id
    ]
    homes = queries.picked_from(homeless) if homeless else {}
    costs: dict[int, Decimal] = {}
    for line in lines:
        shipped, one = line.shipment_line, inspected.get(line.pk, Inspected(rules.ZERO))
        shipped.announced -= line.quantity
        if not one.quantity:
            continue
        costs[line.pk] = shipped.cost_of(one.quantity, shipped.returned, currency)
        shipped.returned += one.quantity
        line.received, line.disposition = one.quantity, one.disposition
        if one.disposition == Disposition.RESTOCK:
            line.location_id = one.location_id or homes.get(line.shipment_line_id)
            if line.location_id is None:
                raise RuleViolation(
                    _("%(item)s: the place it was picked from is switched off. Choose another.")
                    % {"item": shipped.item.code},
                    field=f"location_{line.pk}",
                )
    update_rows([line.shipment_line for line in lines], ["announced", "returned"])
    update_rows(lines, ["received", "disposition", "location"])
    return costs


def _take_back(
    goods_return: Return,
    arrived: Sequence[ReturnLine],
    costs: Mapping[int, Decimal],
    base_currency: str,
    actor: Actor,
) -> None:
    """Put what is good back on stock, as the lots it left as, at exactly the cost it left for."""
    good = [line for line in arrived if line.disposition == Disposition.RESTOCK]
    lots = queries.lots_to_come_back([line.shipment_line_id for line in good])
    receipts = [
        stock.Receipt(
            item_id=line.shipment_line.item_id,
            location_id=line.location_id,  # type: ignore[arg-type]  # goods for stock have one
            quantity=part.quantity,
            value=part.value,
            lot=part.lot,
            line_id=line.pk,
        )
        for line in good
        for part in rules.lots_back(
            line.received, costs[line.pk], lots[line.shipment_line_id], base_currency
        )
    ]
    if receipts:
        stock.take_back(
            receipts,
            source=(SOURCE, goods_return.pk),
            actor=actor,
            warehouse_id=good[0].shipment_line.shipment.warehouse_id,
        )


def _post(
    goods_return: Return,
    arrived: Sequence[ReturnLine],
    costs: Mapping[int, Decimal],
    currency: str,
    actor: Actor,
) -> None:
    """Dr inventory or, for scrap, stock adjustment; Cr goods shipped, not invoiced."""
    sums = {
        disposition: sum(
            (costs[line.pk] for line in arrived if line.disposition == disposition), rules.ZERO
        )
        for disposition in Disposition.values
    }
    restocked, scrapped = sums[Disposition.RESTOCK], sums[Disposition.SCRAP]
    off = -(restocked + scrapped)
    post_entry(
        (SOURCE, goods_return.pk),
        "receive",
        clock.today(),
        [
            Posting(Role.INVENTORY.value, restocked, currency, restocked),
            Posting(Role.STOCK_ADJUSTMENT.value, scrapped, currency, scrapped),
            Posting(Role.SHIPPED_NOT_INVOICED.value, off, currency, off),
        ],
        description=str(goods_return),
        actor=actor,
    )


@command
def cancel_return(return_id: int, *, reason: str, actor: Actor) -> Return:
    """The goods will not come back after all."""
    reason = reason.strip()
    if not reason:
        raise RuleViolation(_("Say why the return is cancelled."), field="reason")
    goods_return, lines = lock_return(lock_order_of(Return, return_id), return_id)
    transition(goods_return, "cancel", actor=actor, reason=reason)
    for line in lines:
        line.shipment_line.announced -= line.quantity
    update_rows([line.shipment_line for line in lines], ["announced"])
    return goods_return
