"""A bank statement as plain records, whatever format it came in."""

from dataclasses import dataclass, field
from decimal import Decimal

from o2c.core.days import NearDay, PastDay


class UnreadableStatement(ValueError):
    """The file is not a statement we can read. The message names the place and what is wrong."""


@dataclass(frozen=True)
class DetailRecord:
    """One transaction of an entry. Amount signed like the entry's: money in is positive.

    It is in the account's currency whenever the bank says it there; `stated_amount` and
    `stated_currency` are what was ordered, when that is another currency.
    """

    amount: Decimal
    currency: str
    stated_amount: Decimal | None = None
    stated_currency: str = ""
    text: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    end_to_end_id: str = ""
    bank_reference: str = ""
    references: tuple[str, ...] = ()
    return_reason: str = ""
    return_text: str = ""


@dataclass(frozen=True)
class EntryRecord:
    """One booked movement. Amount signed: money in is positive.

    `is_reversal`: the bank takes back a booking of its own. `is_return`: a payment came back from
    its receiver or the receiver's bank; `return_reason` is the code the bank gives (AC04, or the
    three digits of a German MT940), `return_text` its words.
    """

    entry_date: PastDay
    value_date: NearDay
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
    is_return: bool = False
    return_reason: str = ""
    return_text: str = ""
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
    opening_date: PastDay | None
    closing_date: PastDay | None
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
