from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import (
    Adjustment,
    Counted,
    adjust_stock,
    count_stock,
)
from o2c.stock.models import Move
from o2c.stock.queries import (
    value_of_stock_document,
)
from tests.factories.masters import ItemFactory
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


def adjust(balance, quantity, reason="Broken"):
    line = Adjustment(balance.item_id, balance.location_id, Decimal(quantity))
    return adjust_stock(balance.location.warehouse_id, [line], reason=reason, actor=SYSTEM)


def count(balance, *found, **more):
    lines = [Counted(item_id, Decimal(quantity)) for item_id, quantity in found]
    warehouse_id = balance.location.warehouse_id
    return count_stock(warehouse_id, balance.location_id, lines, actor=SYSTEM, **more)


def test_an_adjustment_takes_away_at_average_and_adds_at_what_lies_there():
    balance = stock(quantity=10, unit_cost=Decimal(3))

    less = adjust(balance, -2)
    more = adjust(balance, 1, reason="Found behind the rack")

    assert (value_of_stock_document(less), value_of_stock_document(more)) == (-6, 3)
    balance.refresh_from_db()
    assert (balance.on_hand, balance.value) == (9, 27)
    assert less.reason == "Broken"


def test_goods_found_where_nothing_lay_are_worth_the_standard_cost():
    balance = stock(ItemFactory(standard_cost=Decimal(7)), 1, unit_cost=Decimal(3))
    adjust(balance, -1)

    assert value_of_stock_document(adjust(balance, 2)) == 14


@pytest.mark.parametrize(
    ("quantity", "reason", "message"),
    [("-11", "Broken", "only 10 free"), ("1", "  ", "needs a reason"), ("0", "x", "nothing to")],
)
def test_an_adjustment_that_cannot_be_is_refused(quantity, reason, message):
    balance = stock(quantity=10)

    with pytest.raises(RuleViolation, match=message):
        adjust(balance, quantity, reason)
    assert Move.objects.count() == 1
