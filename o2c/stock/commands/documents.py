"""Receipts, transfers, adjustments and counts: moves that people make on the stock pages.

The roof posts their value to the ledger in the same transaction (`o2c.flow`).
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command
from o2c.core.days import PastDay
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.number_keys import code_key
from o2c.core.transitions import begin
from o2c.stock.commands.balances import Place, lock_balances, lock_places, place_key
from o2c.stock.commands.book import Receipt, receive
from o2c.stock.commands.moves import (
    Change,
    refuse_bad_quantities,
    refuse_elsewhere,
    refuse_shortage,
    write_moves,
)
from o2c.stock.models import (
    Balance,
    MoveKind,
    StockAdjustment,
    StockCount,
    StockCountLine,
    StockReceipt,
    StockTransfer,
)
from o2c.stock.rules import ZERO
from o2c.web.formats import number_text


class Transfer(NamedTuple):
    """Goods to carry from one location to another."""

    item_id: int
    from_location_id: int
    to_location_id: int
    quantity: Decimal
    lot: str = ""


class Adjustment(NamedTuple):
    """A correction: `quantity` is added, a negative one taken away."""

    item_id: int
    location_id: int
    quantity: Decimal
    lot: str = ""


class Counted(NamedTuple):
    """What was found of an item (and lot)."""

    item_id: int
    quantity: Decimal
    lot: str = ""


@command
def receive_goods(
    warehouse_id: int,
    lines: Sequence[Receipt],
    *,
    actor: Actor,
    reference: str = "",
    moved_on: PastDay | None = None,
) -> StockReceipt:
    """Take goods in from outside. Unit costs in base currency; the standard cost when absent."""
    require(actor, "stock.receive_goods")
    receipt = begin(
        StockReceipt(
            warehouse_id=warehouse_id, reference=reference, moved_on=moved_on or clock.today()
        ),
        actor=actor,
        event="received",
        lines=len(lines),
        reference=reference,
    )
    source = (StockReceipt.source_type(), receipt.pk)
    receive(lines, source=source, actor=actor, warehouse_id=warehouse_id)
    return receipt


@command
def transfer_stock(
    warehouse_id: int, lines: Sequence[Transfer], *, actor: Actor, reason: str = ""
) -> StockTransfer:
    """Carry free goods to other locations, at their value. Reserved goods stay where they are."""
    require(actor, "stock.transfer_stock")
    _refuse_bad_transfers(lines)
    balances = lock_places(
        {Place(line.item_id, line.from_location_id, line.lot) for line in lines}
        | {Place(line.item_id, line.to_location_id, line.lot) for line in lines}
    )
    refuse_elsewhere(balances.values(), warehouse_id)
    transfer = begin(
        StockTransfer(warehouse_id=warehouse_id, reason=reason),
        actor=actor,
        event="transferred",
        lines=len(lines),
        reason=reason,
    )
    pairs = [
        (
            balances[Place(line.item_id, line.from_location_id, line.lot)],
            balances[Place(line.item_id, line.to_location_id, line.lot)],
            line.quantity,
        )
        for line in lines
    ]
    refuse_bad_quantities([(giver, quantity) for giver, _taker, quantity in pairs])
    source = (StockTransfer.source_type(), transfer.pk)
    leaving = []
    promised: dict[int, Decimal] = {}
    for row, (giver, _taker, quantity) in enumerate(pairs):
        promised[giver.pk] = promised.get(giver.pk, ZERO) + quantity
        refuse_shortage(giver, promised[giver.pk], row)
        leaving.append(Change(giver, -quantity))
    gone = write_moves(MoveKind.TRANSFER, leaving, source=source, actor=actor)
    arriving = [
        Change(taker, quantity, value=-move.value)
        for (_giver, taker, quantity), move in zip(pairs, gone, strict=True)
    ]
    write_moves(MoveKind.TRANSFER, arriving, source=source, actor=actor)
    return transfer


def _refuse_bad_transfers(lines: Sequence[Transfer]) -> None:
    if not lines:
        raise RuleViolation(_("There is nothing to move."))
    problems = []
    for row, line in enumerate(lines):
        if not line.quantity > 0:
            text = _("A quantity is greater than zero.")
            problems.append(RuleViolation(text, field="quantity", row=row))
        if line.from_location_id == line.to_location_id:
            text = _("The goods are there already.")
            problems.append(RuleViolation(text, field="to_location", row=row))
    refuse_if(problems)


@command
def adjust_stock(
    warehouse_id: int, lines: Sequence[Adjustment], *, reason: str, actor: Actor
) -> StockAdjustment:
    """Correct the book. What is added is worth what lies there already, else standard cost."""
    require(actor, "stock.adjust_stock")
    if not reason.strip():
        raise RuleViolation(_("An adjustment needs a reason."), field="reason")
    if not any(line.quantity for line in lines):
        raise RuleViolation(_("There is nothing to adjust."))
    balances = lock_places({Place(line.item_id, line.location_id, line.lot) for line in lines})
    refuse_elsewhere(balances.values(), warehouse_id)
    changes = [
        Change(balances[Place(line.item_id, line.location_id, line.lot)], line.quantity)
        for line in lines
    ]
    refuse_bad_quantities([(change.balance, change.quantity) for change in changes])
    taken: dict[int, Decimal] = {}
    for row, change in enumerate(changes):
        taken[change.balance.pk] = taken.get(change.balance.pk, ZERO) - change.quantity
        refuse_shortage(change.balance, taken[change.balance.pk], row)
    adjustment = begin(
        StockAdjustment(warehouse_id=warehouse_id, reason=reason.strip()),
        actor=actor,
        event="adjusted",
        lines=len(lines),
        reason=reason.strip(),
    )
    source = (StockAdjustment.source_type(), adjustment.pk)
    write_moves(MoveKind.ADJUST, changes, source=source, actor=actor)
    return adjustment


@command
def count_stock(
    warehouse_id: int,
    location_id: int,
    counted: Sequence[Counted],
    *,
    actor: Actor,
    complete: bool = False,
    reason: str = "",
) -> StockCount:
    """Write down what lies at a location; the book follows. Reserved goods are counted, too.

    With `complete`, whatever is on the book there and was not found is gone. Raises
    RuleViolation when less was found than is promised: that promise is to be released first.
    """
    require(actor, "stock.count_stock")
    found = _found(counted)
    counted_at = lock_places({Place(i, location_id, lot) for i, lot in found})
    balances = {place_key(place): balance for place, balance in counted_at.items()}
    if complete:
        balances |= {
            place_key(Place(balance.item_id, location_id, balance.lot)): balance
            for balance in lock_balances(Q(location=location_id, on_hand__gt=0))
        }
    if not balances:
        raise RuleViolation(_("Nothing was counted."))
    refuse_elsewhere(balances.values(), warehouse_id)
    lines = [
        (balance, found.get((place.item_id, place.lot), ZERO))
        for place, balance in sorted(balances.items())
    ]
    _refuse_bad_counts(lines)
    count = begin(
        StockCount(warehouse_id=warehouse_id, location_id=location_id, reason=reason),
        actor=actor,
        event="counted",
        lines=len(lines),
        differences=sum(quantity != balance.on_hand for balance, quantity in lines),
        reason=reason,
    )
    insert_rows(
        StockCountLine(count=count, balance=balance, expected=balance.on_hand, counted=quantity)
        for balance, quantity in lines
    )
    changes = [Change(balance, quantity - balance.on_hand) for balance, quantity in lines]
    source = (StockCount.source_type(), count.pk)
    write_moves(MoveKind.COUNT, changes, source=source, actor=actor)
    return count


def _found(counted: Sequence[Counted]) -> dict[tuple[int, str], Decimal]:
    """What was counted, by item and lot in capitals."""
    found: dict[tuple[int, str], Decimal] = {}
    problems = []
    for row, line in enumerate(counted):
        if line.quantity < 0:
            text = _("Nobody can find less than nothing.")
            problems.append(RuleViolation(text, field="quantity", row=row))
        if (line.item_id, code_key(line.lot)) in found:
            text = _("This item is counted twice.")
            problems.append(RuleViolation(text, field="item", row=row))
        found[line.item_id, code_key(line.lot)] = line.quantity
    refuse_if(problems)
    return found


def _refuse_bad_counts(lines: Collection[tuple[Balance, Decimal]]) -> None:
    refuse_bad_quantities(lines)
    refuse_if(
        [
            RuleViolation(
                _(
                    "%(item)s: %(reserved)s are promised from here and only %(counted)s were "
                    "found. Release or pick %(missing)s elsewhere first."
                )
                % {
                    "item": balance.item.code,
                    "reserved": number_text(balance.reserved),
                    "counted": number_text(quantity),
                    "missing": number_text(balance.reserved - quantity),
                },
                field="quantity",
                row=row,
            )
            for row, (balance, quantity) in enumerate(lines)
            if quantity < balance.reserved
        ]
    )
