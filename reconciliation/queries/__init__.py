"""Questions the last stage answers."""

from reconciliation.queries.candidates import Surroundings, surroundings
from reconciliation.queries.credits import credits_named_by
from reconciliation.queries.four_way import (
    LineMatch,
    billed_price,
    break_words,
    figures_of,
    match_of_order,
    matched_lines,
    ordered_price,
    paid_percent,
    with_break,
)
from reconciliation.queries.invariants import INVARIANTS
from reconciliation.queries.known import known_answers, payments_it_may_be, payments_it_may_return
from reconciliation.queries.settlement import (
    order_billed_by,
    orders_touched_by,
    settlement_of_orders,
)
from reconciliation.queries.statements import (
    chain_of_account,
    lines_of,
    lines_to_work,
    lines_with_match,
    lines_with_payment,
    matches,
    matches_of,
    matches_to_apply,
    open_line_after,
    open_lines,
    proposal_of,
    replaced_by,
    shares_of,
    statement_before,
    statements,
    sums_by_currency,
)
from reconciliation.queries.words import as_json, in_words

__all__ = [
    "INVARIANTS",
    "LineMatch",
    "Surroundings",
    "as_json",
    "billed_price",
    "break_words",
    "chain_of_account",
    "credits_named_by",
    "figures_of",
    "in_words",
    "known_answers",
    "lines_of",
    "lines_to_work",
    "lines_with_match",
    "lines_with_payment",
    "match_of_order",
    "matched_lines",
    "matches",
    "matches_of",
    "matches_to_apply",
    "open_line_after",
    "open_lines",
    "order_billed_by",
    "ordered_price",
    "orders_touched_by",
    "paid_percent",
    "payments_it_may_be",
    "payments_it_may_return",
    "proposal_of",
    "replaced_by",
    "settlement_of_orders",
    "shares_of",
    "statement_before",
    "statements",
    "sums_by_currency",
    "surroundings",
    "with_break",
]
