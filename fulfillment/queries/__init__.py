"""What others and the pages ask of the warehouse."""

from fulfillment.queries.invariants import INVARIANTS
from fulfillment.queries.work import (
    backorders,
    count_requests,
    free_elsewhere,
    lines_of,
    orders_waiting_for_goods,
    packages_of,
    pick_lists,
    scan_targets,
)

__all__ = [
    "INVARIANTS",
    "backorders",
    "count_requests",
    "free_elsewhere",
    "lines_of",
    "orders_waiting_for_goods",
    "packages_of",
    "pick_lists",
    "scan_targets",
]
