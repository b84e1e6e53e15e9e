import pytest

from credit.commands import withdraw_check
from credit.models import CheckState
from o2c.core.actors import SYSTEM
from orders import commands
from tests.given.credit import checked_order, customer_with_limit

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """An order of 119.00 held for a limit of 100.00, and its check."""
    return checked_order(customer=customer_with_limit("100.00"), lines=[(10, "10.00")])


def test_the_question_about_a_cancelled_order_is_closed(held):
    order, check = held
    commands.cancel_order(order.pk, reason="withdrawn", actor=SYSTEM)

    for _twice in range(2):
        withdraw_check(order.pk, actor=SYSTEM)

    check.refresh_from_db()
    assert check.state == CheckState.WITHDRAWN
