"""Locking balances: always by primary key, always read again after the wait."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Q, Subquery
from django.db.models.expressions import RawSQL

from o2c.core.locks import lock_fresh
from o2c.masters.commands import keep_goods_masters
from o2c.masters.models import Company
from o2c.stock.models import Balance


class Place(NamedTuple):
    """Where a balance is kept: item, location, lot."""

    item_id: int
    location_id: int
    lot: str = ""


def lock_balances(*conditions: Q) -> list[Balance]:
    """Lock the balances that meet conditions, with item, location and `base_currency` at hand.

    One statement.
    """
    rows = Balance.objects.filter(*conditions).select_related("item__unit", "location")
    rows = rows.annotate(base_currency=Subquery(Company.objects.values("base_currency")[:1]))
    return lock_fresh(rows)


def lock_places(places: Collection[Place]) -> dict[Place, Balance]:
    """Lock the balance of every place, making those that have never held anything.

    Their items and locations stay as they are until the command ends. Two statements; two more
    when there are new ones.
    """
    keep_goods_masters({p.item_id for p in places}, {p.location_id for p in places})
    found = _lock_known(places)
    missing = sorted(set(places) - set(found))
    if missing:
        Balance.objects.bulk_create(
            [Balance(**place._asdict()) for place in missing], ignore_conflicts=True
        )
        found |= _lock_known(missing)
    return found


def _lock_known(places: Collection[Place]) -> dict[Place, Balance]:
    columns = [list(column) for column in zip(*places, strict=True)] or [[], [], []]
    wanted = RawSQL(
        "SELECT b.id FROM stock_balance AS b "
        "JOIN unnest(%s::bigint[], %s::bigint[], %s::text[]) AS p(item_id, location_id, lot) "
        "ON (p.item_id, p.location_id, p.lot) = (b.item_id, b.location_id, b.lot)",
        columns,
    )
    return {
        Place(balance.item_id, balance.location_id, balance.lot): balance
        for balance in lock_balances(Q(pk__in=wanted))
    }
