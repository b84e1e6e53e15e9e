"""The arithmetic of the money book. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)


def opens_by_itself(day: date, today: date) -> bool:
    """Whether the month of a day is opened by the first posting: this month and the next.

    Any other month is opened by a person who has looked at it.
    """
    ahead = (day.year - today.year) * 12 + day.month - today.month
    return 0 <= ahead <= 1


class Month(NamedTuple):
    """A month that was opened once, with its first and last day."""

    is_open: bool
    first: date
    last: date


def first_open_day(day: date, months: Iterable[Month], today: date) -> date:
    """The first day from `day` on that can be posted on; `day` itself when there is none.

    `months` are those that end on `day` or later. Before a closed month only a reopened one takes
    postings; after all of them, this month and the next do as well.
    """
    known = list(months)
    after_closed = [month.last + timedelta(days=1) for month in known if not month.is_open]
    soonest = max([day, today.replace(day=1), *after_closed])
    possible = [max(day, month.first) for month in known if month.is_open]
    if opens_by_itself(soonest, today):
        possible.append(soonest)
    return min(possible, default=day)


class EntryDoesNotBalance(Exception):
    """A stage posts an entry whose lines do not add up to zero. A bug, never the user's."""


class Posting(NamedTuple):
    """One line of an entry to be. Debits positive, credits negative.

    `account` is a role ("AR") or the primary key of an account. `amount` is in `currency`,
    `base_amount` in the base currency. `bank_account_id` picks the account of the role BANK; a
    bank account without one of its own falls to the general one.
    """

    account: str | int
    amount: Decimal
    currency: str
    base_amount: Decimal
    customer_id: int | None = None
    bank_account_id: int | None = None

    @property
    def is_zero(self) -> bool:
        return not self.amount and not self.base_amount

    def mirrored(self) -> "Posting":
        return self._replace(amount=-self.amount, base_amount=-self.base_amount)


def checked(postings: Iterable[Posting]) -> list[Posting]:
    """The postings that say anything. Raises EntryDoesNotBalance, naming the sums."""
    lines = [posting for posting in postings if not posting.is_zero]
    off = {currency: total for currency, total in sums(lines).items() if total}
    base = sum((line.base_amount for line in lines), ZERO)
    if off or base:
        raise EntryDoesNotBalance(f"off by {off or 'nothing'} and {base} in base: {lines}")
    return lines


def sums(postings: Iterable[Posting]) -> dict[str, Decimal]:
    """The sum of amounts by currency."""
    totals: dict[str, Decimal] = {}
    for posting in postings:
        totals[posting.currency] = totals.get(posting.currency, ZERO) + posting.amount
    return totals


def with_base_difference(postings: Sequence[Posting], role: str) -> list[Posting]:
    """The postings, and a line on role for what they are off in base currency alone.

    Amounts converted one by one need not add up; a settlement at another rate does not either.
    The line has no amount in the document's currency.
    """
    base = sum((posting.base_amount for posting in postings), ZERO)
    if not base:
        return list(postings)
    return [*postings, Posting(role, ZERO, postings[0].currency, -base)]
