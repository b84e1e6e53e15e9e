"""Interest on money that came late."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from o2c.core.money import ZERO, minor_units, round_to


class Balance(NamedTuple):
    """What was open of an item after the movements of `day`, positive, in its currency."""

    day: date
    amount: Decimal


class YearlyRate(NamedTuple):
    """Percent a year (9 means 9 %), from `day` on until the next."""

    day: date
    percent: Decimal


def late_interest(
    due_date: date,
    until: date,
    balances: Sequence[Balance],
    rates: Sequence[YearlyRate],
    currency: str,
    *,
    day_base: int = 365,
    minimum: Decimal = ZERO,
) -> Decimal:
    """Simple interest from the day after due_date to until, both included, rounded once.

    Money that comes on a day still owed that day's interest. `balances` and `rates` are in the
    order of their days and begin on or before due_date. Below `minimum` nothing is charged.
    """
    if until <= due_date:
        return ZERO
    total = Fraction(0)
    for first, last in _segments(due_date, until, balances, rates):
        balance = _at([(b.day, b.amount) for b in balances], first - timedelta(days=1))
        percent = _at([(r.day, r.percent) for r in rates], first)
        days = (last - first).days + 1
        total += Fraction(balance) * Fraction(percent) * days / (100 * day_base)
    exact = Decimal(total.numerator) / Decimal(total.denominator)
    interest = round_to(exact, minor_units(currency))
    return interest if interest >= minimum else ZERO


def _segments(
    due_date: date, until: date, balances: Sequence[Balance], rates: Sequence[YearlyRate]
) -> list[tuple[date, date]]:
    """Stretches of days, both ends included, over which balance and rate stay the same."""
    day_after = timedelta(days=1)
    start, end = due_date + day_after, until + day_after
    cuts = {start, end}
    cuts |= {b.day + day_after for b in balances if start < b.day + day_after < end}
    cuts |= {r.day for r in rates if start < r.day < end}
    ordered = sorted(cuts)
    return [(a, b - day_after) for a, b in pairwise(ordered)]


def _at(steps: Sequence[tuple[date, Decimal]], day: date) -> Decimal:
    """The value in force on day: the last one that began by then."""
    return next((value for begin, value in reversed(steps) if begin <= day), ZERO)
