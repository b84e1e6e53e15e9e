"""What the stages ask of the goods book: receive, issue, take back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.errors import RuleViolation, refuse_if
from o2c.stock.commands.balances import Place, lock_balances, lock_places
from o2c.stock.commands.moves import (
    Change,
    Moved,
    Source,
    refuse_bad_quantities,
    refuse_elsewhere,
    write_moves,
)
from o2c.stock.commands.reservations import ORDER_LINE, Held, take_held
from o2c.stock.models import MoveKind


class Receipt(NamedTuple):
    """Goods that come in at a location.

    `unit_cost` and `value` are in base currency. Without either the item's standard cost counts;
    `value` wins, for goods that come back at exactly what they left for.
    """

    item_id: int
    location_id: int
    quantity: Decimal
    unit_cost: Decimal | None = None
    lot: str = ""
    line_id: int | None = None
    value: Decimal | None = None


class Issue(NamedTuple):
    """Goods reserved for `source_id` that leave from a balance, for the document's line."""

    source_id: int
    balance_id: int
    quantity: Decimal
    line_id: int | None = None


@command
def receive(
    lines: Sequence[Receipt], *, source: Source, actor: Actor, warehouse_id: int
) -> list[Moved]:
    """Take goods in, in one warehouse."""
    return _take_in(MoveKind.RECEIVE, lines, source, actor, warehouse_id)


@command
def take_back(
    lines: Sequence[Receipt], *, source: Source, actor: Actor, warehouse_id: int
) -> list[Moved]:
    """Take issued goods in again. Statements as for `receive`."""
    return _take_in(MoveKind.RETURN, lines, source, actor, warehouse_id)


@command
def issue(
    issues: Sequence[Issue],
    *,
    source: Source,
    actor: Actor,
    source_type: str = ORDER_LINE,
) -> list[Moved]:
    """Let reserved goods go. The reservations are consumed.

    `source` is the document the goods leave with; `source_type` is what the issues' source_id
    counts. Raises NotReserved when a quantity is not reserved for its source at its balance.
    """
    _refuse_not_positive([line.quantity for line in issues])
    balances = {b.pk: b for b in lock_balances(Q(pk__in={line.balance_id for line in issues}))}
    take_held([Held(*line[:3]) for line in issues], "consumed", source_type)
    changes = [
        Change(balances[line.balance_id], -line.quantity, line_id=line.line_id) for line in issues
    ]
    return write_moves(MoveKind.ISSUE, changes, source=source, actor=actor)


def _take_in(
    kind: MoveKind, lines: Sequence[Receipt], source: Source, actor: Actor, warehouse_id: int
) -> list[Moved]:
    _refuse_not_positive([line.quantity for line in lines])
    balances = lock_places({Place(line.item_id, line.location_id, line.lot) for line in lines})
    refuse_elsewhere(balances.values(), warehouse_id)
    changes = []
    for line in lines:
        balance = balances[Place(line.item_id, line.location_id, line.lot)]
        cost = line.unit_cost if line.unit_cost is not None else balance.item.standard_cost
        changes.append(Change(balance, line.quantity, cost, line.value, line.line_id))
    refuse_bad_quantities([(change.balance, change.quantity) for change in changes])
    return write_moves(kind, changes, source=source, actor=actor)


def _refuse_not_positive(quantities: Sequence[Decimal]) -> None:
    if not quantities:
        raise RuleViolation(_("There is nothing to move."))
    refuse_if(
        [
            RuleViolation(_("A quantity is greater than zero."), field="quantity", row=row)
            for row, quantity in enumerate(quantities)
            if not quantity > 0
        ]
    )
