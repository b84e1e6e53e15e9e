"""receive_goods, transfer_stock, adjust_stock, count_stock: what people do on the stock pages."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed
from o2c.ledger.queries import balance as ledger_balance
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
from o2c.stock.models import Balance, Move, StockCountLine
from o2c.stock.queries import (
    items_received,
    moves_of,
    stock_ledger,
    stock_overview,
    value_of_stock_document,
)
from tests.factories.masters import ItemFactory
from tests.given.ledger import DAY, closed_period
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db


class Visitor(SystemActor):
    """Somebody without any right."""

    def has_perm(self, perm, obj=None):
        return False


def receive_one(item, quantity=10, **line):
    place = storage()
    lines = [Receipt(item.pk, place.pk, Decimal(quantity), **line)]
    return receive_goods(place.warehouse_id, lines, reference="DN 1", actor=SYSTEM)


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
        assert items_received(receipt.pk) == sorted({item.pk, balance.item_id})


def test_a_stated_cost_counts_instead_of_the_standard_cost():
    receipt = receive_one(stock().item, 4, unit_cost=Decimal("1.25"))

    assert value_of_stock_document(receipt) == 5


def test_a_receipt_without_lines_is_refused():
    stock()

    with pytest.raises(RuleViolation, match="nothing to move"):
        receive_goods(storage().warehouse_id, [], actor=SYSTEM)


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


def test_goods_do_not_come_into_a_closed_month():
    item = stock().item
    closed_period()
    line = Receipt(item.pk, storage().pk, Decimal(1))

    with pytest.raises(PeriodClosed, match="2026-09 is closed"):
        receive_goods(storage().warehouse_id, [line], moved_on=DAY, actor=SYSTEM)
