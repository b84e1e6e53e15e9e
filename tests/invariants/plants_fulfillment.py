"""How the warehouse could lie."""

from decimal import Decimal

from fulfillment.commands import PackageDraft, confirm_pick, pack
from fulfillment.models import Package
from o2c.core.actors import SYSTEM
from tests.given.logistics import packed_list, picked_list, planned_list, stops
from tests.given.orders import lines_of
from tests.invariants.planted import plant, sql


@plant("C3", without=["fulfillment_picklist"])
def a_list_that_nobody_picks():
    planned = planned_list()
    picked_list()
    yield
    sql("UPDATE fulfillment_picklist SET state = 'picking' WHERE id = %s", planned.pk)


@plant("C3b", without=["orders_orderline"])
def an_order_that_counts_more_than_was_picked():
    pick_list = picked_list((10, 10), (3, 3))
    [line, _other] = lines_of(pick_list.order)
    yield
    sql("UPDATE orders_orderline SET picked = 9 WHERE id = %s", line.pk)


@plant("C3b")
def a_pick_that_the_order_never_heard_of():
    pick_list = planned_list((10, 10))
    yield
    sql("UPDATE fulfillment_pickline SET picked = 4 WHERE pick_list_id = %s", pick_list.pk)


@plant("C4")
def a_stop_without_a_promise():
    pick_list = planned_list((10, 10))
    [stop] = stops(pick_list)
    confirm_pick(
        pick_list.pk,
        picked={stop.pk: Decimal(6)},
        short_reasons={stop.pk: "fewer"},
        actor=SYSTEM,
    )
    yield
    sql("UPDATE stock_reservation SET quantity = 5 WHERE source_id = %s", stop.order_line_id)


@plant("C4", without=["stock_reservation"])
def goods_taken_from_another_place():
    pick_list = picked_list((10, 10))
    [stop] = stops(pick_list)
    yield
    sql("UPDATE stock_reservation SET balance_id = -1 WHERE source_id = %s", stop.order_line_id)


@plant("C4b")
def a_package_with_too_little_in_it():
    pick_list = packed_list((10, 10))
    yield
    sql(
        "UPDATE fulfillment_packageline SET quantity = 9 FROM fulfillment_package AS k "
        "WHERE k.id = package_id AND k.pick_list_id = %s",
        pick_list.pk,
    )


@plant("C4c")
def a_package_on_the_wrong_list():
    first = picked_list((10, 10))
    [stop] = stops(first)
    pack(first.pk, packages=[PackageDraft({stop.pk: Decimal(10)})], actor=SYSTEM)
    second = packed_list()
    yield
    sql("UPDATE fulfillment_package SET pick_list_id = %s WHERE id = %s", second.pk,
        Package.objects.get(pick_list=first).pk)  # fmt: skip
