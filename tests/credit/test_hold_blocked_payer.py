"""hold_blocked_payer: what is released and not shipped of a blocked payer is called back."""

import pytest

from credit.commands import hold_blocked_payer
from credit.models import CheckState, CreditCheck
from fulfillment.commands import confirm_pick, plan_order, start_pick
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from orders.commands import record_invoiced, record_picked, record_shipped
from orders.models import Order, OrderState
from shipping.commands import dispatch_shipment
from tests.given.credit import account_of, blocked, checked_order, customer_with_limit
from tests.given.logistics import goods, ready_to_ship
from tests.given.orders import quantities_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return customer_with_limit(None)


def state_of(order):
    return Order.objects.get(pk=order.pk).state


def test_what_is_released_already_is_called_back(customer):
    order, _check = checked_order(customer=customer)
    assert order.state == OrderState.RELEASED

    blocked(customer)

    order.refresh_from_db()
    assert (order.state, order.is_held_by_credit) == (OrderState.ON_HOLD, True)
    assert order.hold_reason == "The account is blocked: Insolvency filed."
    check = CreditCheck.objects.get(order=order, state=CheckState.HELD)
    assert check.rules == [{"rule": "blocked", "reason": "Insolvency filed"}]
    assert check.amount == order.gross  # counted once, as this order
    assert Event.objects.get(name="check.held").facts["rules"] == ["blocked"]


def test_called_back_twice_is_called_back_once(customer):
    checked_order(customer=customer)
    account = blocked(customer)
    before = Event.objects.count()

    assert hold_blocked_payer(account.pk, actor=SYSTEM) == []
    assert Event.objects.count() == before


def test_an_open_account_calls_nothing_back(customer):
    order, _check = checked_order(customer=customer)

    assert hold_blocked_payer(account_of(customer).pk, actor=SYSTEM) == []
    assert state_of(order) == OrderState.RELEASED


def test_orders_of_other_payers_go_on(customer):
    other, _check = checked_order(customer=customer_with_limit(None))

    blocked(customer)

    assert state_of(other) == OrderState.RELEASED


def test_what_has_shipped_is_billed_as_ever(customer):
    order, _check = checked_order(customer=customer)
    all_of_it = quantities_of(order)
    for record in (record_picked, record_shipped):
        record(order.pk, all_of_it, actor=SYSTEM)

    blocked(customer)
    record_invoiced(order.pk, all_of_it, actor=SYSTEM)

    assert state_of(order) == OrderState.INVOICED


def test_neither_picker_nor_shipping_desk_goes_on_with_a_blocked_payer(customer, picker):
    item = goods(10)
    waiting, _check = checked_order(customer=customer, lines=[(item, 4)])
    pick_list = plan_order(waiting.pk, actor=SYSTEM)
    start_pick(pick_list.pk, actor=picker)
    packed, _check = checked_order(customer=customer, lines=[(item, 4)])
    shipment = ready_to_ship(packed)

    blocked(customer)

    with pytest.raises(RuleViolation, match="on hold: The account is blocked"):
        confirm_pick(pick_list.pk, actor=picker)
    with pytest.raises(RuleViolation, match="on hold: The account is blocked"):
        dispatch_shipment(shipment.pk, actor=SYSTEM)
