"""set_dunning_profile: a controller or credit manager chooses how a customer is reminded."""

from datetime import timedelta

import pytest
from django.urls import reverse

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from receivables.commands import pause_dunning, set_dunning_profile
from receivables.models import DunningProfile
from tests.factories.masters import CompanyFactory, CustomerFactory
from tests.factories.receivables import DunningPolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    CompanyFactory()
    return CustomerFactory()


@pytest.fixture
def gentle():
    return DunningPolicyFactory(code="GENTLE", is_default=False)


def chosen(customer, policy, actor=SYSTEM, reason="key account"):
    return set_dunning_profile(
        customer.pk, policy_id=policy and policy.pk, reason=reason, actor=actor
    )


def test_the_policy_is_the_customers_own_and_the_pause_stays(customer, gentle):
    until = clock.today() + timedelta(days=3)
    pause_dunning(customer.pk, until=until, reason="on holiday", actor=SYSTEM)

    profile = chosen(customer, gentle)

    assert (profile.policy, profile.paused_until, profile.version) == (gentle, until, 2)
    assert profile.history.first().history_change_reason == "key account"


def test_none_is_the_default_policy_again(customer, gentle):
    chosen(customer, gentle)

    assert chosen(customer, None).policy is None


@pytest.mark.parametrize(
    ("policy", "reason", "field"), [({"active": False}, "x", "policy"), ({}, " ", "reason")]
)
def test_a_policy_out_of_use_or_no_reason_is_refused(customer, policy, reason, field):
    policy = DunningPolicyFactory(code="OLD", is_default=False, **policy)

    with pytest.raises(RuleViolation) as refused:
        chosen(customer, policy, reason=reason)

    assert refused.value.field == field
    assert not DunningProfile.objects.exists()


def test_controller_and_credit_manager_may_and_a_collector_may_not(
    customer, gentle, controller, credit_manager, collector
):
    for actor in (controller, credit_manager):
        assert chosen(customer, gentle, actor=actor).policy == gentle
    with pytest.raises(NotPermitted):
        chosen(customer, None, actor=collector)


def test_it_is_chosen_on_the_customers_account(chris, customer, gentle):
    account = reverse("receivables:customer_account", args=[customer.pk])
    page = reverse("receivables:customer_act", args=[customer.pk, "dunning"])

    assert page in chris.get(account).content.decode()
    answer = chris.post(page, {"policy": gentle.pk, "reason": "key account"})

    assert (answer.status_code, answer["Location"]) == (303, account)
    assert DunningProfile.objects.get().policy == gentle
