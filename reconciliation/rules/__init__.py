"""Decisions of the last stage, as arithmetic: what a bank line pays for, and why we think so."""

from reconciliation.rules.accounts import names_account, plain_account
from reconciliation.rules.batches import Part, propose_parts, taken_by
from reconciliation.rules.chain import Chain, Fault, Held, Piece, Placement
from reconciliation.rules.chain import Entry as ChainEntry
from reconciliation.rules.evidence import (
    Candidate,
    Evidence,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    Proposal,
    Purpose,
    Share,
    Tier,
)
from reconciliation.rules.four_way import (
    IN_QUANTITIES,
    Break,
    BreakKind,
    LineFigures,
    breaks_of,
)
from reconciliation.rules.known import (
    NEAR_DAYS,
    KnownLine,
    KnownPayment,
    propose_join,
    propose_return,
)
from reconciliation.rules.matching import propose
from reconciliation.rules.names import normal_name, resembling
from reconciliation.rules.numbers import BAR, Lookups, Mention, Name, lookups, mentions
from reconciliation.rules.paying_back import propose_paying_back
from reconciliation.rules.spreading import Use, use_credits
from reconciliation.rules.subset import find_subset

__all__ = [
    "BAR",
    "IN_QUANTITIES",
    "NEAR_DAYS",
    "Break",
    "BreakKind",
    "Candidate",
    "Chain",
    "ChainEntry",
    "Evidence",
    "EvidenceKind",
    "Fault",
    "Held",
    "KnownLine",
    "KnownPayer",
    "KnownPayment",
    "LineFacts",
    "LineFigures",
    "Lookups",
    "Mention",
    "Name",
    "Part",
    "Piece",
    "Placement",
    "Proposal",
    "Purpose",
    "Share",
    "Tier",
    "Use",
    "breaks_of",
    "find_subset",
    "lookups",
    "mentions",
    "names_account",
    "normal_name",
    "plain_account",
    "propose",
    "propose_join",
    "propose_parts",
    "propose_paying_back",
    "propose_return",
    "resembling",
    "taken_by",
    "use_credits",
]
