"""Credit accounts with their limits, checks of orders, and who may decide up to which amount."""

from credit.models.account import AccountState, CreditAccount, CreditLimit, LimitKind, RiskClass
from credit.models.check import CheckState, CreditAuthority, CreditCheck

__all__ = [
    "AccountState",
    "CheckState",
    "CreditAccount",
    "CreditAuthority",
    "CreditCheck",
    "CreditLimit",
    "LimitKind",
    "RiskClass",
]
