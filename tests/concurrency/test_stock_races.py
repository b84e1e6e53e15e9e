"""R01, R12: many hands on the last units. The goods book never oversells and nobody crashes."""

import random
from decimal import Decimal
from functools import partial
from unittest import mock

import pytest
from django.db import IntegrityError

from o2c.core.actors import SYSTEM
from o2c.core.verify import run_all
from o2c.stock.commands import (
    Demand,
    Issue,
    Receipt,
    issue,
    receive_goods,
    release,
    reservations,
    reserve,
)
from o2c.stock.models import Balance
from o2c.stock.rules import total
from tests.concurrency.race import constraint_off, in_step, lost, race, won
from tests.factories.masters import ItemFactory
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db(transaction=True)

OVERSOLD = ("stock_balance", "stock_balance_reserved_within_on_hand")


def take_one(source_id, item_id, warehouse_id):
    got = reserve([Demand(source_id, item_id, Decimal(1))], warehouse_id, actor=SYSTEM)
    return total(got[source_id])


def twenty_for(balance):
    warehouse_id = balance.location.warehouse_id
    return [partial(take_one, nr, balance.item_id, warehouse_id) for nr in range(1, 21)]


def read_without_lock(*conditions):
    return list(Balance.objects.filter(*conditions).select_related("item", "location"))


def book_is_sound():
    return all(f.holds for f in run_all(only=["B1", "B2", "B3", "B4"]))


def test_ten_units_go_to_ten_of_twenty():
    balance = stock(quantity=10)

    outcomes = race(*twenty_for(balance))

    balance.refresh_from_db()
    assert sorted(outcomes) == [0] * 10 + [1] * 10
    assert balance.reserved == 10
    assert book_is_sound()


def test_without_the_lock_losers_crash_into_the_referee():
    balance = stock(quantity=10)

    with mock.patch.object(reservations, "lock_balances", read_without_lock), in_step():
        outcomes = race(*twenty_for(balance))

    assert any(isinstance(error, IntegrityError) for error in lost(outcomes))
    assert book_is_sound()


def test_without_lock_and_referee_more_is_promised_than_there_is():
    balance = stock(quantity=10)

    with (
        constraint_off(*OVERSOLD),
        mock.patch.object(reservations, "lock_balances", read_without_lock),
        in_step(),
    ):
        outcomes = race(*twenty_for(balance))
        assert sum(won(outcomes)) > 10
        assert not run_all(only=["B3"])[0].holds


def work_with(item_ids, warehouse_id, lane):
    """Reserve, then issue or give back, four items at a time in any order."""
    dice = random.Random(lane)
    for turn in range(6):
        first = lane * 1000 + turn * 10
        chosen = dice.sample(item_ids, 4)
        demands = [Demand(first + nr, item, Decimal(1)) for nr, item in enumerate(chosen)]
        got = reserve(demands, warehouse_id, actor=SYSTEM)
        issues = [
            Issue(source_id, part.balance_id, part.quantity)
            for source_id, parts in got.items()
            for part in parts
        ]
        dice.shuffle(issues)
        if issues and turn % 2:
            issue(issues, source=("tests.lane", first), actor=SYSTEM)
        else:
            release(list(got), actor=SYSTEM)
    return "done"


def test_eight_clerks_on_shared_items_never_wait_in_a_circle():
    items = [stock(item, 9).item_id for item in ItemFactory.create_batch(6)]
    warehouse_id = storage().warehouse_id

    outcomes = race(*[partial(work_with, items, warehouse_id, lane) for lane in range(1, 9)])

    assert outcomes == ["done"] * 8
    assert book_is_sound()
    assert not Balance.objects.filter(reserved__gt=0).exists()


def test_eight_receipts_of_a_new_item_make_one_balance():
    place = storage()
    stock(ItemFactory())
    item = ItemFactory()
    line = Receipt(item.pk, place.pk, Decimal(3))

    outcomes = race(*[partial(receive_goods, place.warehouse_id, [line], actor=SYSTEM)] * 8)

    assert len(won(outcomes)) == 8
    assert Balance.objects.get(item=item).on_hand == 24
    assert book_is_sound()


class TestALotInTwoSpellings:
    """A lot comes to two places at once, as L1b and as l1B: it has one spelling."""

    def race(self):
        item, warehouse_id = ItemFactory(), storage().warehouse_id
        arrivals = [
            partial(
                receive_goods,
                warehouse_id,
                [Receipt(item.pk, storage(walk).pk, Decimal(3), lot=lot)],
                actor=SYSTEM,
            )
            for walk, lot in enumerate(["L1b", "l1B"])
        ]
        with in_step():
            outcomes = race(*arrivals)
        spelt = Balance.objects.filter(item=item).values_list("lot", flat=True)
        return len(won(outcomes)), len(spelt), len(set(spelt))

    def test_it_has_the_first_one(self):
        assert self.race() == (2, 2, 1)

    def test_without_the_referee_it_has_two(self):
        with constraint_off("stock_balance", "stock_balance_lot_in_one_spelling"):
            assert self.race() == (2, 2, 2)
