"""install_reminders: a new company starts with one policy of reminders."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from receivables.commands import install_reminders
from receivables.models import DunningPolicy
from tests.factories.masters import CompanyFactory
from tests.factories.receivables import DunningPolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company():
    CompanyFactory()


def test_customers_are_reminded_before_the_day_and_three_times_after_it(controller):
    policy = install_reminders(actor=controller)

    assert policy.is_default
    assert [(level.level, level.days) for level in policy.levels.order_by("level")] == [
        *((0, -3), (1, 5), (2, 20), (3, 40)),
    ]
    assert policy.history.get().history_user_id == controller.username


def test_a_policy_that_is_there_stays_as_it_is():
    DunningPolicyFactory(code="OURS")

    assert install_reminders(actor=SYSTEM) is None

    assert [policy.code for policy in DunningPolicy.objects.all()] == ["OURS"]


def test_a_collector_may_not(collector):
    with pytest.raises(NotPermitted, match=r"receivables\.add_dunningpolicy"):
        install_reminders(actor=collector)
