"""What others ask the receivables, by the answer's name."""

from receivables.queries.aging import Aging, AgingRequest, aging, items_as_of, unapplied_as_of
from receivables.queries.invariants import INVARIANTS
from receivables.queries.settlement import (
    Overdue,
    customers_of_payment,
    overdue_by_customer,
)
from receivables.queries.statements import Statement, statement_of_account
from receivables.queries.tie_out import TieOut, tie_out

__all__ = [
    "INVARIANTS",
    "Aging",
    "AgingRequest",
    "Overdue",
    "Statement",
    "TieOut",
    "aging",
    "customers_of_payment",
    "items_as_of",
    "overdue_by_customer",
    "statement_of_account",
    "tie_out",
    "unapplied_as_of",
]
