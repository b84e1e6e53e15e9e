"""The goods book: what lies where, what is promised to whom, and every move that made it so."""

from o2c.stock.models import guards as guards  # gives the triggers on masters their words
from o2c.stock.models.book import Balance, Move, MoveKind, Reservation, ReservationState
from o2c.stock.models.documents import (
    StockAdjustment,
    StockCount,
    StockCountLine,
    StockDocument,
    StockReceipt,
    StockState,
    StockTransfer,
)
from o2c.stock.models.expected import TO_COME, ExpectedReceipt

__all__ = [
    "TO_COME",
    "Balance",
    "ExpectedReceipt",
    "Move",
    "MoveKind",
    "Reservation",
    "ReservationState",
    "StockAdjustment",
    "StockCount",
    "StockCountLine",
    "StockDocument",
    "StockReceipt",
    "StockState",
    "StockTransfer",
]
