"""posting_date_for: what falls into closed months is posted on the next day that is open."""

from datetime import date

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.ledger.commands import open_period, reopen_period
from o2c.ledger.queries import posting_date_for
from tests.given.ledger import closed_period

pytestmark = pytest.mark.django_db


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
        closed_period(date(2026, number, 1))
    open_period(date(2026, 3, 1), actor=SYSTEM)

    assert posting_date_for(day) == posted_on


def test_a_reopened_month_takes_what_falls_into_it_or_before():
    _january, february, _march = (closed_period(date(2026, nr, 1)) for nr in (1, 2, 3))
    reopen_period(february.pk, reason="a forgotten bill", actor=SystemActor("bruno"))

    assert posting_date_for(date(2026, 1, 15)) == date(2026, 2, 1)
    assert posting_date_for(date(2026, 2, 15)) == date(2026, 2, 15)
    with clock.at(date(2026, 5, 20)):  # April was never opened, and May opens by itself
        assert posting_date_for(date(2026, 3, 15)) == date(2026, 5, 1)
