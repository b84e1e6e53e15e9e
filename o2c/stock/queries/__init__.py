"""What others ask the goods book."""

from o2c.stock.queries.book import (
    available,
    counted_lines,
    documents,
    expected_receipts,
    expected_with_item,
    holders_of,
    items_moved,
    items_with_unit,
    moves_of,
    places_of,
    reservations_of,
    stock_ledger,
    stock_overview,
    to_come,
    totals_of,
    value_of_source,
    value_of_stock_document,
)
from o2c.stock.queries.invariants import INVARIANTS

__all__ = [
    "INVARIANTS",
    "available",
    "counted_lines",
    "documents",
    "expected_receipts",
    "expected_with_item",
    "holders_of",
    "items_moved",
    "items_with_unit",
    "moves_of",
    "places_of",
    "reservations_of",
    "stock_ledger",
    "stock_overview",
    "to_come",
    "totals_of",
    "value_of_source",
    "value_of_stock_document",
]
