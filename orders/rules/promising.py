"""Available to promise: what can leave when, without taking what was promised to others.

Cumulative with look-ahead: what is free on a day is the least that is free on that day or any
later one, so that a promise today never steals from one given for next week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO


class Term(NamedTuple):
    """One term of the sum: supply positive, demand negative, from `day` on.

    `kind` is on_hand, reserved, receipt or promised; `reference` names its document.
    """

    kind: str
    day: date
    quantity: Decimal
    reference: str = ""


class Wanted(NamedTuple):
    """One line's wish: so much of an item, not before `day`."""

    key: int
    item_id: int
    quantity: Decimal
    day: date


class Part(NamedTuple):
    """So much on that day."""

    day: date
    quantity: Decimal


@dataclass(frozen=True)
class Promise:
    """What can be promised to one line, and the terms it was computed from."""

    parts: tuple[Part, ...]
    missing: Decimal
    terms: tuple[Term, ...]

    @property
    def day(self) -> date | None:
        """When the line is complete; None when part of it has no date."""
        return None if self.missing or not self.parts else self.parts[-1].day

    def as_json(self) -> dict[str, object]:
        """The promise as it is stored with the line."""
        return {
            "parts": [
                {"day": part.day.isoformat(), "quantity": str(part.quantity)} for part in self.parts
            ],
            "missing": str(self.missing),
            "terms": [
                {
                    "kind": term.kind,
                    "day": term.day.isoformat(),
                    "quantity": str(term.quantity),
                    "reference": term.reference,
                }
                for term in self.terms
            ],
        }


def available(terms: Sequence[Term], today: date) -> list[Part]:
    """What is free from which day on: ascending days, never falling quantities.

    What lies in the past counts as of today. A shortage shows as a negative first entry.
    """
    by_day: dict[date, Decimal] = {today: ZERO}
    for term in terms:
        day = max(term.day, today)
        by_day[day] = by_day.get(day, ZERO) + term.quantity
    days = sorted(by_day)
    balance, balances = ZERO, []
    for day in days:
        balance += by_day[day]
        balances.append(balance)
    least = balances[-1]
    free: list[Part] = []
    for day, on_day in zip(reversed(days), reversed(balances), strict=True):
        least = min(least, on_day)
        free.append(Part(day, least))
    return list(reversed(free))


def promise(
    wanted: Sequence[Wanted], terms: Mapping[int, Sequence[Term]], today: date
) -> dict[int, Promise]:
    """Promise each line what is free, earliest first, in the order of `wanted`.

    What one line is promised is no longer free for the next. Quantities are in stock units.
    """
    own: dict[int, list[Term]] = {}
    promises: dict[int, Promise] = {}
    for wish in wanted:
        known = [*terms.get(wish.item_id, ()), *own.get(wish.item_id, ())]
        parts = _take(wish, available(known, today), today)
        promised = sum((part.quantity for part in parts), ZERO)
        promises[wish.key] = Promise(tuple(parts), wish.quantity - promised, tuple(known))
        own.setdefault(wish.item_id, []).extend(
            Term("promised", part.day, -part.quantity, "") for part in parts
        )
    return promises


def _take(wish: Wanted, free: Sequence[Part], today: date) -> list[Part]:
    earliest = max(wish.day, today)
    taken: dict[date, Decimal] = {}
    promised = ZERO
    for day, quantity in free:
        share = min(quantity, wish.quantity) - promised
        if share > 0:
            when = max(day, earliest)
            taken[when] = taken.get(when, ZERO) + share
            promised += share
    return [Part(day, quantity) for day, quantity in sorted(taken.items())]
