"""recheck_check: a person asks again about one order."""

import pytest

from credit.commands import recheck_check
from credit.models import CheckState, CreditCheck
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.locks import NotFound
from o2c.core.models import Event
from orders.commands import cancel_order
from orders.models import OrderState
from tests.given.credit import checked_order, customer_with_limit, raised_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """A customer, an order of 119.00, which is 19.00 too much, and its check."""
    customer = customer_with_limit("100.00")
    return customer, *checked_order(customer=customer, lines=[(1, "100.00")])


def test_a_held_order_that_fits_now_is_released(held, credit_manager):
    customer, order, check = held
    raised_limit(customer, "119.00")

    passed = recheck_check(check.pk, actor=credit_manager)

    order.refresh_from_db()
    assert (passed.pk, passed.state) == (check.pk, CheckState.APPROVED)
    assert (passed.decided_by, order.state) == ("system", OrderState.RELEASED)


def test_asked_twice_without_news_nothing_is_written(held, credit_manager):
    check = held[2]
    before = Event.objects.count()

    for _time in range(2):
        assert recheck_check(check.pk, actor=credit_manager).state == CheckState.HELD

    assert Event.objects.count() == before


def test_a_person_may_ask_again_about_what_was_refused(rejected, credit_manager):
    customer, order, check = rejected

    still = recheck_check(check.pk, actor=credit_manager)
    assert (still.state, still.pk > check.pk) == (CheckState.HELD, True)
    raised_limit(customer, "1000.00")
    passed = recheck_check(check.pk, actor=credit_manager)

    order.refresh_from_db()
    assert (passed.pk, passed.state) == (still.pk, CheckState.APPROVED)
    assert order.state == OrderState.RELEASED
    assert CreditCheck.objects.get(pk=check.pk).state == CheckState.REJECTED


def test_a_refused_order_that_was_cancelled_is_no_question_any_more(rejected, credit_manager):
    _customer, order, check = rejected
    cancel_order(order.pk, reason="no longer wanted", actor=SYSTEM)

    assert recheck_check(check.pk, actor=credit_manager).state == CheckState.REJECTED
    assert CreditCheck.objects.count() == 1


def test_a_check_that_does_not_exist_is_named(credit_manager):
    with pytest.raises(NotFound, match="Check 404 does not exist"):
        recheck_check(404, actor=credit_manager)


def test_a_sales_clerk_may_not(held, clerk):
    customer, _order, check = held
    raised_limit(customer, "119.00")

    with pytest.raises(NotPermitted, match=r"credit\.recheck_check"):
        recheck_check(check.pk, actor=clerk)

    assert CreditCheck.objects.get().state == CheckState.HELD
