"""Everything that writes orders. Later stages report by `record_*`; see `progress`."""

from orders.commands.amend import amend_order, cancel_order, reopen_order
from orders.commands.capture import DuplicateReference, capture_order, edit_draft
from orders.commands.confirm import (
    confirm_order,
    promise_order,
    release_order,
    renew_promise,
    renew_promises,
    review_supply,
    submit_order,
)
from orders.commands.entering import change_draft, enter_order
from orders.commands.hold import change_hold, hold_order, resume_order
from orders.commands.importing import import_orders
from orders.commands.progress import (
    lock_order,
    record_credited,
    record_invoiced,
    record_picked,
    record_reserved,
    record_returned,
    record_shipped,
    start_fulfillment,
)
from orders.commands.settled import (
    record_paid,
    record_reconciled,
    record_unreconciled,
    record_unsettled,
)
from orders.rules.drafts import LineChange, LineDraft, OrderDraft

__all__ = [
    "DuplicateReference",
    "LineChange",
    "LineDraft",
    "OrderDraft",
    "amend_order",
    "cancel_order",
    "capture_order",
    "change_draft",
    "change_hold",
    "confirm_order",
    "edit_draft",
    "enter_order",
    "hold_order",
    "import_orders",
    "lock_order",
    "promise_order",
    "record_credited",
    "record_invoiced",
    "record_paid",
    "record_picked",
    "record_reconciled",
    "record_reserved",
    "record_returned",
    "record_shipped",
    "record_unreconciled",
    "record_unsettled",
    "release_order",
    "renew_promise",
    "renew_promises",
    "reopen_order",
    "resume_order",
    "review_supply",
    "start_fulfillment",
    "submit_order",
]
