"""Between which days a date lies, by what it says; and what is said of one that does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor
from o2c.core.commands import command
from o2c.core.day_checks import day_fault
from o2c.core.days import (
    FIRST_DAY,
    LAST_DAY,
    AnyDay,
    DayKind,
    NearDay,
    PastDay,
    PastMoment,
    PlannedDay,
    limits,
)
from o2c.core.errors import RuleViolation

TODAY = date(2026, 11, 29)
todays = st.dates(date(2020, 1, 1), date(2090, 12, 31))
days = st.dates(date(1990, 1, 1), date(2110, 12, 31))
kinds = st.sampled_from(DayKind)


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        (DayKind.PAST, date(2026, 11, 29)),
        (DayKind.NEAR, date(2026, 12, 13)),
        (DayKind.PLANNED, date(2031, 11, 29)),
        (DayKind.ANY, date(2100, 12, 31)),
    ],
)
def test_each_kind_has_its_last_day(kind, last):
    assert limits(kind, TODAY) == (date(2000, 1, 1), last)


def test_five_years_from_a_leap_day_is_the_end_of_its_february():
    assert limits(DayKind.PLANNED, date(2028, 2, 29)).last == date(2033, 2, 28)


@given(kinds, todays)
def test_today_is_always_possible_and_nothing_outside_the_outer_limits(kind, today):
    span = limits(kind, today)

    assert today in span
    assert (span.first, span.last <= LAST_DAY) == (FIRST_DAY, True)
    assert span.last + timedelta(days=1) not in span
    assert span.first - timedelta(days=1) not in span


@given(todays, days)
def test_each_kind_allows_what_the_one_before_it_allows(today, day):
    past, near, planned, any_day = (day in limits(kind, today) for kind in DayKind)

    assert past <= near <= planned <= any_day


@given(kinds, todays, st.integers(0, 400))
def test_a_day_that_was_possible_stays_so(kind, today, later):
    assert limits(kind, today).last <= limits(kind, today + timedelta(days=later)).last


@given(kinds, days, todays)
def test_a_date_is_at_fault_exactly_when_it_lies_outside(kind, day, today):
    assert bool(day_fault(kind, day, today)) == (day not in limits(kind, today))


def test_the_fault_names_the_date_and_both_limits():
    fault = day_fault(DayKind.NEAR, date(2099, 1, 1), TODAY, "Value date")

    assert fault == "Value date: 1 Jan 2099 does not lie between 1 Jan 2000 and 13 Dec 2026."


class Row(NamedTuple):
    due: PlannedDay
    name: str = ""


@dataclass(frozen=True)
class Sheet:
    issued: PastDay
    rows: Sequence[Row] = ()
    valid_to: AnyDay | None = None


@command
def file_sheets(
    sheet: Sheet,
    value_date: NearDay | None = None,
    seen_at: PastMoment | None = None,
    *,
    actor: Actor,
    more: Sequence[Sheet] = (),
) -> str:
    return "filed"


def filed(sheet, *args, **more):
    with clock.at(TODAY):
        return file_sheets(sheet, *args, actor=SYSTEM, **more)


@pytest.mark.django_db
def test_a_command_takes_what_lies_within_the_limits():
    sheet = Sheet(TODAY, [Row(date(2031, 11, 29))], date(2100, 12, 31))

    assert filed(sheet, date(2026, 12, 13), datetime(2026, 11, 29, 22, tzinfo=UTC)) == "filed"
    assert filed(Sheet(FIRST_DAY)) == "filed"


def test_a_command_names_every_date_outside_them_at_once():
    sheet = Sheet(date(2027, 11, 28), [Row(TODAY), Row(date(2099, 1, 1))], date(2101, 1, 1))

    with pytest.raises(RuleViolation) as refusal:
        filed(sheet, date(2026, 12, 14), more=[Sheet(TODAY), Sheet(date(1999, 12, 31))])

    assert [(fault.field, fault.row) for fault in refusal.value.errors] == [
        ("issued", None),
        ("due", 1),
        ("valid_to", None),
        ("value_date", None),
        ("issued", 1),
    ]


def test_a_moment_is_judged_by_its_day_here():
    with pytest.raises(RuleViolation, match="Seen at: 30 Nov 2026"):
        filed(Sheet(TODAY), None, datetime(2026, 11, 29, 23, 30, tzinfo=UTC))
