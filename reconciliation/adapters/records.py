"""A bank statement as plain records, whatever format it came in."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


class UnreadableStatement(ValueError):
    """The file is not a statement we can read. The message names the place and what is wrong."""


@dataclass(frozen=True)
class DetailRecord:
    """One transaction inside a batch entry. Amount unsigned, in `currency`."""

    amount: Decimal
    currency: str
    text: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    end_to_end_id: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntryRecord:
    """One booked movement. Amount signed: money in is positive."""

    entry_date: date
    value_date: date
    amount: Decimal
    currency: str
    text: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    end_to_end_id: str = ""
    bank_reference: str = ""
    #: structured references: creditor references and referred documents
    references: tuple[str, ...] = ()
    is_reversal: bool = False
    details: tuple[DetailRecord, ...] = ()


@dataclass(frozen=True)
class StatementRecord:
    """One statement of one account. Balances are signed; None when the bank did not say."""

    account: str
    currency: str
    statement_id: str
    sequence: str
    opening: Decimal | None
    closing: Decimal | None
    opening_date: date | None
    closing_date: date | None
    entries: tuple[EntryRecord, ...]
    #: pending entries: shown, never posted
    pending: tuple[EntryRecord, ...] = ()
    notices: tuple[str, ...] = field(default=())

    @property
    def total(self) -> Decimal:
        """The sum of the booked entries."""
        return sum((entry.amount for entry in self.entries), Decimal(0))

    @property
    def balances(self) -> bool:
        """Whether opening + entries = closing; False when a balance is missing."""
        if self.opening is None or self.closing is None:
            return False
        return self.opening + self.total == self.closing
