"""The verbs of the last stage."""

from reconciliation.commands.applying import (
    apply_choice,
    apply_match,
    apply_together,
    free_bank_line,
    ignore_bank_line,
    reconcile_bank_statement,
    reopen_bank_line,
    undo_match,
)
from reconciliation.commands.applying_all import MOST_AT_ONCE, apply_matches
from reconciliation.commands.importing import accept_bank_statement, import_statement
from reconciliation.commands.known import join_payment, match_return
from reconciliation.commands.matching import (
    choose_match,
    dismiss_match,
    match_bank_line,
    match_statement,
)
from reconciliation.commands.settling import (
    settle_order,
    settle_orders,
    settle_orders_of_credit,
    settle_orders_of_write_off,
)

__all__ = [
    "MOST_AT_ONCE",
    "accept_bank_statement",
    "apply_choice",
    "apply_match",
    "apply_matches",
    "apply_together",
    "choose_match",
    "dismiss_match",
    "free_bank_line",
    "ignore_bank_line",
    "import_statement",
    "join_payment",
    "match_bank_line",
    "match_return",
    "match_statement",
    "reconcile_bank_statement",
    "reopen_bank_line",
    "settle_order",
    "settle_orders",
    "settle_orders_of_credit",
    "settle_orders_of_write_off",
    "undo_match",
]
