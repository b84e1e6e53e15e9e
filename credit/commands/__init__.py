"""Everything that writes credit accounts and checks."""

from credit.commands.accounts import (
    block_account,
    classify_account,
    clear_account,
    feed_overdue,
    open_account,
    set_authority,
    set_limit,
    unblock_account,
)
from credit.commands.checks import (
    CreditRefused,
    OwnOrder,
    approve_check,
    check_order,
    check_reopened_order,
    hold_blocked_payer,
    recheck_account,
    recheck_check,
    recheck_payer,
    reject_check,
    withdraw_check,
)

__all__ = [
    "CreditRefused",
    "OwnOrder",
    "approve_check",
    "block_account",
    "check_order",
    "check_reopened_order",
    "classify_account",
    "clear_account",
    "feed_overdue",
    "hold_blocked_payer",
    "open_account",
    "recheck_account",
    "recheck_check",
    "recheck_payer",
    "reject_check",
    "set_authority",
    "set_limit",
    "unblock_account",
    "withdraw_check",
]
