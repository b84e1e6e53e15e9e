"""receive_goods, transfer_stock, adjust_stock, count_stock: what people do on the stock pages."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted
from o2c.ledger.queries import balance as ledger_balance
from o2c.stock.commands import (
    Adjustment,
    Counted,
    Transfer,
    adjust_stock,
    count_stock,
    receive_goods,
    transfer_stock,
)
from o2c.stock.models import Balance
from o2c.stock.queries import (
    stock_ledger,
    stock_overview,
)
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db


class Visitor(SystemActor):
    """Somebody without any right."""

    def has_perm(self, perm, obj=None):
        return False


def adjust(balance, quantity, reason="Broken"):
    line = Adjustment(balance.item_id, balance.location_id, Decimal(quantity))
    return adjust_stock(balance.location.warehouse_id, [line], reason=reason, actor=SYSTEM)


def transfer(balance, quantity, to=None):
    to = to or storage(1)
    line = Transfer(balance.item_id, balance.location_id, to.pk, Decimal(quantity))
    return transfer_stock(balance.location.warehouse_id, [line], actor=SYSTEM)


def count(balance, *found, **more):
    lines = [Counted(item_id, Decimal(quantity)) for item_id, quantity in found]
    warehouse_id = balance.location.warehouse_id
    return count_stock(warehouse_id, balance.location_id, lines, actor=SYSTEM, **more)


@pytest.mark.parametrize(
    ("act", "right"),
    [
        (lambda w, who: receive_goods(w, [], actor=who), "stock.receive_goods"),
        (lambda w, who: transfer_stock(w, [], actor=who), "stock.transfer_stock"),
        (lambda w, who: adjust_stock(w, [], reason="x", actor=who), "stock.adjust_stock"),
        (lambda w, who: count_stock(w, 1, [], actor=who), "stock.count_stock"),
    ],
)
def test_who_has_not_the_right_moves_nothing(act, right):
    with pytest.raises(NotPermitted, match=right.replace(".", r"\.")):
        act(storage().warehouse_id, Visitor("visitor"))


def test_the_item_ledger_says_what_lay_there_after_each_move():
    balance = stock(quantity=10)
    adjust(balance, -2)
    transfer(balance, 3)

    moves = stock_ledger(balance.item).order_by("-pk")

    assert [(move.quantity, move.on_hand_after) for move in moves] == [
        (3, 3),
        (-3, 5),
        (-2, 8),
        (10, 10),
    ]


def test_the_overview_leaves_out_empty_places(django_assert_num_queries):
    balance = stock(quantity=10)
    adjust(stock(quantity=1), -1)

    with django_assert_num_queries(1):
        (row,) = stock_overview()
        assert (row, row.free_quantity, row.item.unit.code) == (balance, 10, "H87")


def test_the_inventory_account_is_worth_what_the_stock_is_worth():
    balance = stock(quantity=10, unit_cost=Decimal("0.333333"))
    adjust(balance, -3)
    adjust(balance, 1)
    transfer(balance, 2)
    count(balance, (balance.item_id, 4))

    worth = sum(Balance.objects.values_list("value", flat=True))
    assert ledger_balance("INVENTORY") == worth > 0
    assert ledger_balance("GOODS_RECEIVED") == Decimal("-3.33")
    assert ledger_balance("STOCK_ADJUSTMENT") == Decimal("3.33") - worth
