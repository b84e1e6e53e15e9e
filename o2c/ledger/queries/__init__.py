"""What others ask the money book."""

from o2c.ledger.queries.book import (
    CustomerBalance,
    account_lines,
    accounts,
    balance,
    customer_balances,
    entries,
    entries_of,
    entries_with_reversals,
    lines_of,
    posted_by_source,
    posting_date_for,
    trial_balance,
)
from o2c.ledger.queries.invariants import INVARIANTS

__all__ = [
    "INVARIANTS",
    "CustomerBalance",
    "account_lines",
    "accounts",
    "balance",
    "customer_balances",
    "entries",
    "entries_of",
    "entries_with_reversals",
    "lines_of",
    "posted_by_source",
    "posting_date_for",
    "trial_balance",
]
