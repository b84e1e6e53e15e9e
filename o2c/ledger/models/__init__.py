"""The money book: accounts, periods, and entries that are never changed."""

from o2c.ledger.models.accounts import Account, AccountKind, Role
from o2c.ledger.models.entries import Entry, Line
from o2c.ledger.models.periods import Period, PeriodState

__all__ = ["Account", "AccountKind", "Entry", "Line", "Period", "PeriodState", "Role"]
