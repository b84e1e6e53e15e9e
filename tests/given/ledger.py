"""A chart of accounts and entries in it, reached by the real commands."""

from datetime import date
from decimal import Decimal

from o2c.core.actors import SYSTEM
from o2c.ledger.commands import Posting, close_period, install_chart, open_period, post_entry
from o2c.ledger.models import Entry, Period
from tests.factories.masters import CompanyFactory

#: A day of a month that is over.
DAY = date(2026, 9, 15)


def chart() -> None:
    """Every role has its account."""
    CompanyFactory()
    install_chart(actor=SYSTEM)


def posted(*lines: Posting, source=("masters.company", 1), purpose="post", on=DAY) -> Entry:
    """An entry; without lines, 100 EUR from goods received to inventory."""
    chart()
    hundred = Decimal(100)
    lines = lines or (
        Posting("INVENTORY", hundred, "EUR", hundred),
        Posting("GOODS_RECEIVED", -hundred, "EUR", -hundred),
    )
    return post_entry(source, purpose, on, lines, actor=SYSTEM)


def closed_period(day=DAY, by=SYSTEM) -> Period:
    """The month of day, closed."""
    return close_period(open_period(day, actor=SYSTEM).pk, actor=by)
