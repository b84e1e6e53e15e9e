"""A dispute closes when its item is credited in full, and only then."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from receivables.commands import Share, allocate_credit, close_credited_disputes
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def contested():
    item = given.debt("119.00", customer=CustomerFactory())
    return item, given.dispute(item, "119.00")


def credited(item, amount):
    credit = given.debt(f"-{amount}", customer=item.customer, number=f"CN-{amount}")
    return allocate_credit(credit.pk, shares=[Share(item.pk, D(amount))], actor=SYSTEM)


def test_credited_in_full_it_is_resolved_by_the_credit(contested):
    item, dispute = contested

    credited(item, "119.00")

    dispute.refresh_from_db()
    assert (dispute.state, dispute.resolution) == ("resolved", "Credited in full with CN-119.00.")


def test_while_something_is_left_it_stays_open(contested):
    item, dispute = contested

    credited(item, "100.00")

    dispute.refresh_from_db()
    assert dispute.state == "open"
    credited(item, "19.00")
    dispute.refresh_from_db()
    assert dispute.state == "resolved"


def test_twice_it_changes_nothing(contested):
    item, _dispute = contested
    application = credited(item, "119.00")

    assert close_credited_disputes(application.pk, actor=SYSTEM) == []
