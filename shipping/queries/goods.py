"""What others and the pages ask of shipping. Each says how many statements it costs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, JSONObject

from fulfillment.models import PackageLine, PickListState
from o2c.core.compiled import compiled
from o2c.masters.models import CarrierService, Company
from o2c.stock.models import Move
from orders.models import OrderLine
from shipping.models import (
    Disposition,
    ProofOfDelivery,
    Return,
    ReturnLine,
    Shipment,
    ShipmentContent,
    ShipmentLine,
    ShipmentState,
)

_QUANTITY = DecimalField(max_digits=15, decimal_places=3)


@compiled
def packed_and_not_shipped(pick_list_id: int, customer_id: int) -> QuerySet[PackageLine]:
    """What lies in closed packages of a packed list and is in no live shipment.

    Package, pick list and pick line are at hand. `usual` is the carrier service the customer's
    goods went with last, else the first one there is: `{"service", "carrier", "days"}` or None.
    """
    last = (
        Shipment.objects.filter(customer=customer_id, service__isnull=False)
        .exclude(state=ShipmentState.CANCELLED)
        .order_by("-pk")
        .values("service")[:1]
    )
    usual = (
        CarrierService.objects.filter(active=True, carrier__active=True)
        .annotate(is_last=Case(When(pk=Subquery(last), then=0), default=1))
        .order_by("is_last", "pk")
        .values(found=JSONObject(service="pk", carrier="carrier_id", days="transit_days"))[:1]
    )
    live = ShipmentContent.objects.filter(package_line=OuterRef("pk"), live=True)
    return (
        PackageLine.objects.filter(
            ~Exists(live),
            package__pick_list=pick_list_id,
            package__pick_list__state=PickListState.PACKED,
            package__unpacked=False,
        )
        .select_related("package__pick_list", "pick_line__item")
        .annotate(usual=Subquery(usual))
        .order_by("package", "pk")
    )


@compiled
def contents_to_issue(shipment_id: int) -> QuerySet[ShipmentContent]:
    """The live contents of a shipment, with the shipment and where each was picked.

    Annotated with the company's `base_currency`.
    """
    return (
        ShipmentContent.objects.filter(shipment=shipment_id, live=True)
        .select_related("shipment__carrier", "package_line__pick_line")
        .annotate(base_currency=Subquery(Company.objects.values("base_currency")[:1]))
        .order_by("pk")
    )


def services_without_shipment(order_id: int) -> list[OrderLine]:
    """Service lines performed beyond what shipments say, each with `without_shipment`."""
    in_shipments = (
        ShipmentLine.objects.filter(order_line=OuterRef("pk"))
        .order_by()
        .values("order_line")
        .annotate(total=Sum("quantity"))
        .values("total")
    )
    in_any = Coalesce(Subquery(in_shipments), Value(0), output_field=_QUANTITY)
    return list(
        OrderLine.objects.filter(order=order_id, is_service=True, shipped__gt=0)
        .annotate(without_shipment=F("shipped") - in_any)
        .filter(without_shipment__gt=0)
        .order_by("line_number")
    )


def shipments() -> QuerySet[Shipment]:
    """Shipments for lists, with order, customer and carrier at hand."""
    return Shipment.objects.select_related(
        "order", "customer", "carrier", "service", "warehouse", "pick_list"
    )


def shipments_with_proof() -> QuerySet[Shipment]:
    """`shipments` with `line_count`, and proof of delivery and signature at hand."""
    return shipments().select_related("proof__signature").annotate(line_count=Count("lines"))


def returns_of(shipment: Shipment) -> QuerySet[Return]:
    """What came, or comes, back of a shipment, oldest first."""
    return shipment.returns.order_by("pk")


def contents_of(shipment: Shipment) -> list[ShipmentContent]:
    """What a shipment carries, package by package, items at hand."""
    return list(
        shipment.contents.filter(live=shipment.state != ShipmentState.CANCELLED)
        .select_related("package_line__package", "package_line__pick_line__item__unit",
                        "package_line__pick_line__order_line")
        .order_by("package_line__package", "pk")
    )  # fmt: skip


def lines_of(shipment: Shipment) -> QuerySet[ShipmentLine]:
    """What has left with a shipment, by order line. Empty before dispatch."""
    rows = shipment.lines.select_related("order_line", "item__unit")
    return rows.order_by("order_line__line_number")


class Accepted(NamedTuple):
    """What the proof of delivery says of one line."""

    line: ShipmentLine
    accepted: Decimal
    refused: Decimal
    reason: str


def accepted_lines(proof: ProofOfDelivery, lines: Iterable[ShipmentLine]) -> list[Accepted]:
    """What was taken and what was refused at the door, in the order of the lines."""
    told = [(line, proof.accepted.get(str(line.pk))) for line in lines]
    return [
        Accepted(
            line,
            Decimal(said["accepted"]),
            Decimal(said.get("refused", "0")),
            said.get("reason", ""),
        )
        for line, said in told
        if said is not None
    ]


def returns() -> QuerySet[Return]:
    """Returns with `line_count`; order, customer, shipment and its warehouse at hand."""
    return Return.objects.select_related("order", "customer", "shipment__warehouse").annotate(
        line_count=Count("lines", output_field=IntegerField())
    )


def return_lines_of(goods_return: Return) -> QuerySet[ReturnLine]:
    """The lines of a return with their items and places."""
    related = ("shipment_line__item__unit", "shipment_line__order_line", "location")
    return goods_return.lines.select_related(*related).order_by("pk")


def goods_restocked(return_id: int) -> tuple[list[int], int]:
    """The items of a return that went back on the shelf, and the warehouse."""
    goods_return = Return.objects.select_related("shipment").get(pk=return_id)
    back = goods_return.lines.filter(disposition=Disposition.RESTOCK, received__gt=0)
    items = back.values_list("shipment_line__item", flat=True).distinct()
    return sorted(items), goods_return.shipment.warehouse_id


def lots_to_come_back(shipment_line_ids: Sequence[int]) -> dict[int, list[tuple[str, Decimal]]]:
    """Shipment line -> the lots it left as, and how much of each has not come back to stock.

    In the order of the lots.
    """
    if not shipment_line_ids:
        return {}
    content = "shipment__contents__package_line"
    left = (
        ShipmentLine.objects.filter(
            **{f"{content}__pick_line__order_line": F("order_line")},
            pk__in=shipment_line_ids,
            shipment__contents__live=True,
        )
        .values_list("pk", f"{content}__pick_line__balance__lot")
        .annotate(quantity=Sum(f"{content}__quantity"))
        .order_by("pk", f"{content}__pick_line__balance__lot")
    )
    back: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    returned = ReturnLine.objects.filter(
        shipment_line__in=shipment_line_ids, location__isnull=False
    )
    line_of = dict(returned.values_list("pk", "shipment_line"))
    moves = Move.objects.filter(source_type=Return._meta.label_lower, line_id__in=list(line_of))
    for line_id, lot, quantity in moves.values_list("line_id", "balance__lot", "quantity"):
        assert line_id is not None, "a return moves goods line by line"
        back[line_of[line_id], lot] += quantity
    lots: dict[int, list[tuple[str, Decimal]]] = {pk: [] for pk in shipment_line_ids}
    for pk, lot, quantity in left:
        lots[pk].append((lot, quantity - back[pk, lot]))
    return lots


def picked_from(shipment_line_ids: Sequence[int]) -> dict[int, int]:
    """Shipment line -> the location most of its goods were picked from, if it is still in use."""
    rows = (
        ShipmentLine.objects.filter(
            pk__in=shipment_line_ids,
            shipment__contents__live=True,
            shipment__contents__package_line__pick_line__order_line=F("order_line"),
            shipment__contents__package_line__pick_line__location__active=True,
        )
        .values_list("pk", "shipment__contents__package_line__pick_line__location")
        .annotate(total=Sum("shipment__contents__package_line__quantity"))
        .order_by("total", "-shipment__contents__package_line__pick_line__location")
    )
    return {line: location for line, location, _total in rows}
