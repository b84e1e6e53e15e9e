"""L1 and l1 of one item are one lot: it keeps the spelling it came in first."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection

from o2c.core.actors import SYSTEM
from o2c.core.codes import TwinsOnRecord, refuse_twins
from o2c.core.errors import RuleViolation
from o2c.stock.commands import (
    Adjustment,
    Counted,
    Receipt,
    Transfer,
    adjust_stock,
    count_stock,
    receive_goods,
    transfer_stock,
)
from o2c.stock.models import Balance
from tests.factories.masters import ItemFactory
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    """Ten of the lot L1b."""
    return stock(quantity=10, lot="L1b")


def receive(item, lot, quantity=1, place=None):
    place = place or storage()
    line = Receipt(item.pk, place.pk, Decimal(quantity), lot=lot)
    receive_goods(place.warehouse_id, [line], actor=SYSTEM)


def lots():
    return list(Balance.objects.order_by("location", "lot").values_list("lot", "on_hand"))


def test_more_of_a_lot_comes_to_it_in_any_capitals(lot):
    receive(lot.item, "l1B", 5)

    assert lots() == [("L1b", 15)]


def test_at_another_place_it_has_the_same_spelling(lot):
    receive(lot.item, "l1B", 5, storage(1))

    assert lots() == [("L1b", 10), ("L1b", 5)]


def test_two_new_spellings_in_one_document_are_one_lot():
    item, place, other = ItemFactory(), storage(), storage(1)
    lines = [
        Receipt(item.pk, at.pk, Decimal(1), lot=lot)
        for at, lot in [(place, "n7"), (place, "N7"), (other, "N7")]
    ]

    receive_goods(place.warehouse_id, lines, actor=SYSTEM)

    assert sorted(on_hand for _lot, on_hand in lots()) == [1, 2]
    assert len({lot for lot, _on_hand in lots()}) == 1


def test_another_item_may_spell_it_otherwise(lot):
    receive(ItemFactory(), "l1b")

    assert sorted(lots()) == [("L1b", 10), ("l1b", 1)]


def test_it_leaves_moves_and_is_counted_in_any_capitals(lot):
    place, other = lot.location, storage(1)
    at = place.warehouse_id

    adjust_stock(
        at, [Adjustment(lot.item_id, place.pk, Decimal(-1), "L1B")], reason="broken", actor=SYSTEM
    )
    move = Transfer(lot.item_id, place.pk, other.pk, Decimal(2), "l1b")
    transfer_stock(at, [move], actor=SYSTEM)
    found = [Counted(lot.item_id, Decimal(6), "L1B")]
    count_stock(at, place.pk, found, complete=True, actor=SYSTEM)

    assert lots() == [("L1b", 6), ("L1b", 2)]


def test_it_is_not_counted_twice_in_two_spellings(lot):
    found = [Counted(lot.item_id, Decimal(6), spelt) for spelt in ("L1b", "L1B")]

    with pytest.raises(RuleViolation, match="counted twice"):
        count_stock(lot.location.warehouse_id, lot.location_id, found, actor=SYSTEM)


def test_goods_without_a_lot_stay_apart(lot):
    receive(lot.item, "", 5)

    assert lots() == [("", 5), ("L1b", 10)]


def test_a_migration_names_what_has_to_be_renamed_first(lot):
    receive(lot.item, "L1b", place=storage(1))
    step = refuse_twins("stock", "balance", "lot", "item", of_one_row=False).code
    step(apps, None)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE stock_balance DROP CONSTRAINT stock_balance_lot_in_one_spelling"
        )
    Balance.objects.create(item=lot.item, location=lot.location, lot="l1B")

    with pytest.raises(TwinsOnRecord, match="in several capitals: L1B"):
        step(apps, None)
