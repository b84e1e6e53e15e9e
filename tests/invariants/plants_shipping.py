"""How shipping could lie."""

from o2c.core.actors import SYSTEM
from shipping.commands import cancel_shipment, receive_return
from tests.given.logistics import (
    announced_return,
    delivered_shipment,
    dispatched_shipment,
    planned_shipment,
    shipment_lines,
)
from tests.given.orders import lines_of
from tests.invariants.planted import plant, sql


@plant("B6b", without=["stock_move"])
def goods_that_left_without_a_trace():
    shipment = dispatched_shipment((10, 10), (3, 3))
    yield
    sql("DELETE FROM stock_move WHERE source_type = 'shipping.shipment' AND quantity = -3")
    assert shipment.state == "dispatched"


@plant("B6b")
def less_left_than_was_packed():
    dispatched_shipment((10, 10))
    yield
    sql("UPDATE stock_move SET quantity = -9 WHERE source_type = 'shipping.shipment'")


@plant("B6c")
def a_line_that_is_more_than_its_packages():
    shipment = dispatched_shipment((10, 10))
    yield
    sql("UPDATE shipping_shipmentline SET quantity = 11 WHERE shipment_id = %s", shipment.pk)


@plant("C1", without=["orders_orderline"])
def an_order_that_counts_less_than_was_shipped():
    shipment = dispatched_shipment((10, 10))
    [line] = lines_of(shipment.order)
    yield
    sql("UPDATE orders_orderline SET shipped = 9 WHERE id = %s", line.pk)


@plant("C1b")
def an_announcement_that_was_never_made():
    shipment = dispatched_shipment((10, 10))
    yield
    sql("UPDATE shipping_shipmentline SET announced = 1 WHERE shipment_id = %s", shipment.pk)


@plant("C1b")
def goods_back_that_nobody_received():
    coming = announced_return(4)
    yield
    sql("UPDATE shipping_shipmentline SET returned = 1 WHERE shipment_id = %s", coming.shipment_id)


@plant("C1c")
def a_return_the_order_never_heard_of():
    coming = announced_return(4)
    receive_return(coming.pk, actor=SYSTEM)
    yield
    sql("UPDATE orders_orderline SET returned = 0 WHERE order_id = %s", coming.order_id)


@plant("C2")
def goods_that_left_during_a_hold():
    shipment = dispatched_shipment()
    yield
    sql(
        "UPDATE core_event SET new_state = 'on_hold' "
        "WHERE document_type = 'orders.order' AND document_id = %s AND new_state <> 'shipped'",
        shipment.order_id,
    )
    sql("DELETE FROM core_event WHERE document_type = 'orders.order' AND new_state = 'shipped'")


@plant("C5")
def goods_that_left_twice():
    shipment = dispatched_shipment()
    yield
    sql(
        "INSERT INTO core_event (name, document_type, document_id, old_state, new_state, actor, "
        "request_id, facts, recorded_at) SELECT name, document_type, document_id, old_state, "
        "new_state, actor, request_id, facts, recorded_at FROM core_event "
        "WHERE name = 'shipment.dispatched' AND document_id = %s",
        shipment.pk,
    )


@plant("C5b")
def a_cost_that_changed_after_the_posting():
    shipment = dispatched_shipment()
    yield
    sql("UPDATE shipping_shipmentline SET cost = cost + 1 WHERE shipment_id = %s", shipment.pk)


@plant("C5b")
def a_posting_of_another_amount():
    dispatched_shipment()
    yield
    sql(
        "UPDATE ledger_line SET base_amount = base_amount * 2 FROM ledger_entry AS e "
        "WHERE e.id = entry_id AND e.source_type = 'shipping.shipment'"
    )


@plant("C6", without=["shipping_proofofdelivery"])
def a_delivery_without_a_proof():
    delivered_shipment()
    yield
    sql("DELETE FROM shipping_proofofdelivery")


@plant("C7")
def a_called_off_shipment_that_still_counts():
    shipment = planned_shipment()
    cancel_shipment(shipment.pk, reason="truck full", actor=SYSTEM)
    yield
    sql("UPDATE shipping_shipmentcontent SET live = true")


@plant("C7")
def an_open_package_on_the_road():
    shipment = dispatched_shipment()
    assert shipment_lines(shipment)
    yield
    sql("UPDATE fulfillment_package SET unpacked = true")


@plant("B6b", without=["shipping_shipment"])
def goods_that_left_before_they_were_dispatched():
    shipment = dispatched_shipment((10, 10))
    yield
    sql("UPDATE shipping_shipment SET state = 'planned' WHERE id = %s", shipment.pk)


@plant("B6b", without=["stock_move"])
def a_worthless_piece_that_left_with_the_rest():
    dispatched_shipment((10, 10))
    yield
    sql("UPDATE stock_move SET value = 0 WHERE source_type = 'shipping.shipment'")
    sql(
        "INSERT INTO stock_move (balance_id, kind, quantity, unit_cost, value, on_hand_after, "
        "source_type, source_id, line_id, moved_at, moved_by) SELECT balance_id, kind, -1, 0, 0, "
        "on_hand_after - 1, source_type, source_id, line_id + 1, moved_at, moved_by "
        "FROM stock_move WHERE source_type = 'shipping.shipment'"
    )


@plant("C2")
def goods_that_left_before_credit_was_asked():
    shipment = dispatched_shipment()
    yield
    sql(
        "UPDATE core_event SET new_state = 'confirmed' WHERE document_type = 'orders.order' "
        "AND document_id = %s AND new_state NOT IN ('draft', 'submitted')",
        shipment.order_id,
    )
