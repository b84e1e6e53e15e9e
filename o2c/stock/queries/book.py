"""What others ask the goods book. Each says how many statements it costs."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import TypeVar

from django.db.models import F, Q, QuerySet, Subquery, Sum

from o2c.masters.models import Company, Item, LocationKind, Warehouse
from o2c.stock.models import (
    TO_COME,
    Balance,
    ExpectedReceipt,
    Move,
    Reservation,
    StockCount,
    StockCountLine,
    StockDocument,
)

ZERO = Decimal(0)
_BASE_CURRENCY = Subquery(Company.objects.values("base_currency")[:1])
_ORDER_LINE = "orders.orderline"
_Document = TypeVar("_Document", bound=StockDocument)


def _pk(thing: Warehouse | Item | int) -> int:
    return thing if isinstance(thing, int) else thing.pk


def available(item_ids: Collection[int], warehouse: Warehouse | int) -> dict[int, Decimal]:
    """What each item's storage places in the warehouse can still promise.

    On hand less reserved; every item asked for is in the answer.
    """
    rows = (
        Balance.objects.filter(
            item_id__in=item_ids,
            location__warehouse=_pk(warehouse),
            location__kind=LocationKind.STORAGE,
            location__active=True,
        )
        .values("item_id")
        .annotate(total=Sum(F("on_hand") - F("reserved")))
        .order_by()
    )
    return dict.fromkeys(item_ids, ZERO) | {row["item_id"]: row["total"] for row in rows}


def expected_receipts(
    item_ids: Collection[int], warehouse: Warehouse | int | None = None
) -> dict[int, list[ExpectedReceipt]]:
    """Deliveries to come, by item, earliest first; `outstanding` is what is still due.

    Every item asked for is in the answer.
    """
    coming = ExpectedReceipt.objects.filter(TO_COME, item_id__in=item_ids)
    if warehouse is not None:
        coming = coming.filter(warehouse=_pk(warehouse))
    answer: dict[int, list[ExpectedReceipt]] = {item_id: [] for item_id in item_ids}
    for receipt in coming.order_by("expected_date", "pk"):
        answer[receipt.item_id].append(receipt)
    return answer


def to_come(item: Item) -> QuerySet[ExpectedReceipt]:
    """Deliveries of an item to come, earliest first, with `outstanding` at hand."""
    coming = ExpectedReceipt.objects.filter(TO_COME, item=item)
    return coming.order_by("expected_date", "pk")


def totals_of(item: Item) -> dict[str, Decimal]:
    """`on_hand` and `reserved` of an item everywhere, and what is `free` in storage.

    Stock units.
    """
    in_storage = Q(location__kind=LocationKind.STORAGE)
    free = Sum(F("on_hand") - F("reserved"), filter=in_storage, default=ZERO)
    balances = Balance.objects.filter(item=item)
    return balances.aggregate(
        free=free, on_hand=Sum("on_hand", default=ZERO), reserved=Sum("reserved", default=ZERO)
    )


def reservations_of(
    source_ids: Iterable[int], source_type: str = _ORDER_LINE
) -> dict[int, list[Reservation]]:
    """What each source holds now, in walking order, with balance and location at hand.

    Sources that hold nothing are missing.
    """
    held = Reservation.objects.filter(
        source_type=source_type, source_id__in=list(source_ids), quantity__gt=0
    )
    held = held.select_related("balance__location", "balance__item")
    answer: dict[int, list[Reservation]] = {}
    for reservation in held.order_by("balance__location__walk_order", "balance__location__code"):
        answer.setdefault(reservation.source_id, []).append(reservation)
    return answer


def value_of_stock_document(document: StockDocument) -> Decimal:
    """What a receipt, adjustment or count added to the stock's value (a loss is negative).

    Base currency, rounded; zero for a transfer.
    """
    return value_of_source((document.source_type(), document.pk))


def value_of_source(source: tuple[str, int]) -> Decimal:
    """The value that any document's moves added to the stock."""
    moves = Move.objects.filter(source_type=source[0], source_id=source[1])
    total = moves.aggregate(total=Sum("value"))["total"]
    return total if total is not None else ZERO


def items_moved(document: StockDocument) -> list[int]:
    """The items a document moved."""
    moves = Move.objects.filter(source_type=document.source_type(), source_id=document.pk)
    return list(moves.order_by("balance__item").values_list("balance__item", flat=True).distinct())


def moves_of(document: StockDocument) -> QuerySet[Move]:
    """The moves a document made, in order, with item and location at hand."""
    moves = Move.objects.filter(source_type=document.source_type(), source_id=document.pk)
    moves = moves.select_related("balance__item__unit", "balance__location")
    return moves.annotate(base_currency=_BASE_CURRENCY).order_by("pk")


def stock_ledger(item: Item | int, warehouse: Warehouse | int | None = None) -> QuerySet[Move]:
    """Every move of an item; `on_hand_after` is what then lay at the move's own place."""
    moves = Move.objects.filter(balance__item=_pk(item))
    if warehouse is not None:
        moves = moves.filter(balance__location__warehouse=_pk(warehouse))
    return moves.select_related("balance__location__warehouse").annotate(
        base_currency=_BASE_CURRENCY
    )


def stock_overview() -> QuerySet[Balance]:
    """Every place that holds or promises something, with item and location at hand."""
    return (
        Balance.objects.filter(Q(on_hand__gt=0) | Q(reserved__gt=0))
        .select_related("item__unit", "location__warehouse")
        .annotate(free_quantity=F("on_hand") - F("reserved"), base_currency=_BASE_CURRENCY)
    )


def places_of(item: Item | int) -> QuerySet[Balance]:
    """The item's part of `stock_overview`, in walking order."""
    return stock_overview().filter(item=_pk(item)).order_by("location__walk_order", "pk")


def items_with_unit() -> QuerySet[Item]:
    """Items with the unit they are counted in at hand."""
    return Item._default_manager.select_related("unit")


def documents(model: type[_Document]) -> QuerySet[_Document]:
    """Receipts, transfers, adjustments or counts, with their warehouse at hand."""
    return model._default_manager.select_related("warehouse")


def expected_with_item() -> QuerySet[ExpectedReceipt]:
    """Deliveries to come, with item, unit and warehouse at hand."""
    return ExpectedReceipt.objects.select_related("item__unit", "warehouse")


def holders_of(item: Item | int) -> QuerySet[Reservation]:
    """Who holds how much of an item where, with the place at hand."""
    held = Reservation.objects.filter(balance__item=_pk(item), quantity__gt=0)
    return held.select_related("balance__location__warehouse").order_by("pk")


def counted_lines(count: StockCount) -> QuerySet[StockCountLine]:
    """What a count found, line by line, with item and the difference at hand."""
    lines = count.lines.select_related("balance__item__unit").order_by("balance__item__code")
    return lines.annotate(difference=F("counted") - F("expected"))
