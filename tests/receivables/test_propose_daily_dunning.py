"""The beat proposes the day's run: once a day, and never after a person."""

from datetime import timedelta

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event, JobRun
from receivables.commands import discard_dunning_run, propose_daily_dunning, propose_dunning
from receivables.models import DunningRun, DunningRunState
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy():
    return DunningPolicyFactory()


def test_it_proposes_the_run_of_the_day(policy, today):
    given.late(15)

    run = propose_daily_dunning(actor=SYSTEM)

    assert (run.run_date, run.state) == (today, DunningRunState.PROPOSED)
    assert (run.letter_count, run.notice_count) == (1, 1)
    assert Event.objects.get(name="dunning_run.proposed").facts["date"] == "2026-06-30"
    assert JobRun.objects.get(name="dunning").slot == "2026-06-30"


def test_once_a_day_and_again_tomorrow(policy, today):
    assert propose_daily_dunning(actor=SYSTEM) is not None
    assert propose_daily_dunning(actor=SYSTEM) is None

    with clock.at(today + timedelta(days=1)):
        assert propose_daily_dunning(actor=SYSTEM).run_date == today + timedelta(days=1)


def test_never_after_a_person(policy, today):
    propose_dunning(actor=SYSTEM)

    assert propose_daily_dunning(actor=SYSTEM) is None
    assert DunningRun.objects.count() == 1


def test_what_a_person_discarded_does_not_come_back_by_itself(policy, today):
    run = propose_daily_dunning(actor=SYSTEM)
    discard_dunning_run(run.pk, reason="not today", actor=SYSTEM)

    assert propose_daily_dunning(actor=SYSTEM) is None


def test_without_a_policy_it_is_silent(today):
    assert propose_daily_dunning(actor=SYSTEM) is None
    assert not DunningRun.objects.exists()


def test_who_may_not_does_not_take_the_days_turn(policy, today, clerk):
    with pytest.raises(NotPermitted):
        propose_daily_dunning(actor=clerk)

    assert propose_daily_dunning(actor=SYSTEM) is not None
