"""Whether an order may go out on credit, and which rules say no."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from credit.rules.exposure import Exposure
from o2c.core.money import ZERO

RULE_VERSION = "credit-1"

PERMANENT, TEMPORARY, INSURED = "permanent", "temporary", "insured"


class Fired(NamedTuple):
    """A rule that says no, with the numbers it said it by (as text, JSON-ready)."""

    rule: str
    facts: dict[str, str]

    def as_json(self) -> dict[str, str]:
        """As a check stores it."""
        return {"rule": self.rule, **self.facts}


@dataclass(frozen=True)
class Standing:
    """What is known about the payer besides the figures. A limit of None is no limit."""

    limit: Decimal | None = None
    blocked: bool = False
    stop_reason: str = ""
    known_customer: bool = True
    hold_new_customers: bool = False
    overdue_amount: Decimal = ZERO
    oldest_due_date: date | None = None
    overdue_days_allowed: int | None = None


@dataclass(frozen=True)
class Decision:
    """No rule fired: the order passes. Otherwise a person decides."""

    fired: tuple[Fired, ...]
    rule_version: str = RULE_VERSION

    @property
    def passes(self) -> bool:
        return not self.fired


def effective_limit(limits: Mapping[str, Decimal]) -> Decimal | None:
    """The limit of a day from the limits valid on it, by kind; None when there is none.

    A temporary limit stands in for the permanent one; an insured sum comes on top.
    """
    own = limits.get(TEMPORARY, limits.get(PERMANENT))
    insured = limits.get(INSURED)
    if own is None:
        return insured
    return own + (insured or ZERO)


def decide(exposure: Exposure, standing: Standing, today: date) -> Decision:
    """Ask every rule; all that fire are named, not just the first."""
    fired = []
    if standing.blocked:
        fired.append(Fired("blocked", {"reason": standing.stop_reason}))
    if standing.hold_new_customers and not standing.known_customer:
        fired.append(Fired("new_customer", {}))
    limit = standing.limit
    if limit is not None and exposure.total > limit:
        fired.append(
            Fired(
                "over_limit",
                {
                    "limit": str(limit),
                    "exposure": str(exposure.total),
                    "over": str(exposure.total - limit),
                },
            )
        )
    late = _days_late(standing, today)
    allowed = standing.overdue_days_allowed
    if late is not None and allowed is not None and late > allowed:
        fired.append(
            Fired(
                "overdue",
                {
                    "amount": str(standing.overdue_amount),
                    "days": str(late),
                    "allowed": str(allowed),
                },
            )
        )
    return Decision(tuple(fired))


def _days_late(standing: Standing, today: date) -> int | None:
    """How many days ago the oldest open item was due, when something is overdue."""
    if standing.oldest_due_date is None or standing.overdue_amount <= 0:
        return None
    return (today - standing.oldest_due_date).days
