"""Promising goods to a demand, giving them back, and moving the promise elsewhere.

A demand is known by its source: the type of its rows (order lines unless said otherwise) and a
primary key. The goods book knows nothing else about it.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q
from django.utils.translation import gettext as _

from o2c.core import clock, prepared
from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.constraints import in_words
from o2c.core.errors import RuleViolation
from o2c.core.work import assert_in_command, take_rank
from o2c.masters.models import LocationKind
from o2c.stock.commands.balances import lock_balances
from o2c.stock.commands.moves import refuse_shortage
from o2c.stock.models import Balance
from o2c.stock.rules import ZERO, Allocation, Demand, FreeStock, allocate
from o2c.web.formats import number_text

ORDER_LINE = "orders.orderline"


class NotReserved(RuleViolation):
    """Goods were asked for that are not reserved for this source."""

    status = 409


class Held(NamedTuple):
    """A quantity that a source holds at a balance."""

    source_id: int
    balance_id: int
    quantity: Decimal


@command
def reserve(
    demands: Sequence[Demand],
    warehouse_id: int,
    *,
    actor: Actor,
    source_type: str = ORDER_LINE,
) -> dict[int, list[Allocation]]:
    """Hold what the warehouse's storage locations have, in walking order; tell who got what.

    Less than wanted is no error: every source is in the answer, with what it got.
    """
    balances = lock_balances(
        Q(item_id__in={demand.item_id for demand in demands}),
        Q(location__warehouse=warehouse_id, location__kind=LocationKind.STORAGE),
        Q(location__active=True, on_hand__gt=F("reserved")),
    )
    answer = allocate(demands, [_as_free(balance) for balance in balances])
    held = [
        Held(source_id, got.balance_id, got.quantity)
        for source_id, allocations in answer.items()
        for got in allocations
    ]
    _hold(held, source_type)
    return answer


def _as_free(balance: Balance) -> FreeStock:
    location = balance.location
    return FreeStock(
        balance.pk,
        balance.item_id,
        location.pk,
        location.code,
        location.walk_order,
        balance.lot,
        balance.free,
    )


@command
def release(
    source_ids: Collection[int], *, actor: Actor, source_type: str = ORDER_LINE
) -> list[Held]:
    """Give back all that these sources hold; tell what it was."""
    take_rank(Balance.lock_rank)
    return _take(
        [(source_id, None, None) for source_id in set(source_ids)], "released", source_type
    )


@command
def release_part(
    parts: Sequence[Held], *, actor: Actor, source_type: str = ORDER_LINE
) -> list[Held]:
    """Give back these quantities from these balances. Raises NotReserved."""
    take_rank(Balance.lock_rank)
    return take_held(parts, "released", source_type)


@command
def move_reservation(
    source_id: int,
    from_balance_id: int,
    to_balance_id: int,
    quantity: Decimal,
    *,
    actor: Actor,
    source_type: str = ORDER_LINE,
) -> None:
    """Hold quantity at another balance instead, such as the place where it was really found.

    Raises NotReserved, or RuleViolation when the other place has too little.
    """
    balances = {b.pk: b for b in lock_balances(Q(pk__in=[from_balance_id, to_balance_id]))}
    giver, taker = balances[from_balance_id], balances[to_balance_id]
    if giver.item_id != taker.item_id:
        raise RuleViolation(_("The other place holds another item."))
    refuse_shortage(taker, quantity)
    take_held([Held(source_id, from_balance_id, quantity)], "released", source_type)
    _hold([Held(source_id, to_balance_id, quantity)], source_type)


def take_held(parts: Sequence[Held], counter: str, source_type: str) -> list[Held]:
    """Take quantities out of what is held and count them as `consumed` or `released`.

    Raises NotReserved when any part is not held in full.
    """
    wanted: dict[tuple[int, int], Decimal] = {}
    for part in parts:
        key = (part.source_id, part.balance_id)
        wanted[key] = wanted.get(key, ZERO) + part.quantity
    taken = _take([(*key, quantity) for key, quantity in wanted.items()], counter, source_type)
    got = {(part.source_id, part.balance_id) for part in taken}
    short = [key for key in wanted if key not in got]
    if short:
        raise NotReserved(
            _("%(quantity)s wanted from place %(balance)s, which does not hold it for this line.")
            % {"quantity": number_text(wanted[short[0]]), "balance": short[0][1]}
        )
    return taken


def _take(
    parts: Collection[tuple[int, int | None, Decimal | None]], counter: str, source_type: str
) -> list[Held]:
    """Take (source, balance, quantity) out of what is held; no balance means all of them and no
    quantity all of it. Locks balances and reservations by key, and takes what the lock found.
    """
    assert_in_command()
    assert counter in ("consumed", "released"), counter
    if not parts:
        return []
    taken = prepared.fetch(
        "WITH held AS MATERIALIZED ("
        "SELECT r.id, coalesce(p.quantity, r.quantity) AS quantity FROM stock_reservation AS r "
        "JOIN unnest(%s::bigint[], %s::bigint[], %s::numeric[]) "
        "AS p(source_id, balance_id, quantity) ON p.source_id = r.source_id "
        "AND coalesce(p.balance_id, r.balance_id) = r.balance_id "
        "JOIN stock_balance AS b ON b.id = r.balance_id "
        "WHERE r.source_type = %s AND r.quantity > 0 "
        "ORDER BY b.id, r.id FOR NO KEY UPDATE OF b, r) "
        "UPDATE stock_reservation AS r "
        f"SET quantity = r.quantity - h.quantity, {counter} = r.{counter} + h.quantity "
        "FROM held AS h WHERE h.id = r.id AND r.quantity >= h.quantity "
        "RETURNING r.source_id, r.balance_id, h.quantity",
        [*(list(column) for column in zip(*parts, strict=True)), source_type],
    )
    return [Held(*row) for row in taken]


def _hold(held: Sequence[Held], source_type: str) -> None:
    """Add to what is held. The balances are locked.

    Raises RuleViolation when a place became another kind of place meanwhile.
    """
    if not held:
        return
    with in_words():
        prepared.execute(
            "INSERT INTO stock_reservation AS r "
            "(source_type, source_id, balance_id, quantity, consumed, released, reserved_at) "
            "SELECT %s, p.source_id, p.balance_id, sum(p.quantity), 0, 0, %s "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) "
            "AS p(source_id, balance_id, quantity) "
            "GROUP BY p.source_id, p.balance_id ORDER BY p.source_id, p.balance_id "
            "ON CONFLICT (source_type, source_id, balance_id) "
            "DO UPDATE SET quantity = r.quantity + excluded.quantity",
            [source_type, clock.now(), *(list(column) for column in zip(*held, strict=True))],
        )
