"""A customer gets no letters up to a day, and it stays on record why."""

from datetime import timedelta

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from receivables.commands import pause_dunning, propose_dunning
from receivables.models import DunningExclusion, DunningProfile
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def paused(customer, until, reason="on holiday", actor=SYSTEM, **fields):
    return pause_dunning(customer.pk, until=until, reason=reason, actor=actor, **fields)


def test_up_to_the_day_no_letter_is_proposed(customer, today):
    DunningPolicyFactory()
    given.late(9, customer=customer)
    until = today + timedelta(days=3)

    paused(customer, until)

    with clock.at(until):
        assert propose_dunning(actor=SYSTEM).letter_count == 0
    with clock.at(until + timedelta(days=1)):
        assert propose_dunning(actor=SYSTEM).letter_count == 1
    assert DunningExclusion.objects.get().reason == "paused"


def test_it_stays_on_record_who_paused_and_why(customer, today, collector):
    profile = paused(customer, today, " on holiday ", collector)

    assert (profile.paused_until, profile.pause_reason) == (today, "on holiday")
    row = profile.history.get()
    assert (row.pause_reason, row.history_user) == ("on holiday", "cora")


def test_a_later_word_replaces_the_earlier_and_keeps_the_customers_policy(customer, today):
    strict = DunningPolicyFactory(is_default=False)
    DunningProfile.objects.create(customer=customer, policy=strict)

    paused(customer, today)
    paused(customer, today + timedelta(days=9), "still on holiday")

    profile = DunningProfile.objects.get()
    assert (profile.policy, profile.version) == (strict, 3)
    assert (profile.paused_until, profile.pause_reason) == (
        today + timedelta(days=9),
        "still on holiday",
    )


def test_other_customers_get_their_letters(customer, today):
    DunningPolicyFactory()
    given.late(9)

    paused(customer, today)

    assert propose_dunning(actor=SYSTEM).letter_count == 1


@pytest.mark.parametrize(
    ("days", "reason", "sentence", "field"),
    [
        (-1, "x", "The day is over already", "until"),
        (0, " ", "Say why reminders are paused", "reason"),
    ],
)
def test_a_day_that_is_over_and_no_reason_are_refused(
    customer, today, days, reason, sentence, field
):
    with pytest.raises(RuleViolation, match=sentence) as refused:
        paused(customer, today + timedelta(days=days), reason)

    assert refused.value.field == field
    assert not DunningProfile.objects.exists()


def test_a_form_sent_twice_is_one_pause(customer, today):
    for _ in range(2):
        paused(customer, today, op_id="form-1")

    assert DunningProfile.objects.get().version == 1


def test_a_sales_clerk_may_not(customer, today, clerk):
    with pytest.raises(NotPermitted):
        paused(customer, today, actor=clerk)

    assert not DunningProfile.objects.exists()
