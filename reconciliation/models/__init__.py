"""Bank statements, their lines, and what each line is matched with."""

from reconciliation.models.lines import (
    LIVE,
    BankLine,
    Match,
    MatchKind,
    MatchShare,
    MatchState,
    MatchTier,
    PayerAlias,
)
from reconciliation.models.statements import BankStatement, StatementState

__all__ = [
    "LIVE",
    "BankLine",
    "BankStatement",
    "Match",
    "MatchKind",
    "MatchShare",
    "MatchState",
    "MatchTier",
    "PayerAlias",
    "StatementState",
]
