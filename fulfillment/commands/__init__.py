"""Everything that changes what the warehouse does: plan, pick, pack, give back.

Every writer of a pick list holds the lock on its order, so the order's row is the gate for the
pick lists, packages and shipments behind it.
"""

from fulfillment.commands.cancelling import cancel_pick, unpack
from fulfillment.commands.following import follow_order
from fulfillment.commands.packing import PackageDraft, pack
from fulfillment.commands.picking import confirm_pick, put_back, start_pick
from fulfillment.commands.planning import plan_backorders, plan_order, serve_waiting_orders

__all__ = [
    "PackageDraft",
    "cancel_pick",
    "confirm_pick",
    "follow_order",
    "pack",
    "plan_backorders",
    "plan_order",
    "put_back",
    "serve_waiting_orders",
    "start_pick",
    "unpack",
]
