"""Decisions of the last stage, as arithmetic: what a bank line pays for, and why we think so."""

from reconciliation.rules.four_way import (
    IN_QUANTITIES,
    Break,
    BreakKind,
    LineFigures,
    breaks_of,
)
from reconciliation.rules.matching import (
    Candidate,
    Evidence,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    Proposal,
    Share,
    Tier,
    propose,
)
from reconciliation.rules.names import normal_name, resembling
from reconciliation.rules.subset import find_subset
from reconciliation.rules.tokens import document_numbers, words

__all__ = [
    "IN_QUANTITIES",
    "Break",
    "BreakKind",
    "Candidate",
    "Evidence",
    "EvidenceKind",
    "KnownPayer",
    "LineFacts",
    "LineFigures",
    "Proposal",
    "Share",
    "Tier",
    "breaks_of",
    "document_numbers",
    "find_subset",
    "normal_name",
    "propose",
    "resembling",
    "words",
]
