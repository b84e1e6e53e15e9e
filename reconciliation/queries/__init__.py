"""Questions the last stage answers."""

from reconciliation.queries.candidates import (
    candidates_for,
    known_payers,
    line_facts,
    surroundings,
)
from reconciliation.queries.invariants import INVARIANTS
from reconciliation.queries.settlement import (
    order_billed_by,
    orders_touched_by,
    settlement_of_orders,
)
from reconciliation.queries.statements import (
    lines_of,
    live_match,
    open_lines,
    statement_before,
    with_open_lines,
)
from reconciliation.queries.words import as_json, in_words

__all__ = [
    "INVARIANTS",
    "as_json",
    "candidates_for",
    "in_words",
    "known_payers",
    "line_facts",
    "lines_of",
    "live_match",
    "open_lines",
    "order_billed_by",
    "orders_touched_by",
    "settlement_of_orders",
    "statement_before",
    "surroundings",
    "with_open_lines",
]
