"""A master is changed while goods arrive, are announced or are promised: one of both is refused."""

import re
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from unittest import mock

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.masters.commands import amend_master
from o2c.masters.models import Warehouse
from o2c.stock.commands import (
    Adjustment,
    Demand,
    Receipt,
    adjust_stock,
    balances,
    expect_goods,
    expected,
    receive_goods,
    reservations,
    reserve,
)
from o2c.stock.models import Balance, ExpectedReceipt, StockReceipt
from o2c.stock.rules import total
from tests.concurrency.race import commit_together, locks_off, lost, race, trigger_locks_off, won
from tests.factories.masters import ItemFactory, UnitFactory, WarehouseFactory
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db(transaction=True)


class Race(NamedTuple):
    """Work with goods against a change of a master that it rests on."""

    work: Callable[[Balance], Callable[[], Any]]
    change: Callable[[Balance], tuple[Any, dict[str, Any]]]  # the master, and what is changed
    refusals: str  # what the work, or the change, is told when it comes second
    are_both_done: Callable[[Balance], bool]


def arrival(quantity):
    """Goods that come in at the place of a balance."""

    def work(balance):
        line = Receipt(balance.item_id, balance.location_id, Decimal(quantity))
        return partial(receive_goods, balance.location.warehouse_id, [line], actor=SYSTEM)

    return work


def announcement(balance):
    item, warehouse = balance.item_id, balance.location.warehouse_id
    return partial(expect_goods, item, warehouse, Decimal(5), clock.today(), actor=SYSTEM)


def to_a_service(balance):
    return balance.item, {"kind": "service"}


def to_pieces(balance):
    return balance.item, {"unit": UnitFactory()}


def to_a_coarser_unit(balance):
    return balance.item.unit, {"decimals": 1}


def switched_off(balance):
    return balance.location, {"active": False}


def to_another_warehouse(balance):
    other = WarehouseFactory(code="OTHER")
    return balance.location, {"warehouse": other, "code": f"FROM-{balance.location.warehouse_id}"}


def warehouse_switched_off(balance):
    return balance.location.warehouse, {"active": False}


def lies(**wrongly):
    """Whether goods lie where, or as what, none may."""
    return lambda balance: Balance.objects.filter(on_hand__gt=0, **wrongly).exists()


def is_finer_than_its_unit(balance):
    now = Balance.objects.select_related("item__unit").get(pk=balance.pk)
    return now.on_hand != round(now.on_hand, now.item.unit.decimals)


def lies_in_another_warehouse(balance):
    now = Balance.objects.select_related("location").get(pk=balance.pk)
    document = StockReceipt.objects.latest("pk")
    return now.on_hand > 0 and now.location.warehouse_id != document.warehouse_id


def is_expected(balance):
    return ExpectedReceipt.objects.filter(item__kind="service").exists()


RACES = {
    "location switched off": Race(
        arrival("1.250"),
        switched_off,
        "switched off: nothing is put there|before it is switched off",
        lies(location__active=False),
    ),
    "location of another warehouse": Race(
        arrival("1.250"),
        to_another_warehouse,
        "no location of this warehouse|would move to another warehouse",
        lies_in_another_warehouse,
    ),
    "warehouse switched off": Race(
        arrival("1.250"),
        warehouse_switched_off,
        "warehouse is switched off: nothing is put there|before it is switched off",
        lies(location__warehouse__active=False),
    ),
    "item becomes a service": Race(
        arrival("1.250"),
        to_a_service,
        "service and is not kept on stock|stays stocked while goods",
        lies(item__kind="service"),
    ),
    "item counted in another unit": Race(
        arrival("1.250"),
        to_pieces,
        "more decimals than the unit allows|stock unit stays while goods",
        is_finer_than_its_unit,
    ),
    "unit loses decimals": Race(
        arrival("1.250"),
        to_a_coarser_unit,
        "more decimals than the unit allows|counted in smaller parts",
        is_finer_than_its_unit,
    ),
    "item becomes a service while goods of it are announced": Race(
        announcement,
        to_a_service,
        "service and is not kept on stock|stays stocked while goods",
        is_expected,
    ),
}


@pytest.fixture(params=RACES)
def contest(request):
    return RACES[request.param]


def filled_place(**item):
    """A balance at the only place of a warehouse."""
    warehouse = WarehouseFactory(code=f"W{Warehouse.objects.count()}", bins=1)
    return stock(ItemFactory(**item), 5, location=storage(warehouse=warehouse))


def empty_place():
    """The balance of an item counted in kilograms, where nothing lies any more."""
    balance = filled_place(unit=UnitFactory(code="KGM", name="kilogram", decimals=3))
    item = balance.item
    line = Adjustment(item.pk, balance.location_id, Decimal(-5))
    adjust_stock(balance.location.warehouse_id, [line], reason="sold", actor=SYSTEM)
    return Balance.objects.select_related("item__unit", "location__warehouse").get(pk=balance.pk)


def amendment(master, values):
    fresh = type(master)._default_manager.get(pk=master.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    return partial(amend_master, fresh, actor=SYSTEM)


@contextmanager
def unlocked():
    """Nobody locks anything, and nobody commits before both have looked and written."""
    nothing = mock.Mock()
    with ExitStack() as stack:
        for module in (balances, expected):
            stack.enter_context(mock.patch.object(module, "keep_goods_masters", nothing))
        off = trigger_locks_off("stock_goods_arrive", "stock_location_kind_kept")
        for part in (off, locks_off(), commit_together()):
            stack.enter_context(part)
        yield


def test_one_of_both_is_refused(contest):
    for _round in range(2):
        balance = empty_place()

        outcomes = race(contest.work(balance), amendment(*contest.change(balance)))

        (refusal,) = lost(outcomes)
        assert re.search(contest.refusals, str(refusal))
        assert not contest.are_both_done(balance)


def test_without_locks_both_are_done(contest):
    balance = empty_place()

    with unlocked():
        outcomes = race(contest.work(balance), amendment(*contest.change(balance)))

    assert len(won(outcomes)) == 2, outcomes
    assert contest.are_both_done(balance)


class TestPromisedGoods:
    """A storage place becomes a quarantine while its goods are promised."""

    def contenders(self, balance):
        def promise():
            demand = Demand(1, balance.item_id, Decimal(3))
            got = reserve([demand], balance.location.warehouse_id, actor=SYSTEM)
            return total(got[1])

        return promise, amendment(balance.location, {"kind": "quarantine"})

    def promised(self):
        return Balance.objects.filter(location__kind="quarantine", reserved__gt=0).exists()

    def test_none_are_promised_from_a_quarantine(self):
        for _round in range(3):
            promise, change = race(*self.contenders(filled_place()))

            if promise == 3:
                assert "are reserved for orders" in str(change)
            else:
                assert promise == 0 or "another kind of place" in str(promise)
            assert not self.promised()

    def test_without_locks_they_are(self):
        contenders = self.contenders(filled_place())

        def read_without_lock(*conditions):
            return list(Balance.objects.filter(*conditions).select_related("item", "location"))

        with unlocked(), mock.patch.object(reservations, "lock_balances", read_without_lock):
            race(*contenders)

        assert self.promised()
