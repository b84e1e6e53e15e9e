"""What stands on the documents that travel with the goods, and what is in each package."""

from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from fulfillment.models import Package, PackageLine, PickListState
from o2c.masters.models import CustomerItem
from o2c.masters.queries import company
from o2c.web.formats import date_text, number_text
from orders.models import OrderLine
from shipping.models import Shipment, ShipmentContent, ShipmentState
from shipping.queries.goods import contents_of
from shipping.rules import ZERO


class PackedPackage(NamedTuple):
    """A package of a shipment with what is in it."""

    package: Package
    lines: list[PackageLine]


def packages_of(shipment: Shipment) -> list[PackedPackage]:
    """The packages that travel with a shipment."""
    packed: dict[int, PackedPackage] = {}
    for content in contents_of(shipment):
        line = content.package_line
        packed.setdefault(line.package_id, PackedPackage(line.package, [])).lines.append(line)
    return list(packed.values())


def unshipped_packages() -> QuerySet[Package]:
    """Closed packages of packed lists that are in no live shipment, order and customer at hand."""
    live = ShipmentContent.objects.filter(package_line__package=OuterRef("pk"), live=True)
    return (
        Package.objects.filter(~Exists(live), unpacked=False, pick_list__state=PickListState.PACKED)
        .select_related("pick_list__order__customer")
        .order_by("pk")
    )


class Following(NamedTuple):
    """An order line that is not complete with this shipment."""

    line: OrderLine
    quantity: Decimal


def document_of(shipment: Shipment) -> dict[str, Any]:
    """The context of packing slip and bill of lading."""
    packages = packages_of(shipment)
    _name_as_they_do(shipment, packages)
    order = shipment.order
    left_on = shipment.dispatched_at
    return {
        "shipment": shipment,
        "seller": company(),
        "recipient": shipment.ship_to_lines,
        "facts": [
            (_("Shipment"), shipment.number),
            (_("Date"), date_text(left_on) if left_on else ""),
            (_("Order"), order.number),
            (_("Your order"), order.customer_reference),
            (_("Customer number"), shipment.customer.code),
            (_("Carrier"), _carrier(shipment)),
            (_("Tracking number"), shipment.tracking),
            (_("Packages"), str(shipment.package_count)),
            (_("Weight"), f"{number_text(shipment.weight_kg)} kg"),
        ],
        "instructions": shipment.ship_to.get("instructions", ""),
        "packages": packages,
        "following": _following(shipment, packages),
        "is_draft": shipment.state == ShipmentState.PLANNED,
    }


def _name_as_they_do(shipment: Shipment, packages: list[PackedPackage]) -> None:
    """Give every packed line the customer's own code of its item as `their_code`, if any."""
    packed = [line for package in packages for line in package.lines]
    items = {line.pick_line.item_id for line in packed}
    theirs = CustomerItem.objects.filter(customer=shipment.customer_id, item__in=items)
    codes = dict(theirs.values_list("item_id", "code"))
    for line in packed:
        line.their_code = codes.get(line.pick_line.item_id, "")  # type: ignore[attr-defined]


def _carrier(shipment: Shipment) -> str:
    names = [one.name for one in (shipment.carrier, shipment.service) if one]
    return ", ".join(names)


def _following(shipment: Shipment, packages: list[PackedPackage]) -> list[Following]:
    """What of the order's goods is still to come after this shipment."""
    here: dict[int, Decimal] = {}
    if shipment.state == ShipmentState.PLANNED:
        for packed in packages:
            for line in packed.lines:
                key = line.pick_line.order_line_id
                here[key] = here.get(key, ZERO) + line.quantity
    lines = OrderLine.objects.filter(order=shipment.order_id, is_service=False)
    return [
        Following(line, left)
        for line in lines.select_related("item__unit").order_by("line_number")
        if (left := line.open_quantity - here.get(line.pk, ZERO)) > 0
    ]
