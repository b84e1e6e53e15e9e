"""How the goods book could lie."""

from decimal import Decimal

from o2c.core.actors import SYSTEM
from o2c.stock.commands import Counted, Transfer, count_stock, transfer_stock
from tests.factories.masters import WarehouseFactory
from tests.given.stock import reserved, stock, storage
from tests.invariants.planted import plant, sql

BALANCE = ["stock_balance"]


@plant("B1", without=BALANCE)
def goods_on_hand_that_never_moved():
    balance = stock(quantity=5)
    yield
    sql("UPDATE stock_balance SET on_hand = 6 WHERE id = %s", balance.pk)


@plant("B1", without=BALANCE)
def value_that_nobody_paid():
    balance = stock(quantity=5)
    yield
    sql("UPDATE stock_balance SET value = value + 1 WHERE id = %s", balance.pk)


@plant("B1")
def a_move_changed_afterwards():
    stock(quantity=5)
    yield
    sql("UPDATE stock_move SET quantity = 4")


@plant("B1b")
def a_stock_card_that_miscounts():
    stock(quantity=5)
    yield
    sql("UPDATE stock_move SET on_hand_after = 4")


@plant("B2", without=BALANCE)
def stock_below_zero():
    balance = stock(quantity=5)
    yield
    sql("UPDATE stock_balance SET on_hand = -1, reserved = -1 WHERE id = %s", balance.pk)


@plant("B3", without=BALANCE)
def more_promised_than_there_is():
    balance = stock(quantity=5)
    yield
    sql("UPDATE stock_balance SET reserved = 6 WHERE id = %s", balance.pk)


@plant("B4")
def a_reservation_that_was_never_counted():
    balance = reserved(stock(quantity=5), quantity=2)
    yield
    sql("UPDATE stock_reservation SET quantity = 1 WHERE balance_id = %s", balance.pk)


@plant("B6")
def a_move_of_no_document():
    stock()
    yield
    sql("UPDATE stock_move SET source_id = -1")


@plant("B6")
def a_move_of_an_unknown_kind_of_document():
    stock()
    yield
    sql("UPDATE stock_move SET source_type = 'nowhere.document'")


@plant("B9", without=["stock_move"])
def goods_that_vanish_on_the_way():
    balance = stock(quantity=5)
    line = Transfer(balance.item_id, balance.location_id, storage(1).pk, Decimal(2))
    transfer_stock(balance.location.warehouse_id, [line], actor=SYSTEM)
    yield
    sql("UPDATE stock_move SET quantity = 1 WHERE kind = 'transfer' AND quantity > 0")


@plant("B10")
def a_count_that_the_book_ignored():
    balance = stock(quantity=5)
    found = [Counted(balance.item_id, Decimal(4))]
    count_stock(balance.location.warehouse_id, balance.location_id, found, actor=SYSTEM)
    yield
    sql("UPDATE stock_stockcountline SET counted = 3")


@plant("B11")
def goods_of_another_warehouse():
    balance = stock(quantity=5)
    yield
    other = WarehouseFactory(code="OTHER")
    sql("ALTER TABLE stock_stockreceipt DISABLE TRIGGER USER")
    sql("UPDATE stock_stockreceipt SET warehouse_id = %s", other.pk)
    assert balance.location.warehouse_id != other.pk


@plant("B12")
def goods_at_a_place_switched_off():
    balance = stock(quantity=5)
    yield
    sql("ALTER TABLE masters_location DISABLE TRIGGER stock_location_active_kept")
    sql("UPDATE masters_location SET active = false WHERE id = %s", balance.location_id)


@plant("B12")
def goods_of_a_service():
    balance = stock(quantity=5)
    yield
    sql("ALTER TABLE masters_item DISABLE TRIGGER stock_item_kind_kept")
    sql("UPDATE masters_item SET kind = 'service' WHERE id = %s", balance.item_id)


@plant("B13")
def goods_received_on_a_day_to_come():
    stock(quantity=5)
    yield
    sql("ALTER TABLE stock_stockreceipt DISABLE TRIGGER USER")
    sql("UPDATE stock_stockreceipt SET moved_on = moved_on + 2")
