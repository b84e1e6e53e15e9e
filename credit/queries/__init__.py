"""What the other areas and the pages ask of credit."""

from credit.queries.authority import AboveAuthority, authority_of, has_shaped, require_authority
from credit.queries.exposure import CreditPicture, exposure
from credit.queries.invariants import INVARIANTS
from credit.queries.reading import (
    WaterfallLine,
    accounts,
    authorities,
    authority_sentence,
    checks,
    exposed_orders,
    latest_checks,
    limits_of,
    payers_known_late,
    waterfall_lines,
)
from credit.queries.sentences import part_labels, rule_sentence, rule_sentences

__all__ = [
    "INVARIANTS",
    "AboveAuthority",
    "CreditPicture",
    "WaterfallLine",
    "accounts",
    "authorities",
    "authority_of",
    "authority_sentence",
    "checks",
    "exposed_orders",
    "exposure",
    "has_shaped",
    "latest_checks",
    "limits_of",
    "part_labels",
    "payers_known_late",
    "require_authority",
    "rule_sentence",
    "rule_sentences",
    "waterfall_lines",
]
