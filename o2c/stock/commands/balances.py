"""Locking balances: always by primary key, always read again after the wait."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Q, Subquery
from django.db.models.expressions import RawSQL

from o2c.core.codes import with_codes
from o2c.core.locks import lock_fresh
from o2c.core.number_keys import code_key
from o2c.masters.commands import keep_goods_masters
from o2c.masters.models import Company
from o2c.stock.models import Balance


class Place(NamedTuple):
    """Where a balance is kept: item, location, lot."""

    item_id: int
    location_id: int
    lot: str = ""


def lock_balances(*conditions: Q) -> list[Balance]:
    """Lock the balances that meet conditions, with item, location and `base_currency` at hand."""
    rows = Balance.objects.filter(*conditions).select_related("item__unit", "location")
    rows = rows.annotate(base_currency=Subquery(Company.objects.values("base_currency")[:1]))
    return lock_fresh(rows)


def lock_places(places: Collection[Place]) -> dict[Place, Balance]:
    """Lock the balance of every place, making those that have never held anything.

    A lot is found in any capitals; at a place where it never lay it keeps the spelling that it
    has at others. Items and locations stay as they are until the command ends.
    """
    keep_goods_masters({p.item_id for p in places}, {p.location_id for p in places})
    keys = {place: place_key(place) for place in places}
    found = _lock_known(places)
    # Twice when somebody else gives a lot its spelling between the look and the insert.
    for _round in range(2):
        missing = sorted({key: p for p, key in keys.items() if key not in found}.values())
        if not missing:
            break
        new = _in_their_spelling(missing)
        Balance.objects.bulk_create(
            [Balance(**place._asdict()) for place in new], ignore_conflicts=True
        )
        found |= _lock_known(new)
    return {place: found[key] for place, key in keys.items()}


def place_key(place: Place) -> Place:
    """What the spellings of one place share."""
    return place._replace(lot=code_key(place.lot))


def _in_their_spelling(places: Collection[Place]) -> list[Place]:
    """These places with the lots as they are spelt elsewhere."""
    keys = {code_key(place.lot) for place in places if place.lot}
    if not keys:
        return list(places)
    known = Balance.objects.filter(item__in={p.item_id for p in places if p.lot})
    lots = with_codes(known, keys, "lot").values_list("item", "lot").distinct()
    spelt = {(item_id, code_key(lot)): lot for item_id, lot in lots}
    for place in places:  # of two new spellings the first counts
        spelt.setdefault((place.item_id, code_key(place.lot)), place.lot)
    return [p._replace(lot=spelt[p.item_id, code_key(p.lot)]) for p in places]


def _lock_known(places: Collection[Place]) -> dict[Place, Balance]:
    """The balances there are at these places, by `place_key`."""
    columns = [list(column) for column in zip(*places, strict=True)] or [[], [], []]
    wanted = RawSQL(
        "SELECT b.id FROM stock_balance AS b "
        "JOIN unnest(%s::bigint[], %s::bigint[], %s::text[]) AS p(item_id, location_id, lot) "
        "ON (p.item_id, p.location_id, upper(p.lot)) = (b.item_id, b.location_id, upper(b.lot))",
        columns,
    )
    return {
        place_key(Place(balance.item_id, balance.location_id, balance.lot)): balance
        for balance in lock_balances(Q(pk__in=wanted))
    }
