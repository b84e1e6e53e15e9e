"""What others and the pages ask of the warehouse."""

from fulfillment.queries.invariants import INVARIANTS
from fulfillment.queries.work import (
    backorders,
    count_requests,
    free_elsewhere,
    lines_of,
    lists_begun_by,
    next_of_pool,
    orders_waiting_for_goods,
    packages_of,
    pick_lists,
    pick_lists_with_order,
    pool,
    scan_targets,
)

__all__ = [
    "INVARIANTS",
    "backorders",
    "count_requests",
    "free_elsewhere",
    "lines_of",
    "lists_begun_by",
    "next_of_pool",
    "orders_waiting_for_goods",
    "packages_of",
    "pick_lists",
    "pick_lists_with_order",
    "pool",
    "scan_targets",
]
