"""recheck_account: a limit, a block or what we know of a payer has changed; its orders are asked
about again."""

import pytest

from credit.commands import recheck_account
from credit.models import CheckState
from o2c.core.actors import SYSTEM
from o2c.core.models import Event
from orders.models import OrderState
from tests.given.credit import account_of, checked_order, customer_with_limit, raised_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return customer_with_limit("100.00")


@pytest.fixture
def held(customer):
    """An order of 119.00, which is 19.00 too much, and its check."""
    return checked_order(customer=customer, lines=[(1, "100.00")])


def test_a_raised_limit_releases_what_now_fits(customer, held):
    order, check = held

    recheck_account(raised_limit(customer, "119.00").pk, actor=SYSTEM)

    order.refresh_from_db()
    check.refresh_from_db()
    assert order.state == OrderState.RELEASED
    assert (check.state, check.overridden, check.limit_amount) == (CheckState.APPROVED, False, 119)
    assert Event.objects.get(name="check.cured").document_id == check.pk


def test_a_raise_that_is_not_enough_brings_the_figures_up_to_date(customer, held):
    order, check = held

    recheck_account(raised_limit(customer, "110.00").pk, actor=SYSTEM)

    order.refresh_from_db()
    check.refresh_from_db()
    assert (check.state, check.rules[0]["over"]) == (CheckState.HELD, "9.00")
    assert "Over the limit by 9.00" in order.hold_reason


def test_asking_again_without_news_writes_nothing(customer, held):
    before = Event.objects.count()

    for _time in range(2):
        recheck_account(account_of(customer).pk, actor=SYSTEM)

    assert Event.objects.count() == before


def test_what_a_person_refused_is_not_released_by_a_limit_alone(rejected):
    customer, order, check = rejected

    assert recheck_account(raised_limit(customer, "1000.00").pk, actor=SYSTEM) == []

    order.refresh_from_db()
    check.refresh_from_db()
    assert (order.state, check.state) == (OrderState.ON_HOLD, CheckState.REJECTED)
