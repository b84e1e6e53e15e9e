"""What a bank's file came to, statement by statement."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from o2c.masters.models import BankAccount
from o2c.tabular.imports import ImportResult
from reconciliation.adapters import StatementRecord


@dataclass
class StatementOutcome:
    """What became of one statement of a file. Amounts in the account's currency, lines counted."""

    account: str  # the code of ours; empty where we keep no such account
    bank_account: str  # as the bank writes it
    number: str
    opening: Decimal | None
    closing: Decimal | None
    lines: int
    sum: Decimal
    kept: int = 0
    skipped: int = 0
    reason: str = ""  # why lines were skipped
    replaces: str = ""  # the statement of ours that the bank has corrected by this one
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values; amounts as text, so that no digit is lost."""
        return {
            name: f"{value:f}" if isinstance(value, Decimal) else value
            for name, value in asdict(self).items()
        }


@dataclass
class StatementImport(ImportResult):
    """The outcome of a bank's file, statement by statement."""

    statements: list[StatementOutcome] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        statements = [outcome.as_dict() for outcome in self.statements]
        return {**super().as_dict(), "statements": statements}


def outcome_of(record: StatementRecord, account: BankAccount | None) -> StatementOutcome:
    """A statement of which nothing is decided yet."""
    return StatementOutcome(
        account=account.code if account else "",
        bank_account=record.account,
        number=record.statement_id,
        opening=record.opening,
        closing=record.closing,
        lines=len(record.entries),
        sum=record.total,
    )
