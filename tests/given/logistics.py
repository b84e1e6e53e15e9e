"""Work of the warehouse and the shipping desk, reached by the real commands.

An order is given as lines of (quantity, on stock): `planned_list((10, 6))` is an order of 10
pieces of an item of which 6 are there. Every item lies at the first storage location. All of this
works whether or not the flow is wired: what has happened by itself is taken as it is.
"""

import io
from decimal import Decimal
from typing import Any

from PIL import Image

from fulfillment import commands as fulfillment
from fulfillment.commands import PackageDraft
from fulfillment.models import PickLine, PickList
from o2c.core.actors import SYSTEM
from o2c.masters.models import Item
from orders.models import Order
from shipping import commands as shipping
from shipping.models import Return, Shipment, ShipmentLine
from tests.factories.masters import CarrierFactory, CompanyFactory, CustomerFactory, ItemFactory
from tests.given.orders import released_order
from tests.given.stock import stock


def goods(on_hand: Any = 0, **item: Any) -> Item:
    """An item at 10.00 that costs us 6.00, so much of it on stock."""
    made = ItemFactory(price="10.00", **item)
    if Decimal(on_hand):
        stock(made, on_hand)
    return made


def released(*lines: tuple[Any, Any], **order: Any) -> Order:
    """A released order of lines (quantity, on stock)."""
    CompanyFactory()
    items = [(goods(on_hand), quantity) for quantity, on_hand in lines or [(10, 10)]]
    return released_order(lines=items, **order)


def released_for(item: Item, quantity: Any, **order: Any) -> Order:
    return released_order(lines=[(item, quantity)], **order)


def complete_only() -> Any:
    """A customer who takes complete deliveries only."""
    return CustomerFactory(delivery_policy="complete")


def planned_list(*lines: tuple[Any, Any], **order: Any) -> PickList:
    made = released(*lines, **order)
    fulfillment.plan_order(made.pk, actor=SYSTEM)
    return PickList.objects.get(order=made)


def stops(pick_list: PickList) -> list[PickLine]:
    return list(pick_list.lines.order_by("sequence"))


def picked_list(*lines: tuple[Any, Any], **order: Any) -> PickList:
    """Everything picked in full."""
    return fulfillment.confirm_pick(planned_list(*lines, **order).pk, actor=SYSTEM)


def packed_list(*lines: tuple[Any, Any], **order: Any) -> PickList:
    """Everything in one package."""
    return fulfillment.pack(picked_list(*lines, **order).pk, actor=SYSTEM)


def two_packages(first: Any = 3, second: Any = 2) -> PickList:
    """A packed list of five pieces of one item in two packages."""
    pick_list = picked_list((10, 5))
    [stop] = stops(pick_list)
    packages = [PackageDraft({stop.pk: Decimal(quantity)}) for quantity in (first, second)]
    return fulfillment.pack(pick_list.pk, packages=packages, actor=SYSTEM)


def package_ids(pick_list: PickList) -> list[int]:
    return list(pick_list.packages.order_by("pk").values_list("pk", flat=True))


def ready_to_ship(order: Order) -> Shipment:
    """What is there of a released order, picked, packed and planned for shipping."""
    fulfillment.plan_order(order.pk, actor=SYSTEM)
    pick_list = order.pick_lists.order_by("pk").last()
    fulfillment.confirm_pick(pick_list.pk, actor=SYSTEM)
    fulfillment.pack(pick_list.pk, actor=SYSTEM)
    shipping.plan_shipment(pick_list.pk, actor=SYSTEM)
    return pick_list.shipments.get()


def planned_shipment(*lines: tuple[Any, Any], **order: Any) -> Shipment:
    """Everything ready to go, with a carrier."""
    CarrierFactory()
    pick_list = packed_list(*lines, **order)
    shipping.plan_shipment(pick_list.pk, actor=SYSTEM)
    return Shipment.objects.get(pick_list=pick_list)


def dispatched_shipment(*lines: tuple[Any, Any], **order: Any) -> Shipment:
    return shipping.dispatch_shipment(planned_shipment(*lines, **order).pk, actor=SYSTEM)


def delivered_shipment(*lines: tuple[Any, Any], **order: Any) -> Shipment:
    shipment = dispatched_shipment(*lines, **order)
    return shipping.record_delivery(shipment.pk, signed_by="Rita Recipient", actor=SYSTEM)


def shipment_lines(shipment: Shipment) -> list[ShipmentLine]:
    return list(shipment.lines.order_by("order_line__line_number"))


def announce(shipment: Shipment, *quantities: Any, **more: Any) -> Return:
    """So much of each line is on its way back."""
    lines = {
        line.pk: Decimal(quantity)
        for line, quantity in zip(shipment_lines(shipment), quantities, strict=False)
    }
    return shipping.announce_return(
        shipment.pk, lines=lines, **{"reason": "too many", "actor": SYSTEM, **more}
    )


def announced_return(quantity: Any = 4, *lines: tuple[Any, Any]) -> Return:
    """So much of the first line of a dispatched shipment is on its way back."""
    shipment = dispatched_shipment(*lines or [(10, 10)])
    line = shipment_lines(shipment)[0]
    return shipping.announce_return(
        shipment.pk, lines={line.pk: Decimal(quantity)}, reason="too many", actor=SYSTEM
    )


def signature_png() -> bytes:
    """A small picture of a signature."""
    out = io.BytesIO()
    Image.new("RGBA", (60, 20), (20, 20, 90, 255)).save(out, "PNG")
    return out.getvalue()
