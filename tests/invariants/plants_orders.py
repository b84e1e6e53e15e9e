"""How orders could lie."""

from decimal import Decimal

from o2c.core.actors import SYSTEM
from orders import commands
from orders.models import OrderLine
from tests.factories.masters import CustomerFactory
from tests.factories.orders import OrderFactory
from tests.given.orders import confirmed_order, invoiced_order, released_order, shipped_order
from tests.invariants.planted import plant, sql

LINE, ORDER = ["orders_orderline"], ["orders_order"]


def _count(column: str, value: int, made=released_order):
    order = made(lines=[(5, "1.00")])
    yield
    sql(f"UPDATE orders_orderline SET {column} = %s WHERE order_id = %s", value, order.pk)


@plant("A4", without=LINE)
def more_shipped_than_picked():
    yield from _count("shipped", 1)


@plant("A4", without=LINE)
def more_cancelled_than_ordered():
    yield from _count("cancelled", 6)


@plant("A4", without=LINE)
def more_billed_than_shipped():
    yield from _count("invoiced", 6, shipped_order)


@plant("A4", without=LINE)
def more_came_back_than_left():
    yield from _count("returned", 6, shipped_order)


@plant("A5")
def an_order_that_jumped():
    order = released_order()
    yield
    sql(
        "UPDATE core_event SET old_state = 'draft' WHERE name = 'order.released' "
        "AND document_id = %s",
        order.pk,
    )


@plant("A6")
def a_price_changed_in_silence():
    released_order()
    yield
    sql("UPDATE orders_orderline SET unit_price = unit_price + 1")


@plant("A6")
def a_line_nobody_recorded():
    released_order()
    yield
    sql("DELETE FROM orders_historicalorderline")


@plant("A7", without=ORDER)
def the_same_number_twice():
    customer = CustomerFactory(po_policy="refuse")
    for reference in ("PO-1", "PO-2"):
        OrderFactory(customer=customer, customer_reference=reference)
    yield
    sql("UPDATE orders_order SET reference_key = 'po1'")


@plant("A7", without=ORDER)
def one_row_of_a_file_imported_twice():
    customer = CustomerFactory()
    for key in ("A", "B"):
        OrderFactory(customer=customer, channel="import", source_reference=key)
    yield
    sql("UPDATE orders_order SET source_reference = 'A'")


@plant("A8", without=ORDER)
def a_total_that_is_no_sum():
    confirmed_order(lines=[(1, "10"), (1, "20")])
    yield
    sql("UPDATE orders_order SET net = net + 1, gross = gross + 1")


@plant("A8")
def a_line_that_vanished():
    order = confirmed_order(lines=[(1, "10"), (1, "20")])
    yield
    sql("DELETE FROM orders_orderline WHERE order_id = %s AND line_number = 2", order.pk)


@plant("A9", without=LINE)
def a_shipped_order_with_goods_still_here():
    order = shipped_order(lines=[(5, "1")])
    yield
    sql("UPDATE orders_orderline SET shipped = 4 WHERE order_id = %s", order.pk)


@plant("A9", without=ORDER)
def an_order_that_lags_behind_its_numbers():
    order = invoiced_order(lines=[(5, "1")])
    yield
    sql("UPDATE orders_order SET state = 'in_fulfillment' WHERE id = %s", order.pk)


@plant("A9", without=LINE)
def a_billed_order_with_something_to_bill():
    order = invoiced_order(lines=[(5, "1")])
    yield
    sql("UPDATE orders_orderline SET credited = 2 WHERE order_id = %s", order.pk)


@plant("A9", without=ORDER)
def an_order_that_waits_to_bill_what_came_back():
    order = shipped_order(lines=[(5, "1")])
    yield
    sql("UPDATE orders_orderline SET returned = 5 WHERE order_id = %s", order.pk)


@plant("A9", without=ORDER)
def an_order_that_waits_for_credit_with_all_goods_out():
    order = shipped_order(lines=[(5, "1")])
    yield
    sql("UPDATE orders_order SET state = 'confirmed' WHERE id = %s", order.pk)


@plant("B5")
def goods_counted_as_reserved_that_are_not():
    order = released_order(lines=[(5, "1")])
    yield
    line = OrderLine.objects.get(order=order)
    commands.record_reserved(order.pk, {line.pk: Decimal(5)}, actor=SYSTEM)


@plant("A6")
def an_exchange_rate_changed_in_silence():
    released_order()
    yield
    sql("UPDATE orders_order SET exchange_rate = exchange_rate * 2")


@plant("A8b", without=LINE)
def a_line_and_its_order_dearer_by_one():
    order = confirmed_order(lines=[(5, "1.00")])
    yield
    sql("UPDATE orders_orderline SET amount = amount + 1, net = net + 1")
    sql("UPDATE orders_order SET net = net + 1, gross = gross + 1 WHERE id = %s", order.pk)


@plant("A8b", without=LINE)
def a_line_cheaper_than_was_agreed():
    confirmed_order(lines=[(5, "1.00")])
    yield
    sql("UPDATE orders_orderline SET net = net - 1")
