"""Which months open by themselves, and where what falls into a closed one is posted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.ledger.rules import Month, first_open_day, opens_by_itself

TODAY = date(2026, 11, 29)
days = st.dates(date(2026, 1, 1), date(2027, 6, 30))
#: six months of 2026 from January on, each closed, open, or never opened
books = st.lists(st.sampled_from([True, False, None]), min_size=6, max_size=6)


def months(states, day=date(2026, 1, 1)):
    firsts = [date(2026, number, 1) for number in range(1, 8)]
    known = [
        Month(state, first, after - timedelta(days=1))
        for state, first, after in zip(states, firsts, firsts[1:], strict=False)
        if state is not None
    ]
    return [month for month in known if month.last >= day]


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
        (date(2027, 11, 28), False),
        (date(2099, 1, 1), False),
        (date(2025, 11, 29), False),
    ],
)
def test_this_month_and_the_next_open_by_themselves(day, opens):
    assert opens_by_itself(day, TODAY) is opens


def test_december_opens_january():
    assert opens_by_itself(date(2027, 1, 31), date(2026, 12, 1))


@given(books, days, days)
def test_what_is_moved_lands_on_the_next_day_that_takes_it(states, day, today):
    known = [month for month in months(states, day) if month.is_open or month.last < today]
    found = first_open_day(day, known, today)

    def takes(other):
        own = [month.is_open for month in known if month.first <= other <= month.last]
        closed_after = any(not month.is_open and month.last > other for month in known)
        return own[0] if own else opens_by_itself(other, today) and not closed_after

    possible = [day + timedelta(days=n) for n in range(600) if takes(day + timedelta(days=n))]
    assert found == next(iter(possible), day)


@given(books, days, days)
def test_a_day_of_an_open_month_stays(states, day, today):
    known = months(states, day)
    own = next((month for month in known if month.first <= day <= month.last), None)
    if own is not None and own.is_open:
        assert first_open_day(day, known, today) == day


@given(books, days)
def test_the_present_day_stays_unless_a_month_after_it_is_closed(states, today):
    known = months(states, today)
    if all(month.is_open for month in known):
        assert first_open_day(today, known, today) == today
