"""close_period: a month that is over is shut, after all months before it."""

from datetime import date

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed, close_period, open_period, reverse_entry
from o2c.ledger.models import Period
from tests.given.ledger import DAY, closed_period, posted

pytestmark = pytest.mark.django_db


def test_a_closed_month_knows_who_closed_it_and_what_it_held():
    posted()

    period = closed_period(by=SystemActor("corinna"))

    assert (period.state, period.closed_by, period.entry_count) == ("closed", "system:corinna", 1)
    assert Event.objects.get(name="period.closed").facts == {"entries": 1}


def test_a_month_that_is_not_over_stays_open():
    period = open_period(DAY, actor=SYSTEM)

    with clock.at(DAY), pytest.raises(TransitionRefused, match="not over yet"):
        close_period(period.pk, actor=SYSTEM)


def test_months_are_closed_in_order():
    open_period(date(2026, 1, 1), actor=SYSTEM)

    with pytest.raises(RuleViolation, match="Close 2026-01 first"):
        close_period(open_period(date(2026, 2, 1), actor=SYSTEM).pk, actor=SYSTEM)


def test_a_closed_month_is_not_closed_again():
    period = closed_period()

    with pytest.raises(TransitionRefused, match="It is Closed"):
        close_period(period.pk, actor=SYSTEM)


def test_the_same_operation_is_carried_out_once():
    period = open_period(DAY, actor=SYSTEM)

    for _time in range(2):
        assert close_period(period.pk, actor=SYSTEM, op_id="form-1") == period

    assert Event.objects.filter(name="period.closed").count() == 1


def test_nothing_is_posted_behind_a_closed_month():
    entry = posted(on=date(2026, 2, 10))
    closed_period(date(2026, 2, 1))

    with pytest.raises(PeriodClosed, match="2025-11 is closed"):
        reverse_entry(
            entry.pk, date(2025, 11, 10), source=("masters.company", 1), purpose="late",
            actor=SYSTEM,
        )  # fmt: skip

    assert Period.objects.count() == 1


def test_a_billing_clerk_may_not(biller):
    period = open_period(DAY, actor=SYSTEM)

    with pytest.raises(NotPermitted, match=r"ledger\.close_period"):
        close_period(period.pk, actor=biller)

    assert Period.objects.get().state == "open"
