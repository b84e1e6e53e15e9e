"""How far from today a date may lie: the one rule for every date that enters (`docs/dates.md`).

A command, a record, a form field, a model field and a column of a file each declare the kind of
their dates: `value_date: NearDay`, `DayField(kind=DayKind.NEAR)`. Commands check what they declare
before anything else, so no date comes in by a way that has other limits.
"""

import calendar
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated, NamedTuple

#: No date lies outside these, whatever its kind.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
NEAR_DAYS = 14
PLANNED_YEARS = 5


class DayKind(Enum):
    """What a date says; from it follows how late it may be."""

    #: something has happened, and goods or money are booked on that day: today at the latest
    PAST = "past"
    #: others state when it takes effect, such as a bank its value date: some days ahead
    NEAR = "near"
    #: somebody expects, promises or plans it: some years ahead
    PLANNED = "planned"
    #: it bounds a validity, or is only asked about: as far as dates reach
    ANY = "any"


PastDay = Annotated[date, DayKind.PAST]
PastMoment = Annotated[datetime, DayKind.PAST]
NearDay = Annotated[date, DayKind.NEAR]
PlannedDay = Annotated[date, DayKind.PLANNED]
AnyDay = Annotated[date, DayKind.ANY]


class Span(NamedTuple):
    """The first and the last day that are possible."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def limits(kind: DayKind, today: date) -> Span:
    """Between which days a date of this kind lies, both included."""
    last = {
        DayKind.PAST: today,
        DayKind.NEAR: today + timedelta(days=NEAR_DAYS),
        DayKind.PLANNED: _years_later(today, PLANNED_YEARS),
        DayKind.ANY: LAST_DAY,
    }[kind]
    return Span(FIRST_DAY, min(last, LAST_DAY))


def _years_later(day: date, years: int) -> date:
    year = day.year + years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))
