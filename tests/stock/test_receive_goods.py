from datetime import date
from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed
from o2c.stock.commands import (
    Receipt,
    receive_goods,
)
from o2c.stock.models import Balance
from o2c.stock.queries import (
    items_moved,
    value_of_stock_document,
)
from tests.factories.masters import ItemFactory
from tests.given.ledger import DAY, closed_period
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db


def receive_one(item, quantity=10, **line):
    place = storage()
    lines = [Receipt(item.pk, place.pk, Decimal(quantity), **line)]
    return receive_goods(place.warehouse_id, lines, reference="DN 1", actor=SYSTEM)


def test_received_goods_lie_at_their_place_at_standard_cost():
    item = ItemFactory(standard_cost=Decimal("2.50"))
    stock()

    with clock.at(date(2026, 3, 1)):
        receipt = receive_one(item, 4)

    balance = Balance.objects.get(item=item)
    assert (balance.on_hand, balance.value) == (4, 10)
    assert (receipt.number, receipt.moved_on) == (f"GR-{receipt.pk:06d}", date(2026, 3, 1))
    assert value_of_stock_document(receipt) == 10
    event = Event.objects.get(name="stock_receipt.received", document_id=receipt.pk)
    assert event.facts == {"lines": 1, "reference": "DN 1"}


def test_a_receipt_names_the_items_it_brought(django_assert_num_queries):
    balance, item = stock(quantity=1), ItemFactory()
    place = storage()
    lines = [Receipt(pk, place.pk, Decimal(1)) for pk in (item.pk, balance.item_id, item.pk)]
    receipt = receive_goods(place.warehouse_id, lines, actor=SYSTEM)

    with django_assert_num_queries(1):
        assert items_moved(receipt) == sorted({item.pk, balance.item_id})


def test_a_stated_cost_counts_instead_of_the_standard_cost():
    receipt = receive_one(stock().item, 4, unit_cost=Decimal("1.25"))

    assert value_of_stock_document(receipt) == 5


def test_a_receipt_without_lines_is_refused():
    stock()

    with pytest.raises(RuleViolation, match="nothing to move"):
        receive_goods(storage().warehouse_id, [], actor=SYSTEM)


def test_goods_do_not_come_into_a_closed_month():
    item = stock().item
    closed_period()
    line = Receipt(item.pk, storage().pk, Decimal(1))

    with pytest.raises(PeriodClosed, match="2026-09 is closed"):
        receive_goods(storage().warehouse_id, [line], moved_on=DAY, actor=SYSTEM)
