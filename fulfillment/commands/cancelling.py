"""Calling work off: goods go back to the shelf, their order lines are open again."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from fulfillment.commands.locking import lock_pick_lines
from fulfillment.models import Package, PackageLine, PickLine, PickList
from fulfillment.rules import ZERO
from o2c.core.actors import Actor, require
from o2c.core.bulk import update_rows
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.transitions import refuse_blocked, save_document, transition
from o2c.stock import commands as stock
from orders.commands.locking import lock_order_of
from orders.commands.progress import lock_order, record_picked, record_reserved


@command
def cancel_pick(pick_list_id: int, *, reason: str, actor: Actor) -> PickList:
    """Call a list off and give everything it holds back. Packed lists are unpacked by shipping."""
    reason = reason.strip()
    if not reason:
        raise RuleViolation(_("Say why the pick list is cancelled."), field="reason")
    order = lock_order_of(PickList, pick_list_id)
    lock_order(order.pk)
    pick_list, lines = lock_pick_lines(order, pick_list_id)
    require(actor, pick_list.permission("cancel"))
    refuse_blocked(pick_list, "cancel")
    give_back(order.pk, [(line, line.held, line.picked) for line in lines], actor)
    return transition(pick_list, "cancel", actor=actor, reason=reason)


def give_back(
    order_id: int, parts: Iterable[tuple[PickLine, Decimal, Decimal]], actor: Actor
) -> None:
    """Release (line, held, picked) quantities in stock and take them off the order's counters.

    The order and its lines are locked.
    """
    held = [(line, held, picked) for line, held, picked in parts if held or picked]
    reserved: dict[int, Decimal] = {}
    taken: dict[int, Decimal] = {}
    for line, quantity, picked in held:
        key = line.order_line_id
        reserved[key] = reserved.get(key, ZERO) - quantity
        taken[key] = taken.get(key, ZERO) - picked
    taken = {key: quantity for key, quantity in taken.items() if quantity}
    if taken:
        record_picked(order_id, taken, actor=actor)
    if reserved:
        record_reserved(order_id, reserved, actor=actor)
        stock.release_part(
            [stock.Held(line.order_line_id, line.balance_id, q) for line, q, _p in held if q],
            actor=actor,
        )


@command
def unpack(
    order_id: int,
    pick_list_id: int,
    package_ids: Collection[int],
    *,
    reason: str,
    actor: Actor,
) -> PickList:
    """Open packages of an order's list that will not be shipped and give their goods back.

    For the shipping stage, which knows that none of them is on its way. When no closed package
    is left the list is cancelled.
    """
    order, _order_lines = lock_order(order_id)
    pick_list, lines = lock_pick_lines(order, pick_list_id)
    require(actor, pick_list.permission("unpack"))
    packages = _closed_packages(pick_list)
    opened = [package for package in packages if package.pk in set(package_ids)]
    if len(opened) != len(set(package_ids)):
        raise RuleViolation(_("A package is open already, or is not of %s.") % pick_list)
    by_key = {line.pk: line for line in lines}
    contents = PackageLine.objects.filter(package__in=opened)
    give_back(
        order.pk,
        [(by_key[one.pick_line_id], one.quantity, one.quantity) for one in contents],
        actor,
    )
    for package in opened:
        package.unpacked = True
    update_rows(opened, ["unpacked"])
    facts: dict[str, Any] = {"reason": reason, "packages": [package.number for package in opened]}
    if len(opened) == len(packages):
        return transition(pick_list, "unpack", actor=actor, **facts)
    return save_document(pick_list, actor=actor, event="part_unpacked", **facts)


def _closed_packages(pick_list: PickList) -> Sequence[Package]:
    return list(Package.objects.filter(pick_list=pick_list, unpacked=False).order_by("pk"))
