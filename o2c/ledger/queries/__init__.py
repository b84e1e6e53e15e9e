"""What others ask the money book."""

from o2c.ledger.queries.book import (
    CustomerBalance,
    account_lines,
    balance,
    customer_balances,
    entries,
    entries_of,
    lines_of,
    posting_date_for,
    trial_balance,
)
from o2c.ledger.queries.invariants import INVARIANTS

__all__ = [
    "INVARIANTS",
    "CustomerBalance",
    "account_lines",
    "balance",
    "customer_balances",
    "entries",
    "entries_of",
    "lines_of",
    "posting_date_for",
    "trial_balance",
]
