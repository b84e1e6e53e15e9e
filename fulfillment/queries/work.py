"""What others and the pages ask of the warehouse. Each says how many statements it costs."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    Aggregate,
    Count,
    DecimalField,
    Exists,
    F,
    Field,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from fulfillment.models import (
    COUNT_REASONS,
    Package,
    PackageLine,
    PickLine,
    PickList,
    PickListState,
)
from fulfillment.rules import ScanTarget
from o2c.masters.models import ItemUnit, LocationKind
from o2c.stock.models import Balance, StockCount
from orders.models import OrderLine, OrderState

_QUANTITY = DecimalField(max_digits=15, decimal_places=3)

#: What a line still has no goods for, as SQL; `rules.lacking` without the tolerance.
_BACKORDERED = F("quantity") - F("cancelled") - F("reserved") - F("shipped")


def backorders() -> QuerySet[OrderLine]:
    """Order lines of released orders that wait for goods, each with `backordered`.

    Order, customer and item are at hand. The ones that wait longest come first.
    """
    return (
        OrderLine.objects.filter(
            order__state__in=[OrderState.RELEASED, OrderState.IN_FULFILLMENT],
            is_service=False,
            quantity__gt=F("cancelled") + F("reserved") + F("shipped"),
        )
        .select_related("order__customer", "order__warehouse", "item__unit")
        .annotate(backordered=_BACKORDERED)
        .order_by("order_id", "line_number")
    )


def orders_waiting_for_goods(item_ids: Collection[int] | None = None) -> list[int]:
    """Keys of orders with backorders, the oldest order first.

    With `item_ids` only orders that wait for one of these.
    """
    waiting = backorders()
    if item_ids is not None:
        waiting = waiting.filter(item_id__in=item_ids)
    return list(waiting.order_by("order_id").values_list("order_id", flat=True).distinct())


def pick_lists_with_order() -> QuerySet[PickList]:
    """Pick lists with order, customer and warehouse at hand."""
    return PickList.objects.select_related("order__customer", "warehouse")


def pick_lists() -> QuerySet[PickList]:
    """Pick lists for lists and boards: `stops`, `stops_done`, `short_stops` and weight in one.

    Each is asked list by list, so that a page of lists reads the stops of that page only.
    """
    short = ~Q(short_reason="")
    weight = Sum(F("quantity") * F("item__weight_kg"), output_field=_QUANTITY)
    return pick_lists_with_order().annotate(
        stops=_of_stops(Count("pk"), IntegerField()),
        stops_done=_of_stops(Count("pk", filter=Q(picked=F("quantity")) | short), IntegerField()),
        short_stops=_of_stops(Count("pk", filter=short), IntegerField()),
        weight_kg=_of_stops(weight, _QUANTITY),
    )


def _of_stops(figure: Aggregate, field: "Field[Any, Any]") -> Coalesce:
    """A figure of each pick list's stops; 0 when there are none."""
    stops = PickLine.objects.filter(pick_list=OuterRef("pk")).order_by().values("pick_list")
    return Coalesce(Subquery(stops.annotate(figure=figure).values("figure")), 0, output_field=field)


class Pool(NamedTuple):
    """Pick lists nobody has begun: the first of them, and how many there are."""

    shown: list[PickList]
    waiting: int


def pool(most: int) -> Pool:
    """The pick lists nobody has begun, at most so many of them."""
    waiting = _in_turn(pick_lists())
    return Pool(list(waiting[:most]), waiting.count())


def next_of_pool() -> int | None:
    """The key of the pick list to begin next; None when the pool is empty."""
    return _in_turn(PickList.objects.all()).values_list("pk", flat=True).first()


def _in_turn(lists: QuerySet[PickList]) -> QuerySet[PickList]:
    """Those nobody has begun, the earliest promise first."""
    return lists.filter(state=PickListState.PLANNED).order_by("order__promised_date", "pk")


def lists_begun_by(picker: str) -> QuerySet[PickList]:
    """The pick lists somebody is picking, oldest first."""
    return pick_lists().filter(state=PickListState.PICKING, picker=picker).order_by("pk")


def lines_of(pick_list: PickList) -> QuerySet[PickLine]:
    """The stops of a list in walking order, with item and location at hand."""
    rows = pick_list.lines.select_related("item__unit", "location", "balance", "order_line")
    return rows.order_by("sequence")


def packages_of(pick_list_ids: Iterable[int]) -> QuerySet[Package]:
    """The packages of these lists with their contents and items."""
    contents = PackageLine.objects.select_related("pick_line__item__unit").order_by("pk")
    return (
        Package.objects.filter(pick_list__in=list(pick_list_ids))
        .prefetch_related(Prefetch("lines", queryset=contents))
        .order_by("pk")
    )


def count_requests() -> QuerySet[PickLine]:
    """Short picks that put the book in doubt and whose place nobody has counted since."""
    counted = StockCount.objects.filter(
        location=OuterRef("location"), created_at__gt=OuterRef("short_at")
    )
    return (
        PickLine.objects.filter(short_reason__in=COUNT_REASONS)
        .filter(~Exists(counted))
        .select_related("pick_list", "item", "location__warehouse")
        .annotate(missing=F("quantity") - F("picked"))
        .order_by("short_at")
    )


def scan_targets(lines: Sequence[PickLine]) -> list[ScanTarget]:
    """What each stop can be recognised by: location, item, barcodes of its packaging units."""
    packed: dict[int, dict[str, Decimal]] = {}
    units = ItemUnit.objects.filter(item__in={line.item_id for line in lines}).exclude(barcode="")
    for item_id, barcode, factor in units.values_list("item", "barcode", "factor"):
        packed.setdefault(item_id, {})[barcode] = factor
    return [
        ScanTarget(
            line.pk,
            (line.location.code, line.location.barcode),
            packed.get(line.item_id, {})
            | dict.fromkeys((line.item.code, line.item.barcode), Decimal(1)),
            open=not line.is_done,
        )
        for line in lines
    ]


def free_elsewhere(line: PickLine) -> list[Balance]:
    """Other storage places of the warehouse that have the stop's item free, nearest first."""
    return list(
        Balance.objects.filter(
            item=line.item_id,
            location__warehouse=line.location.warehouse_id,
            location__kind=LocationKind.STORAGE,
            location__active=True,
            on_hand__gt=F("reserved"),
        )
        .exclude(pk=line.balance_id)
        .select_related("location")
        .order_by("location__walk_order", "location__code")[:3]
    )
