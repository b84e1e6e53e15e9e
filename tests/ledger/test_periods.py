"""open_period, close_period, reopen_period: months, and who may shut them."""

from datetime import date

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed, close_period, open_period, reopen_period
from o2c.ledger.models import Period
from o2c.ledger.queries import posting_date_for
from tests.given.ledger import DAY, closed_period, posted

pytestmark = pytest.mark.django_db

CORINNA, BRUNO = SystemActor("corinna"), SystemActor("bruno")


def month(year, number):
    return open_period(date(year, number, 1), actor=SYSTEM)


def test_a_month_is_made_once():
    assert open_period(DAY, actor=SYSTEM) == open_period(DAY.replace(day=30), actor=SYSTEM)
    assert Period.objects.get().number == "2026-09"


def test_a_closed_month_knows_who_closed_it_and_what_it_held():
    posted()

    period = closed_period(by=CORINNA)

    assert (period.state, period.closed_by, period.entry_count) == ("closed", "system:corinna", 1)
    assert Event.objects.get(name="period.closed").facts == {"entries": 1}


def test_a_month_that_is_not_over_stays_open():
    period = open_period(DAY, actor=SYSTEM)

    with clock.at(DAY), pytest.raises(TransitionRefused, match="not over yet"):
        close_period(period.pk, actor=SYSTEM)


def test_months_are_closed_in_order():
    month(2026, 1)
    later = month(2026, 2)

    with pytest.raises(RuleViolation, match="Close 2026-01 first"):
        close_period(later.pk, actor=SYSTEM)


def test_closing_needs_the_right():
    class Clerk(SystemActor):
        def has_perm(self, perm, obj=None):
            return perm != "ledger.close_period"

    period = open_period(DAY, actor=SYSTEM)

    with pytest.raises(NotPermitted, match=r"ledger\.close_period"):
        close_period(period.pk, actor=Clerk("clerk"))


def test_another_person_reopens_with_a_reason():
    period = closed_period(by=CORINNA)

    reopen_period(period.pk, reason="Late freight bill", actor=BRUNO)

    period.refresh_from_db()
    assert (period.state, period.closed_by, period.entry_count) == ("open", "", None)
    assert Event.objects.get(name="period.reopened").facts == {"reason": "Late freight bill"}
    posted()


def test_who_closed_a_month_cannot_reopen_it():
    period = closed_period(by=CORINNA)

    with pytest.raises(NotPermitted, match="somebody else"):
        reopen_period(period.pk, reason="Oh", actor=CORINNA)


def test_reopening_needs_a_reason():
    period = closed_period()

    with pytest.raises(RuleViolation, match="needs a reason"):
        reopen_period(period.pk, reason=" ", actor=BRUNO)


def test_an_open_month_cannot_be_reopened():
    with pytest.raises(TransitionRefused, match="It is Open"):
        reopen_period(month(2026, 1).pk, reason="x", actor=BRUNO)


@pytest.mark.parametrize(
    ("day", "posted_on"),
    [
        (date(2025, 12, 31), date(2026, 3, 1)),  # nobody opened it, and now nobody can
        (date(2026, 1, 15), date(2026, 3, 1)),
        (date(2026, 2, 28), date(2026, 3, 1)),
        (date(2026, 3, 2), date(2026, 3, 2)),
        (date(2030, 1, 1), date(2030, 1, 1)),
    ],
)
def test_what_falls_into_closed_months_is_posted_on_the_next_open_day(day, posted_on):
    for number in (1, 2):
        close_period(month(2026, number).pk, actor=SYSTEM)
    month(2026, 3)

    assert posting_date_for(day) == posted_on


def test_a_reopened_month_takes_what_falls_into_it_or_before():
    for number in (1, 2, 3):
        close_period(month(2026, number).pk, actor=CORINNA)
    reopen_period(month(2026, 2).pk, reason="a forgotten bill", actor=BRUNO)

    assert posting_date_for(date(2026, 1, 15)) == date(2026, 2, 1)
    assert posting_date_for(date(2026, 2, 15)) == date(2026, 2, 15)
    assert posting_date_for(date(2026, 3, 15)) == date(2026, 4, 1)


def test_no_month_is_opened_behind_a_closed_one():
    close_period(month(2026, 2).pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="2026-02 is closed; 2025-11, which lies before"):
        month(2025, 11)

    assert month(2026, 3).code == "2026-03"


def test_nothing_is_posted_behind_a_closed_month():
    posted(on=date(2026, 2, 10))
    close_period(month(2026, 2).pk, actor=SYSTEM)

    with pytest.raises(PeriodClosed, match="2025-11 is closed"):
        posted(purpose="late", on=date(2025, 11, 10))

    assert Period.objects.count() == 1
