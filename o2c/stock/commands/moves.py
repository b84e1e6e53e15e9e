"""Writing moves: the one place where goods change hands and get their value."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.bulk import insert_rows
from o2c.core.constraints import in_words
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.work import assert_in_command
from o2c.masters.models import Item, ItemKind
from o2c.masters.rules.units import fits
from o2c.stock import rules
from o2c.stock.models import Balance, Move, MoveKind
from o2c.web.formats import number_text

#: A document that moves goods: its type ("shipping.shipment") and primary key.
Source = tuple[str, int]


class Change(NamedTuple):
    """Goods to come to a balance (quantity > 0) or to leave it.

    What comes is worth `value`, or `unit_cost` each, or as much as what lies there already, or
    the item's standard cost, whichever is known first. What leaves takes its share along.
    """

    balance: Balance
    quantity: Decimal
    unit_cost: Decimal | None = None
    value: Decimal | None = None
    line_id: int | None = None


class Moved(NamedTuple):
    """A move that was made. Value in base currency, with the quantity's sign."""

    line_id: int | None
    balance_id: int
    item_id: int
    location_id: int
    lot: str
    quantity: Decimal
    unit_cost: Decimal
    value: Decimal


def write_moves(
    kind: MoveKind, changes: Sequence[Change], *, source: Source, actor: Actor
) -> list[Moved]:
    """Write one move per change; triggers bring the balances along.

    The caller has locked the balances; they are brought up to date in memory, too. Raises
    RuleViolation when goods arrive at a place that was switched off meanwhile.
    """
    assert_in_command()
    moves = [_value_move(kind, change, source, actor) for change in changes if change.quantity]
    with in_words():
        insert_rows(moves)
    return [
        Moved(
            move.line_id,
            move.balance_id,
            move.balance.item_id,
            move.balance.location_id,
            move.balance.lot,
            move.quantity,
            move.unit_cost,
            move.value,
        )
        for move in moves
    ]


def _value_move(kind: MoveKind, change: Change, source: Source, actor: Actor) -> Move:
    balance, quantity = change.balance, change.quantity
    unit_cost, value = _cost_of(change)
    balance.on_hand += quantity
    balance.value += value
    return Move(
        balance=balance,
        kind=kind,
        quantity=quantity,
        unit_cost=unit_cost,
        value=value,
        on_hand_after=balance.on_hand,
        source_type=source[0],
        source_id=source[1],
        line_id=change.line_id,
        moved_by=actor.get_username(),
    )


def _cost_of(change: Change) -> tuple[Decimal, Decimal]:
    """Unit cost and signed value of a change."""
    balance, quantity = change.balance, change.quantity
    currency = balance.base_currency  # type: ignore[attr-defined]  # annotated by lock_balances
    if quantity < 0:
        value = rules.value_of_part(balance.value, balance.on_hand, -quantity, currency)
        return rules.unit_cost_of(value, -quantity), -value
    if change.value is not None:
        return rules.unit_cost_of(change.value, quantity), change.value
    unit_cost = change.unit_cost
    if unit_cost is None and balance.on_hand:
        unit_cost = rules.unit_cost_of(balance.value, balance.on_hand)
    if unit_cost is None:
        unit_cost = balance.item.standard_cost
    return unit_cost, rules.value_at(quantity, unit_cost, currency)


def refuse_bad_quantities(pairs: Collection[tuple[Balance, Decimal]]) -> None:
    """Refuse services, fractions of whole pieces and nothing at all, naming each row."""
    refuse_if(
        [
            RuleViolation(problem, field="quantity", row=row)
            for row, (balance, quantity) in enumerate(pairs)
            if (problem := fault_of_quantity(balance.item, quantity))
        ]
    )


def fault_of_quantity(item: Item, quantity: Decimal) -> str:
    """What speaks against keeping quantity of item on stock; empty when nothing does."""
    if item.kind != ItemKind.STOCKED:
        return _("%(item)s is a service and is not kept on stock.") % {"item": item.code}
    if not fits(quantity, item.unit.decimals):
        return _("%(item)s: %(quantity)s %(unit)s has more decimals than the unit allows.") % {
            "item": item.code,
            "quantity": number_text(quantity),
            "unit": item.unit.code,
        }
    return ""


def refuse_elsewhere(balances: Collection[Balance], warehouse_id: int) -> None:
    """Refuse to move goods of another warehouse than the document's."""
    refuse_if(
        [
            RuleViolation(
                _("%(location)s is no location of this warehouse.")
                % {"location": balance.location.code},
                field="location",
            )
            for balance in balances
            if balance.location.warehouse_id != warehouse_id
        ]
    )


def refuse_shortage(balance: Balance, wanted: Decimal, row: int | None = None) -> None:
    """Refuse to take more than is free. Raises RuleViolation with the numbers."""
    if wanted > balance.free:
        raise RuleViolation(
            _(
                "%(item)s at %(location)s: %(wanted)s wanted, only %(free)s free "
                "(%(on_hand)s on hand, %(reserved)s reserved)."
            )
            % {
                "item": balance.item.code,
                "location": balance.location.code,
                "wanted": number_text(wanted),
                "free": number_text(balance.free),
                "on_hand": number_text(balance.on_hand),
                "reserved": number_text(balance.reserved),
            },
            field="quantity",
            row=row,
        )
