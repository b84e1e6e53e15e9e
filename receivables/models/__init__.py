"""Receivables, in the order they build on each other."""

from receivables.models.allocations import (
    Allocation,
    CreditApplication,
    CreditApplicationState,
)
from receivables.models.cases import (
    Dispute,
    DisputeReason,
    DisputeState,
    Promise,
    PromiseOutcome,
    PromiseState,
)
from receivables.models.dunning import (
    BankFeed,
    DunningExclusion,
    DunningLetter,
    DunningLevel,
    DunningNotice,
    DunningPolicy,
    DunningProfile,
    DunningRun,
    DunningRunState,
    ExclusionReason,
)
from receivables.models.items import ItemKind, OpenItem, OpenItemQuerySet
from receivables.models.payments import (
    Direction,
    Payment,
    PaymentMethod,
    PaymentState,
)
from receivables.models.repayments import Repayment
from receivables.models.writeoffs import WriteOff, WriteOffReason, WriteOffState

__all__ = [
    "Allocation",
    "BankFeed",
    "CreditApplication",
    "CreditApplicationState",
    "Direction",
    "Dispute",
    "DisputeReason",
    "DisputeState",
    "DunningExclusion",
    "DunningLetter",
    "DunningLevel",
    "DunningNotice",
    "DunningPolicy",
    "DunningProfile",
    "DunningRun",
    "DunningRunState",
    "ExclusionReason",
    "ItemKind",
    "OpenItem",
    "OpenItemQuerySet",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Promise",
    "PromiseOutcome",
    "PromiseState",
    "Repayment",
    "WriteOff",
    "WriteOffReason",
    "WriteOffState",
]
