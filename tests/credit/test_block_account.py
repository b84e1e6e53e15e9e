from decimal import Decimal

import pytest

from credit.commands import (
    approve_check,
    block_account,
    hold_blocked_payer,
    recheck_account,
    recheck_payer,
    unblock_account,
)
from credit.models import AccountState, CheckState, CreditCheck
from fulfillment.commands import confirm_pick, plan_order, start_pick
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from orders.models import Order, OrderState
from shipping.commands import dispatch_shipment
from tests.factories.credit import CreditAuthorityFactory
from tests.given.credit import account_of, checked_order, customer_with_limit
from tests.given.logistics import goods, ready_to_ship

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return customer_with_limit(None)


def blocked(customer, actor=SYSTEM):
    """The account, blocked, and what follows it done."""
    account = block_account(account_of(customer).pk, reason="Insolvency filed", actor=actor)
    hold_blocked_payer(account.pk, actor=SYSTEM)
    return account


def state_of(order):
    return Order.objects.get(pk=order.pk).state


def test_a_blocked_account_holds_every_order_until_it_is_unblocked(customer, credit_manager):
    account = blocked(customer, credit_manager)

    order, check = checked_order(customer=customer)
    assert order.state == OrderState.ON_HOLD
    assert check.rules == [{"rule": "blocked", "reason": "Insolvency filed"}]

    unblocked = unblock_account(account.pk, actor=credit_manager)
    assert (unblocked.state, unblocked.stop_reason) == (AccountState.OPEN, "")
    recheck_payer(customer.pk, actor=SYSTEM)
    assert state_of(order) == OrderState.RELEASED


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


def test_one_order_of_a_blocked_payer_may_go_out_on_a_persons_word(customer, credit_manager):
    CreditAuthorityFactory()
    first, _check = checked_order(customer=customer)
    second, _check = checked_order(customer=customer)
    blocked(customer)
    held = CreditCheck.objects.get(order=first, state=CheckState.HELD)

    approve_check(held.pk, reason="Paid in cash at the counter.", actor=credit_manager)

    assert (state_of(first), state_of(second)) == (OrderState.RELEASED, OrderState.ON_HOLD)


def test_unblocking_lets_the_orders_go_on_where_they_stood(customer):
    item = goods(10)
    released, _check = checked_order(customer=customer, lines=[(item, Decimal(20))])
    plan_order(released.pk, actor=SYSTEM)
    assert state_of(released) == OrderState.IN_FULFILLMENT
    account = blocked(customer)

    unblock_account(account.pk, actor=SYSTEM)
    recheck_account(account.pk, actor=SYSTEM)

    assert state_of(released) == OrderState.IN_FULFILLMENT


def test_a_block_needs_a_reason_and_the_right(customer, clerk, credit_manager):
    account = account_of(customer)

    with pytest.raises(RuleViolation) as refused:
        block_account(account.pk, reason=" ", actor=credit_manager)
    with pytest.raises(NotPermitted):
        block_account(account.pk, reason="no", actor=clerk)
    with pytest.raises(NotPermitted):
        unblock_account(account.pk, actor=clerk)

    assert refused.value.field == "reason"
    assert not account_of(customer).blocked
