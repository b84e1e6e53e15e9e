"""Which item a code, a barcode or a unit in a document or on goods stands for."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Upper

from o2c.core.codes import with_codes
from o2c.core.compiled import compiled
from o2c.core.expressions import IsOneOf
from o2c.core.number_keys import code_key
from o2c.masters.models import Customer, CustomerItem, Item, ItemUnit


def items_by_code(
    codes: Collection[str], customer: Customer | int | None = None, *, active_only: bool = True
) -> dict[str, Item]:
    """The item each code means; unknown codes are missing. Items come with their unit.

    A code is, in this order and in whichever capitals: the customer's own code, our code, the
    item's barcode, the barcode of a packaging unit (then `packed_in` says which).
    """
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    keys = sorted({code_key(code) for code in wanted})
    customer_id = customer.pk if isinstance(customer, Customer) else customer
    return _by_preference(wanted, _items_by_key(keys, customer_id, active_only=active_only))


@compiled
def _items_by_key(
    keys: Sequence[str], customer_id: int | None, *, active_only: bool
) -> QuerySet[Item]:
    """The items one of these keys of codes stands for, with the names it may stand for."""
    by_code, by_barcode = IsOneOf(Upper("code"), keys), IsOneOf(Upper("barcode"), keys)
    theirs = CustomerItem.objects.filter(customer=customer_id)
    packed = ItemUnit.objects.exclude(barcode="").filter(by_barcode)
    of_item = packed.filter(item=OuterRef("pk")).order_by("pk")
    matching = (
        Item.objects.filter(by_code)
        .values("pk")
        .union(
            Item.objects.exclude(barcode="").filter(by_barcode).values("pk"),
            packed.values("item"),
            theirs.filter(by_code).values("item"),
            all=True,
        )
    )
    return (
        Item.objects.filter(pk__in=matching, **({"active": True} if active_only else {}))
        .select_related("unit")
        .annotate(
            customer_code=Subquery(theirs.filter(item=OuterRef("pk")).values("code")[:1]),
            packing_barcodes=ArraySubquery(of_item.values("barcode")),
            packing_units=ArraySubquery(of_item.values("unit__code")),
        )
        .order_by("pk")
    )


def _by_preference(wanted: set[str], items: Iterable[Any]) -> dict[str, Item]:
    by_route: list[dict[str, Item]] = [{}, {}, {}, {}]
    for item in items:
        names = ([item.customer_code], [item.code], [item.barcode], item.packing_barcodes)
        for route, codes in zip(by_route, names, strict=True):
            for code in codes:
                if code:
                    route.setdefault(code_key(code), item)
    meant = ((code, _first_of(by_route, code_key(code))) for code in wanted)
    return {code: item for code, item in meant if item}


def _first_of(routes: Iterable[dict[str, Item]], key: str) -> Item | None:
    return next((route[key] for route in routes if key in route), None)


def packed_in(item: Any, code: str) -> str:
    """The packaging unit that a code of `items_by_code` orders; empty when it is the item's own."""
    key = code_key(code)
    if key in {code_key(own or "") for own in (item.customer_code, item.code, item.barcode)}:
        return ""
    units = zip(map(code_key, item.packing_barcodes), item.packing_units, strict=True)
    return str(dict(units).get(key, ""))


class ScannedUnit(NamedTuple):
    """What a scanned barcode stands for: an item, in stock units per scan."""

    item: Item
    factor: Decimal


def scanned(barcode: str) -> ScannedUnit | None:
    """The item a barcode belongs to, and how many stock units one scan counts."""
    items, units = Item.objects.exclude(barcode=""), ItemUnit.objects.exclude(barcode="")
    item = with_codes(items, [barcode], "barcode").select_related("unit").first()
    if item:
        return ScannedUnit(item, Decimal(1))
    packed = with_codes(units, [barcode], "barcode").select_related("item__unit").first()
    return ScannedUnit(packed.item, packed.factor) if packed else None


class OtherUnit(NamedTuple):
    """A unit an item is sold in beside its stock unit: `factor` stock units are one of it."""

    unit_id: int
    factor: Decimal


def other_units(item_ids: Collection[int]) -> dict[tuple[int, str], OtherUnit]:
    """The other units of items, by item and key of the unit's code."""
    rows = ItemUnit.objects.filter(item_id__in=item_ids).values_list(
        "item_id", "unit__code", "unit_id", "factor"
    )
    return {
        (item_id, code_key(code)): OtherUnit(unit_id, factor)
        for item_id, code, unit_id, factor in rows
    }
