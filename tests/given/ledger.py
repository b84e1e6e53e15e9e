"""A chart of accounts and entries in it, reached by the real commands."""

from datetime import date
from decimal import Decimal

from o2c.core.actors import SYSTEM, Actor
from o2c.core.commands import command
from o2c.core.transitions import begin_many
from o2c.ledger.commands import Posting, close_period, install_chart, open_period, post_entry
from o2c.ledger.commands.periods import month_of
from o2c.ledger.models import Entry, Period
from tests.factories.masters import CompanyFactory

#: A day of a month that is over.
DAY = date(2026, 9, 15)


def chart(*, of_year: int | None = DAY.year) -> None:
    """Every role has its account; the months of a year are open, as after a year's work."""
    CompanyFactory()
    install_chart(actor=SYSTEM)
    if of_year is not None and not Period.objects.exists():
        _open_year(of_year, actor=SYSTEM)


@command
def _open_year(year: int, *, actor: Actor) -> None:
    months = [month_of(date(year, number, 1)) for number in range(1, 13)]
    begin_many(months, actor=actor, event="opened")


def opened(*days: date) -> None:
    """The months of these days are open, as a controller opens those that are over."""
    for day in days:
        open_period(day, actor=SYSTEM)


def posted(*lines: Posting, source=("masters.company", 1), purpose="post", on=DAY) -> Entry:
    """An entry; without lines, 100 EUR from goods received to inventory."""
    chart(of_year=None)
    opened(on)
    hundred = Decimal(100)
    lines = lines or (
        Posting("INVENTORY", hundred, "EUR", hundred),
        Posting("GOODS_RECEIVED", -hundred, "EUR", -hundred),
    )
    return post_entry(source, purpose, on, lines, actor=SYSTEM)


def closed_period(day=DAY, by=SYSTEM) -> Period:
    """The month of day, closed; those before it that are open were closed first."""
    month = open_period(day, actor=SYSTEM)
    for earlier in Period.objects.filter(state="open", end_date__lt=day).order_by("start_date"):
        close_period(earlier.pk, actor=by)
    return close_period(month.pk, actor=by)
