"""Up to which day incoming money is known, so that nobody is reminded of what has been paid.

Only accounts that collect count: a deposit that no customer pays into may be quiet for months and
holds nobody's reminder back. An account that did collect and whose statements stopped coming goes
on counting, since it is judged on the days before its own last statement.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

#: an account collects when a customer paid into it this long before its last known day
COLLECTING_DAYS = 90


class Feed(NamedTuple):
    """One of our bank accounts, its movements known up to `through`."""

    currency: str
    through: date
    collects: bool


class BankDates(NamedTuple):
    """The day up to which incoming money is known: per currency, and of all accounts together."""

    by_currency: Mapping[str, date]
    oldest: date | None

    def of(self, currency: str) -> date | None:
        """For debts in currency; all accounts speak for one that none of them is kept in."""
        return self.by_currency.get(currency, self.oldest)


def bank_dates(feeds: Iterable[Feed]) -> BankDates:
    """What the accounts that collect are known up to; where none does yet, all of the currency."""
    accounts: dict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        accounts[feed.currency].append(feed)
    days = {
        currency: min(feed.through for feed in _that_count(group))
        for currency, group in accounts.items()
    }
    return BankDates(days, min(days.values(), default=None))


def _that_count(feeds: list[Feed]) -> list[Feed]:
    return [feed for feed in feeds if feed.collects] or feeds


def is_stale(known: date | None, today: date, days: int | None) -> bool:
    """Whether bank data of this day is too old to remind anybody; `days` None: never."""
    if days is None:
        return False
    return known is None or known < today - timedelta(days=days)
