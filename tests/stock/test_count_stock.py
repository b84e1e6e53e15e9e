from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.stock.commands import (
    Counted,
    count_stock,
)
from o2c.stock.models import StockCountLine
from o2c.stock.queries import (
    moves_of,
    value_of_stock_document,
)
from tests.given.stock import reserved, stock

pytestmark = pytest.mark.django_db


def count(balance, *found, **more):
    lines = [Counted(item_id, Decimal(quantity)) for item_id, quantity in found]
    warehouse_id = balance.location.warehouse_id
    return count_stock(warehouse_id, balance.location_id, lines, actor=SYSTEM, **more)


def test_the_book_follows_a_count_and_remembers_what_it_said_before():
    balance = stock(quantity=10, unit_cost=Decimal(3))
    same = stock(quantity=5)

    document = count(balance, (balance.item_id, 8), (same.item_id, 5))

    assert list(
        StockCountLine.objects.order_by("balance").values_list("balance", "expected", "counted")
    ) == [(balance.pk, 10, 8), (same.pk, 5, 5)]
    assert [(move.balance_id, move.quantity) for move in moves_of(document)] == [(balance.pk, -2)]
    assert value_of_stock_document(document) == -6
    assert Event.objects.get(name="stock_count.counted").facts["differences"] == 1


def test_counting_is_allowed_while_goods_are_reserved():
    balance = reserved(stock(quantity=10), quantity=4)

    count(balance, (balance.item_id, 4))

    balance.refresh_from_db()
    assert (balance.on_hand, balance.reserved) == (4, 4)


def test_a_count_below_the_promises_names_what_is_missing():
    balance = reserved(stock(quantity=10), quantity=4)

    with pytest.raises(RuleViolation, match="Release or pick 1 elsewhere first"):
        count(balance, (balance.item_id, 3))


def test_a_complete_count_empties_what_was_not_found():
    balance, gone = stock(quantity=10), stock(quantity=5)

    count(balance, (balance.item_id, 10), complete=True)

    gone.refresh_from_db()
    assert gone.on_hand == 0


def test_a_partial_count_leaves_the_rest_alone():
    balance, other = stock(quantity=10), stock(quantity=5)

    count(balance, (balance.item_id, 9))

    other.refresh_from_db()
    assert other.on_hand == 5


@pytest.mark.parametrize(
    ("found", "message"),
    [([], "Nothing was counted"), ([-1], "less than nothing"), ([1, 2], "counted twice")],
)
def test_a_count_that_makes_no_sense_is_refused(found, message):
    balance = stock(quantity=10)

    with pytest.raises(RuleViolation, match=message):
        count(balance, *[(balance.item_id, quantity) for quantity in found])
