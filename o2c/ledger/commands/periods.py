"""Opening, closing and reopening months.

Posting takes the period's advisory lock in shared form (by trigger), closing takes it alone: so
closing waits for postings under way, and what comes after finds the month closed.
"""

from calendar import monthrange
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.days import PlannedDay
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.transitions import begin, transition
from o2c.ledger.models import Entry, Period, PeriodState
from o2c.ledger.models.entries import PERIOD_LOCK

#: Second key of the advisory lock under which months are made.
_MAKING = 0


@command
def open_period(day: PlannedDay, *, actor: Actor) -> Period:
    """Open the month that day lies in; nothing happens when it is open.

    Raises RuleViolation when it is closed, and when a later month is: nothing new begins behind it.
    """
    require(actor, "ledger.open_period")
    period = begin_period(day, actor=actor)
    if period.state == PeriodState.CLOSED:
        raise RuleViolation(
            _("%(month)s is closed. Have it reopened, with a reason.") % {"month": period.code},
            field="day",
        )
    return period


def begin_period(day: date, *, actor: Actor) -> Period:
    """The month that day lies in, open or closed, made when there is none yet.

    Raises RuleViolation when a later month is closed: nothing new begins behind it.
    """
    _lock_alone(_MAKING)
    known: Period | None = Period.objects.filter(start_date__lte=day, end_date__gte=day).first()
    if known:
        return known
    closed = Period.objects.filter(start_date__gt=day, state=PeriodState.CLOSED)
    if later := closed.order_by("start_date").first():
        raise RuleViolation(
            _("%(later)s is closed; %(month)s, which lies before it, cannot be opened any more.")
            % {"later": later.code, "month": f"{day:%Y-%m}"},
            field="day",
        )
    return begin(month_of(day), actor=actor, event="opened")


def month_of(day: date) -> Period:
    """The month that day lies in, not stored yet."""
    return Period(
        code=f"{day:%Y-%m}",
        start_date=day.replace(day=1),
        end_date=day.replace(day=monthrange(day.year, day.month)[1]),
    )


@command
def close_period(period_id: int, *, actor: Actor) -> Period:
    """Let nothing more be posted into a month. Waits for the postings under way.

    Raises RuleViolation when an earlier month is still open.
    """
    period = lock(Period, period_id)
    _lock_alone(_MAKING)  # no earlier month is made meanwhile
    _lock_alone(period.pk)
    earlier = Period.objects.filter(
        state=PeriodState.OPEN, end_date__lt=period.start_date
    ).order_by("start_date")
    if first := earlier.first():
        raise RuleViolation(_("Close %(period)s first.") % {"period": first.code})
    period.closed_by = actor.get_username()
    period.entry_count = Entry.objects.filter(period=period).count()
    return transition(period, "close", actor=actor, entries=period.entry_count)


@command
def reopen_period(period_id: int, *, reason: str, actor: Actor) -> Period:
    """Let corrections into a closed month. Not by the person who closed it, and with a reason."""
    if not reason.strip():
        raise RuleViolation(_("Reopening a month needs a reason."), field="reason")
    period = lock(Period, period_id)
    if period.closed_by == actor.get_username():
        raise NotPermitted(_("You closed this month; somebody else has to reopen it."))
    _lock_alone(period.pk)
    return transition(period, "reopen", actor=actor, reason=reason.strip())


def _lock_alone(key: int) -> None:
    """Wait until nobody posts under this key, and let nobody start until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PERIOD_LOCK, key])
