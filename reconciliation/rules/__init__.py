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
from reconciliation.rules.matching import propose
from reconciliation.rules.names import normal_name, resembling
from reconciliation.rules.numbers import BAR, Lookups, Mention, Name, lookups, mentions
from reconciliation.rules.paying_back import propose_paying_back
from reconciliation.rules.spreading import Use, use_credits
from reconciliation.rules.subset import find_subset

__all__ = [
    "BAR",
    "IN_QUANTITIES",
    "Break",
    "BreakKind",
    "Candidate",
    "Chain",
    "ChainEntry",
    "Evidence",
    "EvidenceKind",
    "Fault",
    "Held",
    "KnownPayer",
    "LineFacts",
    "LineFigures",
    "Lookups",
    "Mention",
    "Name",
    "Part",
    "Piece",
    "Placement",
    "Proposal",
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
    "propose_parts",
    "propose_paying_back",
    "resembling",
    "taken_by",
    "use_credits",
]
