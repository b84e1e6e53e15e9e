"""The credit decision on plain values. No ORM, clock or settings."""

from credit.rules.decision import (
    RULE_VERSION,
    Decision,
    Fired,
    Standing,
    decide,
    effective_limit,
)
from credit.rules.exposure import Amounts, Exposure, Part, expose

__all__ = [
    "RULE_VERSION",
    "Amounts",
    "Decision",
    "Exposure",
    "Fired",
    "Part",
    "Standing",
    "decide",
    "effective_limit",
    "expose",
]
