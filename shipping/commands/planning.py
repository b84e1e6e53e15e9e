"""From closed packages to a shipment; which carrier takes it; calling it off."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from fulfillment.commands import unpack
from fulfillment.models import PackageLine
from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command, lock_where
from o2c.core.days import PlannedDay
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.transitions import begin, save_document, transition
from o2c.masters.models import CarrierService
from orders.commands.locking import lock_order_of
from orders.commands.progress import lock_order
from orders.models import Order
from shipping import queries
from shipping.commands.locking import lock_shipment
from shipping.models import Shipment, ShipmentContent, ShipmentState


@command
def plan_shipment(
    pick_list_id: int, *, actor: Actor, package_ids: Collection[int] | None = None
) -> Shipment | None:
    """Make a shipment of the packages of a packed list that are in no shipment yet.

    By default of all of them; nothing happens when none is left. The address is frozen, the
    carrier is the one the customer's goods went with last. Raises RuleViolation when one of
    `package_ids` cannot be shipped.
    """
    require(actor, "shipping.plan_shipment")
    orders = lock_where(Order, pick_lists=pick_list_id, related=("customer", "ship_to"))
    if not orders:
        raise NotFound(_("Pick list %(pk)s does not exist.") % {"pk": pick_list_id})
    order = orders[0]
    contents = queries.packed_and_not_shipped(pick_list_id, order.customer_id)
    if package_ids is not None:
        contents = _chosen(contents, set(package_ids))
    if not contents:
        return None
    packages = {line.package_id: line.package for line in contents}
    shipment = begin(
        Shipment(
            order=order,
            customer_id=order.customer_id,
            pick_list_id=pick_list_id,
            warehouse_id=contents[0].package.pick_list.warehouse_id,
            ship_to=order.ship_to.snapshot(),
            weight_kg=sum(package.weight_kg for package in packages.values()),
            package_count=len(packages),
            **_usual_carrier(contents[0]),
        ),
        actor=actor,
        event="planned",
        order=order.number,
        packages=len(packages),
    )
    insert_rows(ShipmentContent(shipment=shipment, package_line=line) for line in contents)
    return shipment


def _chosen(contents: Sequence[PackageLine], package_ids: set[int]) -> list[PackageLine]:
    chosen = [line for line in contents if line.package_id in package_ids]
    if {line.package_id for line in chosen} != package_ids or not package_ids:
        raise RuleViolation(
            _("A package is in another shipment already, or is not packed for this list.")
        )
    return chosen


def _usual_carrier(content: Any) -> dict[str, Any]:
    """The carrier fields for a new shipment, from what `packed_and_not_shipped` found."""
    if not content.usual:
        return {}
    return {
        "carrier_id": content.usual["carrier"],
        "service_id": content.usual["service"],
        "expected_date": clock.today() + timedelta(days=content.usual["days"]),
    }


@command
def set_carrier(
    shipment_id: int,
    *,
    actor: Actor,
    carrier_id: int | None = None,
    service_id: int | None = None,
    tracking: str = "",
    expected_date: PlannedDay | None = None,
) -> Shipment:
    """Say who carries a shipment, and under which tracking number. Also after dispatch.

    Without a date the service's usual days count. Raises RuleViolation.
    """
    require(actor, "shipping.set_carrier_shipment")
    shipment = lock_shipment(lock_order_of(Shipment, shipment_id), shipment_id)
    if shipment.state not in (ShipmentState.PLANNED, ShipmentState.DISPATCHED):
        raise RuleViolation(
            _("%(shipment)s is “%(state)s”; its carrier stays.")
            % {"shipment": shipment, "state": shipment.get_state_display()}
        )
    if service_id is not None:
        service = CarrierService.objects.filter(pk=service_id).first()
        if service is None or carrier_id not in (None, service.carrier_id):
            raise RuleViolation(_("The carrier has no such service."), field="service")
        carrier_id = service.carrier_id
        expected_date = expected_date or clock.today() + timedelta(days=service.transit_days)
    if tracking and carrier_id is None:
        raise RuleViolation(_("A tracking number needs a carrier."), field="carrier")
    new = {
        "carrier_id": carrier_id,
        "service_id": service_id,
        "tracking": tracking.strip(),
        "expected_date": expected_date,
    }
    before = _route_of(shipment)
    if all(getattr(shipment, name) == value for name, value in new.items()):
        return shipment
    for name, value in new.items():
        setattr(shipment, name, value)
    changes = {
        name: [before[name], now]
        for name, now in _route_of(shipment).items()
        if before[name] != now
    }
    return save_document(shipment, actor=actor, event="carrier_set", changes=changes)


def _route_of(shipment: Shipment) -> dict[str, Any]:
    """How a shipment travels, in the words the timeline shows."""
    return {
        "carrier": shipment.carrier.name if shipment.carrier else "",
        "service": shipment.service.name if shipment.service else "",
        "tracking": shipment.tracking,
        "expected_date": shipment.expected_date,
    }


@command
def cancel_shipment(
    shipment_id: int, *, reason: str, actor: Actor, put_back: bool = False
) -> Shipment:
    """Call a shipment off before it leaves. Its packages wait for another shipment.

    With `put_back` they are opened and the goods go back to the shelf.
    """
    reason = reason.strip()
    if not reason:
        raise RuleViolation(_("Say why the shipment is cancelled."), field="reason")
    order, _order_lines = lock_order(lock_order_of(Shipment, shipment_id).pk)
    shipment = lock_shipment(order, shipment_id)
    transition(shipment, "cancel", actor=actor, reason=reason, put_back=put_back)
    live = ShipmentContent.objects.filter(shipment=shipment, live=True)
    package_ids = set(live.values_list("package_line__package", flat=True)) if put_back else set()
    live.update(live=False)
    if put_back and shipment.pick_list_id:
        unpack(order.pk, shipment.pick_list_id, package_ids, reason=reason, actor=actor)
    return shipment
