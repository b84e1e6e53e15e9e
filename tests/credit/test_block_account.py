"""block_account: every order of the payer waits from now on, whatever its limit."""

import pytest

from credit.commands import approve_check, block_account
from credit.models import AccountState, CheckState, CreditCheck
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from orders.models import Order, OrderState
from tests.factories.credit import CreditAuthorityFactory
from tests.given.credit import account_of, blocked, checked_order, customer_with_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return customer_with_limit(None)


def test_a_blocked_account_holds_every_order(customer, credit_manager):
    account = block_account(
        account_of(customer).pk, reason=" Insolvency filed ", actor=credit_manager
    )

    assert (account.state, account.stop_reason) == (AccountState.BLOCKED, "Insolvency filed")
    assert Event.objects.get(name="account.blocked").facts == {"reason": "Insolvency filed"}
    order, check = checked_order(customer=customer)
    assert order.state == OrderState.ON_HOLD
    assert check.rules == [{"rule": "blocked", "reason": "Insolvency filed"}]


def test_one_order_of_a_blocked_payer_may_go_out_on_a_persons_word(customer, credit_manager):
    CreditAuthorityFactory()
    first, _check = checked_order(customer=customer)
    second, _check = checked_order(customer=customer)
    blocked(customer)
    held = CreditCheck.objects.get(order=first, state=CheckState.HELD)

    approve_check(held.pk, reason="Paid in cash at the counter.", actor=credit_manager)

    states = [Order.objects.get(pk=order.pk).state for order in (first, second)]
    assert states == [OrderState.RELEASED, OrderState.ON_HOLD]


def test_a_blocked_account_is_not_blocked_again(customer):
    account = blocked(customer)

    with pytest.raises(TransitionRefused, match="It is Blocked"):
        block_account(account.pk, reason="Again", actor=SYSTEM)

    assert account_of(customer).stop_reason == "Insolvency filed"


def test_a_block_needs_a_reason_and_the_right(customer, clerk, credit_manager):
    account = account_of(customer)

    with pytest.raises(RuleViolation) as refused:
        block_account(account.pk, reason=" ", actor=credit_manager)
    with pytest.raises(NotPermitted):
        block_account(account.pk, reason="no", actor=clerk)

    assert refused.value.field == "reason"
    assert not account_of(customer).blocked
