"""What others ask the goods book."""

from o2c.stock.queries.book import (
    available,
    counted_lines,
    expected_receipts,
    holders_of,
    items_moved,
    moves_of,
    reservations_of,
    stock_ledger,
    stock_overview,
    value_of_source,
    value_of_stock_document,
)
from o2c.stock.queries.invariants import INVARIANTS

__all__ = [
    "INVARIANTS",
    "available",
    "counted_lines",
    "expected_receipts",
    "holders_of",
    "items_moved",
    "moves_of",
    "reservations_of",
    "stock_ledger",
    "stock_overview",
    "value_of_source",
    "value_of_stock_document",
]
