"""The lists of receivables, and the tables of their detail pages and reports."""

from receivables.tables.details import (
    AccountLines,
    AgedRow,
    Ages,
    AgingLines,
    Allocations,
    Exclusions,
    ItemMoves,
    Letters,
    Meeting,
    Meetings,
    Notices,
    account_rows,
)
from receivables.tables.lists import (
    AgedItemTable,
    CreditApplicationTable,
    DisputeTable,
    DunningRunTable,
    OpenItemTable,
    PaymentTable,
    PromiseTable,
    WriteOffTable,
)

__all__ = [
    "AccountLines",
    "AgedItemTable",
    "AgedRow",
    "Ages",
    "AgingLines",
    "Allocations",
    "CreditApplicationTable",
    "DisputeTable",
    "DunningRunTable",
    "Exclusions",
    "ItemMoves",
    "Letters",
    "Meeting",
    "Meetings",
    "Notices",
    "OpenItemTable",
    "PaymentTable",
    "PromiseTable",
    "WriteOffTable",
    "account_rows",
]
