"""Months that can be closed."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.fields import DayField
from o2c.core.history import CommercialHistory
from o2c.core.models import Document
from o2c.core.states import StateField, condition, state_known, step, tones
from o2c.masters.rules.ranks import Rank


class PeriodState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")

    tones = tones(
        open="info circle-dot",
        closed="neutral lock",
    )


@condition(_("The month is not over yet."))
def is_over(period: "Period") -> bool:
    return bool(period.end_date < clock.today())


class Period(Document):
    """A calendar month of the books. Nothing is posted into a closed one.

    `entry_count` is how many entries it held when it was closed: one more is a breach.
    """

    code = models.CharField(_("period"), max_length=7, unique=True)  # 2026-11
    start_date = DayField(_("from"), kind=DayKind.PLANNED)
    end_date = DayField(_("to"), kind=DayKind.PLANNED)
    state = StateField(PeriodState, default=PeriodState.OPEN)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True)
    entry_count = models.PositiveBigIntegerField(_("entries when closed"), null=True)
    history = CommercialHistory(excluded_fields=("state", "version"))

    lock_rank = Rank.PERIOD
    known_by = "code"  # see o2c.web.sources
    other_events = {
        "opened": _("Opened"),
    }
    fact_words = {
        "entries": _("Entries"),
        "reason": _("Reason"),
    }

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            state_known(PeriodState, "ledger_period_state_known"),
            models.CheckConstraint(
                condition=Q(end_date__gte=F("start_date")), name="ledger_period_dates_ordered"
            ),
            models.CheckConstraint(
                condition=Q(state=PeriodState.OPEN, closed_by="", entry_count__isnull=True)
                | (Q(state=PeriodState.CLOSED, entry_count__isnull=False) & ~Q(closed_by="")),
                name="ledger_period_closed_by_somebody",
            ),
            ExclusionConstraint(
                name="ledger_period_no_overlap",
                expressions=[
                    (
                        Func(
                            "start_date",
                            "end_date",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
            ),
        ]

    @property
    def number(self) -> str:
        """The code, as other documents call it."""
        return self.code

    @step(
        PeriodState.OPEN,
        PeriodState.CLOSED,
        label=_("Close"),
        event="closed",
        past=_("Closed"),
        conditions=[is_over],
    )
    def close(self) -> None:
        """Let nothing more be posted into this month."""

    @step(
        PeriodState.CLOSED,
        PeriodState.OPEN,
        label=_("Reopen"),
        event="reopened",
        past=_("Reopened"),
    )
    def reopen(self) -> None:
        """Let corrections in again. Somebody else than who closed it, with a reason."""
        self.closed_by, self.entry_count = "", None
