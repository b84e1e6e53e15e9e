from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import (
    Transfer,
    transfer_stock,
)
from o2c.stock.models import Balance
from o2c.stock.queries import (
    moves_of,
    value_of_stock_document,
)
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db


def transfer(balance, quantity, to=None):
    to = to or storage(1)
    line = Transfer(balance.item_id, balance.location_id, to.pk, Decimal(quantity))
    return transfer_stock(balance.location.warehouse_id, [line], actor=SYSTEM)


def test_goods_go_to_another_place_with_their_value():
    balance = stock(quantity=10, unit_cost=Decimal(3))

    document = transfer(balance, 4)

    there = Balance.objects.get(item=balance.item, location=storage(1))
    balance.refresh_from_db()
    assert (balance.on_hand, balance.value, there.on_hand, there.value) == (6, 18, 4, 12)
    assert value_of_stock_document(document) == 0
    assert [move.quantity for move in moves_of(document)] == [-4, 4]


def test_reserved_goods_stay_where_they_are():
    balance = reserved(stock(quantity=10), quantity=8)

    with pytest.raises(RuleViolation, match="3 wanted, only 2 free"):
        transfer(balance, 3)


def test_two_lines_cannot_carry_the_same_goods_away():
    balance = stock(quantity=10)
    line = Transfer(balance.item_id, balance.location_id, storage(1).pk, Decimal(6))

    with pytest.raises(RuleViolation) as refused:
        transfer_stock(balance.location.warehouse_id, [line, line], actor=SYSTEM)

    assert refused.value.row == 1


def test_a_transfer_to_the_same_place_is_refused():
    balance = stock(quantity=10)

    with pytest.raises(RuleViolation, match="there already"):
        transfer(balance, 1, to=balance.location)
