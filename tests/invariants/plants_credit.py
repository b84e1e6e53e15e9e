"""How credit could lie."""

from credit.commands import approve_check
from o2c.core.actors import SystemActor
from tests.given.credit import checked_order, customer_with_limit
from tests.invariants.planted import plant, sql

CHECK = ["credit_creditcheck"]


def _approved_by_hand():
    order, check = checked_order(customer=customer_with_limit("1.00"), lines=[(1, "10.00")])
    approve_check(check.pk, reason="Paid in cash.", actor=SystemActor("head of credit"))
    return order, check


@plant("A1")
def an_order_released_without_being_asked():
    order, _check = checked_order(customer=customer_with_limit(None))
    yield
    sql("DELETE FROM credit_creditcheck WHERE order_id = %s", order.pk)


@plant("A1", without=["orders_order"])
def an_order_that_grew_after_its_release():
    order, _check = checked_order(customer=customer_with_limit(None))
    yield
    sql("UPDATE orders_order SET net = net + 1, gross = gross + 1 WHERE id = %s", order.pk)


@plant("A2", without=CHECK)
def an_override_of_ones_own_order():
    order, _check = _approved_by_hand()
    sql("UPDATE orders_order SET created_by = 'clara' WHERE id = %s", order.pk)
    yield
    sql("UPDATE credit_creditcheck SET decided_by = 'clara'")


@plant("A2", without=CHECK)
def an_override_without_a_reason():
    _approved_by_hand()
    sql("UPDATE orders_order SET created_by = 'clara'")
    yield
    sql("UPDATE credit_creditcheck SET reason = ' '")


@plant("A3")
def an_order_passed_beyond_the_limit():
    checked_order(customer=customer_with_limit("100.00"))
    yield
    sql("UPDATE credit_creditcheck SET limit_amount = 1")


@plant("A3b")
def a_waterfall_that_does_not_add_up():
    checked_order(customer=customer_with_limit("100.00"))
    yield
    sql("UPDATE credit_creditcheck SET exposure = exposure - 1")


@plant("A3c")
def an_order_held_for_nobody():
    order, _check = checked_order(customer=customer_with_limit("1.00"))
    yield
    sql("DELETE FROM credit_creditcheck WHERE order_id = %s", order.pk)


@plant("A3b")
def an_exposure_without_parts():
    checked_order(customer=customer_with_limit("100.00"))
    yield
    sql("UPDATE credit_creditcheck SET waterfall = '[]'")
