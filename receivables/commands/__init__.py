"""Everything that changes what customers owe."""

from receivables.commands.allocations import (
    allocate_oldest_first,
    allocate_payment,
    reverse_allocation,
    reverse_allocations,
)
from receivables.commands.cases import (
    close_credited_disputes,
    open_dispute,
    record_promise,
    resolve_dispute,
    withdraw_promise,
)
from receivables.commands.credits import (
    allocate_credit,
    apply_credit_note,
    reverse_credit_application,
)
from receivables.commands.dunning import (
    approve_dunning_run,
    discard_dunning_run,
    drop_dunning_letter,
    propose_daily_dunning,
    propose_dunning,
)
from receivables.commands.entering import enter_payment
from receivables.commands.importing import OPEN_ITEM_COLUMNS, import_open_items
from receivables.commands.items import OpeningItem, open_items, take_over_items
from receivables.commands.payments import (
    approve_payment,
    assign_payer,
    reject_payment,
    reverse_payment,
)
from receivables.commands.policies import install_reminders
from receivables.commands.profiles import (
    note_bank_data,
    pause_dunning,
    resume_dunning,
    set_dunning_profile,
)
from receivables.commands.receiving import Receipt, record_payment, settle
from receivables.commands.returning import join_bank_line, part_bank_line, return_payment
from receivables.commands.sending import send_dunning_letter, send_dunning_letters
from receivables.commands.writeoffs import (
    approve_write_off,
    reject_write_off,
    request_write_off,
    reverse_write_off,
)
from receivables.rules.allocation import PaymentShare, Share

__all__ = [
    "OPEN_ITEM_COLUMNS",
    "OpeningItem",
    "PaymentShare",
    "Receipt",
    "Share",
    "allocate_credit",
    "allocate_oldest_first",
    "allocate_payment",
    "apply_credit_note",
    "approve_dunning_run",
    "approve_payment",
    "approve_write_off",
    "assign_payer",
    "close_credited_disputes",
    "discard_dunning_run",
    "drop_dunning_letter",
    "enter_payment",
    "import_open_items",
    "install_reminders",
    "join_bank_line",
    "note_bank_data",
    "open_dispute",
    "open_items",
    "part_bank_line",
    "pause_dunning",
    "propose_daily_dunning",
    "propose_dunning",
    "record_payment",
    "record_promise",
    "reject_payment",
    "reject_write_off",
    "request_write_off",
    "resolve_dispute",
    "resume_dunning",
    "return_payment",
    "reverse_allocation",
    "reverse_allocations",
    "reverse_credit_application",
    "reverse_payment",
    "reverse_write_off",
    "send_dunning_letter",
    "send_dunning_letters",
    "set_dunning_profile",
    "settle",
    "take_over_items",
    "withdraw_promise",
]
