"""The arithmetic of the money book. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)


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
