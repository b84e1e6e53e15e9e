"""Picking more than the list asks for, within the over-delivery tolerance of the order line."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from fulfillment import rules
from fulfillment.commands.figures import uncountable
from fulfillment.models import PickLine
from o2c.core.actors import Actor
from o2c.core.bulk import update_rows
from o2c.stock import commands as stock
from orders.commands.progress import record_reserved
from orders.models import OrderLine


def stretch(
    lines: Sequence[PickLine],
    picked: Mapping[int, Decimal],
    order_lines: Mapping[int, OrderLine],
    actor: Actor,
) -> None:
    """Raise the stops that were over-picked within tolerance and reserve the surplus there.

    What is beyond the tolerance stays as it is, for the judge to refuse. Raises RuleViolation
    when the surplus is promised to somebody else.
    """
    extras: dict[int, tuple[PickLine, Decimal]] = {}
    for line in lines:
        extra = picked.get(line.pk, rules.ZERO) - line.quantity
        if not extra.is_finite():
            continue
        numbers = order_lines[line.order_line_id].numbers
        room = numbers.deliverable - numbers.reserved - numbers.shipped
        is_first = not line.is_done and line.order_line_id not in extras
        if 0 < extra <= room and is_first and not uncountable(extra, line.item):
            extras[line.order_line_id] = (line, extra)
    if not extras:
        return
    got = stock.reserve(
        [stock.Demand(key, line.item_id, extra) for key, (line, extra) in extras.items()],
        lines[0].pick_list.warehouse_id,
        actor=actor,
    )
    for key, (line, _extra) in extras.items():
        for one in got[key]:
            if one.balance_id != line.balance_id:
                stock.move_reservation(
                    key, one.balance_id, line.balance_id, one.quantity, actor=actor
                )
        line.quantity += sum((one.quantity for one in got[key]), rules.ZERO)
    update_rows([line for line, _extra in extras.values()], ["quantity"])
    deltas = {key: sum((one.quantity for one in got[key]), rules.ZERO) for key in extras}
    record_reserved(lines[0].pick_list.order_id, deltas, actor=actor)
