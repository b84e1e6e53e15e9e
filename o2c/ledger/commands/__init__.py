"""Everything that changes the money book.

A stage posts with its own document as the source: `post_entry(("invoicing.invoice", 7), "post",
day, [Posting("AR", ...), Posting("REVENUE", ...)], actor=actor)`. The number of statements never
depends on the number of lines.
"""

from o2c.ledger.commands.accounts import amend_account
from o2c.ledger.commands.chart import install_chart
from o2c.ledger.commands.periods import close_period, open_period, reopen_period
from o2c.ledger.commands.posting import (
    EntryDraft,
    Source,
    post_entries,
    post_entry,
    post_stock_value,
    reverse_entry,
    why_not_open,
)
from o2c.ledger.commands.refusals import (
    AccountMissing,
    PeriodClosed,
    PeriodMissing,
    PostedOtherwise,
)
from o2c.ledger.rules import EntryDoesNotBalance, Posting, with_base_difference

__all__ = [
    "AccountMissing",
    "EntryDoesNotBalance",
    "EntryDraft",
    "PeriodClosed",
    "PeriodMissing",
    "PostedOtherwise",
    "Posting",
    "Source",
    "amend_account",
    "close_period",
    "install_chart",
    "open_period",
    "post_entries",
    "post_entry",
    "post_stock_value",
    "reopen_period",
    "reverse_entry",
    "why_not_open",
    "with_base_difference",
]
