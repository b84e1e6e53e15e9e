"""Everything that changes the goods book.

Stages call `reserve`, `release`, `release_part`, `move_reservation`, `issue`, `receive` and
`take_back` with their own document as the source. People receive, transfer, adjust and count by
documents of their own. The number of statements never depends on the number of lines.
"""

from o2c.stock.commands.book import Issue, Receipt, issue, receive, take_back
from o2c.stock.commands.documents import (
    Adjustment,
    Counted,
    Transfer,
    adjust_stock,
    count_stock,
    receive_goods,
    transfer_stock,
)
from o2c.stock.commands.expected import (
    cancel_expected,
    expect_goods,
    receive_expected,
    reschedule_expected,
)
from o2c.stock.commands.importing import STOCK_COLUMNS, import_stock
from o2c.stock.commands.moves import Moved, Source
from o2c.stock.commands.reservations import (
    Held,
    NotReserved,
    move_reservation,
    release,
    release_part,
    reserve,
)
from o2c.stock.rules import Allocation, Demand

__all__ = [
    "STOCK_COLUMNS",
    "Adjustment",
    "Allocation",
    "Counted",
    "Demand",
    "Held",
    "Issue",
    "Moved",
    "NotReserved",
    "Receipt",
    "Source",
    "Transfer",
    "adjust_stock",
    "cancel_expected",
    "count_stock",
    "expect_goods",
    "import_stock",
    "issue",
    "move_reservation",
    "receive",
    "receive_expected",
    "receive_goods",
    "release",
    "release_part",
    "reschedule_expected",
    "reserve",
    "take_back",
    "transfer_stock",
]
