"""Who is reminded of what, at which level; and what is left alone, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import HUNDRED, ZERO, round_amount

# Why an amount is not dunned now.
DISPUTED = "disputed"
PROMISED = "promised"
COVERED = "covered"  # unapplied cash or credit of the customer would settle it
PAUSED = "paused"
WAITING = "waiting"  # a notice is proposed or on its way already
TOO_RECENT = "too_recent"  # the last notice was sent a short time ago
STALE_BANK = "stale_bank"  # the money may have come: nobody has looked at the bank since
BELOW_MINIMUM = "below_minimum"
PAID = "paid"

PRE_DUE = 0  # the level of the friendly reminder before the due date


@dataclass(frozen=True)
class LevelRule:
    """From `days` after the due date on (before it, when negative) this level is due."""

    level: int
    days: int
    fee: Decimal = ZERO  # once per letter, base currency
    fee_percent: Decimal = ZERO  # of the amount dunned
    interest_percent: Decimal = ZERO  # a year


@dataclass(frozen=True)
class PolicyRule:
    """How a customer is dunned; `minimum` in base currency, levels rising."""

    levels: Sequence[LevelRule]
    days_between: int = 0
    minimum: Decimal = ZERO
    paused: bool = False


@dataclass(frozen=True)
class Due:
    """An open item as dunning sees it; amounts positive, in its currency."""

    open_item_id: int
    due_date: date
    open_amount: Decimal
    disputed: Decimal = ZERO
    promised: Decimal = ZERO  # by promises whose day has not passed
    last_level: int | None = None  # the highest level sent
    last_sent: date | None = None
    waiting: bool = False
    exchange_rate: Decimal = Decimal(1)  # base currency for one unit


class Reminder(NamedTuple):
    """This much of an item is dunned at this level."""

    open_item_id: int
    level: int
    amount: Decimal
    days_overdue: int


class Exclusion(NamedTuple):
    """This much of an item is left alone, for this reason."""

    open_item_id: int
    reason: str
    amount: Decimal


@dataclass
class Proposal:
    """One customer, one currency."""

    reminders: list[Reminder] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)


def next_level(
    levels: Sequence[LevelRule], days_overdue: int, last_level: int | None
) -> LevelRule | None:
    """The level an item has come to, or None. Levels above 0 are never skipped.

    The reminder before the due date is sent while the item is not overdue, or not at all.
    """
    if days_overdue <= 0:
        pre_due = next((rule for rule in levels if rule.level == PRE_DUE), None)
        reached = pre_due is not None and days_overdue >= pre_due.days
        return pre_due if reached and last_level is None else None
    wanted = (last_level or 0) + 1
    rule = next((rule for rule in levels if rule.level == wanted), None)
    return rule if rule is not None and days_overdue >= rule.days else None


def propose(
    items: Sequence[Due], policy: PolicyRule, today: date, *, cover: Decimal, stale_bank: bool
) -> Proposal:
    """Decide for the open items of one customer in one currency.

    `cover` is the customer's unapplied money in that currency: it pays the oldest items first,
    as far as it goes. Disputes and promises pause their amount only; the rest goes on.
    """
    proposal = Proposal()
    left_cover = cover
    for item in sorted(items, key=lambda item: (item.due_date, item.open_item_id)):
        days = (today - item.due_date).days
        rule = next_level(policy.levels, days, item.last_level)
        if rule is None:
            continue
        left, excluded = claim(item, policy, today, cover=left_cover, stale_bank=stale_bank)
        proposal.exclusions += excluded
        left_cover -= covered_by(excluded)
        if left:
            proposal.reminders.append(Reminder(item.open_item_id, rule.level, left, days))
    return proposal


def claim(
    item: Due, policy: PolicyRule, today: date, *, cover: Decimal, stale_bank: bool
) -> tuple[Decimal, list[Exclusion]]:
    """What may be asked for of an item at this moment, and what may not, with every reason.

    Asked when a letter is proposed, and once more when it leaves.
    """
    if reason := _whole_item_reason(item, policy, today, stale_bank=stale_bank):
        return ZERO, [Exclusion(item.open_item_id, reason, item.open_amount)]
    left = item.open_amount
    excluded = []
    for reason, amount in ((DISPUTED, item.disputed), (PROMISED, item.promised), (COVERED, cover)):
        if (part := min(left, amount)) > 0:
            excluded.append(Exclusion(item.open_item_id, reason, part))
            left -= part
    if left > 0 and left * item.exchange_rate < policy.minimum:
        return ZERO, [*excluded, Exclusion(item.open_item_id, BELOW_MINIMUM, left)]
    return left, excluded


def covered_by(exclusions: Sequence[Exclusion]) -> Decimal:
    """How much of the customer's unapplied money these exclusions have spoken for."""
    return sum((e.amount for e in exclusions if e.reason == COVERED), ZERO)


def _whole_item_reason(
    item: Due, policy: PolicyRule, today: date, *, stale_bank: bool
) -> str | None:
    if item.open_amount <= 0:
        return PAID
    if policy.paused:
        return PAUSED
    if item.waiting:
        return WAITING
    if item.last_sent and today < item.last_sent + timedelta(days=policy.days_between):
        return TOO_RECENT
    return STALE_BANK if stale_bank else None


def level_fee(rule: LevelRule, dunned: Decimal, currency: str) -> Decimal:
    """The fee of a letter at this level: its fixed part and its part of the amount dunned."""
    return rule.fee + round_amount(dunned * rule.fee_percent / HUNDRED, currency)
