"""The days and hours of the story."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

FRIDAY = 4


def hour(day: date, hours: int, minutes: int = 0) -> datetime:
    """A moment of a day in the company's zone."""
    return timezone.make_aware(datetime.combine(day, time(hours, minutes)))


def business_days(first: date, last: date) -> Iterator[date]:
    """Monday to Friday, from first to last inclusive."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() <= FRIDAY:
            yield day


def business_day_before(day: date) -> date:
    """The last working day before day."""
    return max(business_days(day - timedelta(days=4), day - timedelta(days=1)))
