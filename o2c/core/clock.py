"""The only clock. Nothing else asks the system for the time.

Times are timezone-aware UTC; business dates are days in the company's zone. Work over past days
(demo, replay, tests) sets the clock with `at()`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time

from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)


def now() -> datetime:
    """The present moment in UTC."""
    return _fixed.get() or timezone.now()


def wall() -> datetime:
    """The time on the wall, whatever time is being replayed: for leases and retries only."""
    return timezone.now()


def today() -> date:
    """The business date: the present day in the company's zone (the active time zone)."""
    return timezone.localtime(now()).date()


@contextmanager
def at(moment: datetime | date) -> Iterator[None]:
    """Let the clock stand at moment; a bare date means its noon in the company's zone."""
    if not isinstance(moment, datetime):
        moment = timezone.make_aware(datetime.combine(moment, time(12)))
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
