"""How an amount goes over open items: in full, less credits and discounts, or as far as it reaches.

Credits are used first, each for the oldest debts of its customer; the money pays what is left, and
a discount is taken of that.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from o2c.core.money import ZERO
from reconciliation.rules.evidence import Candidate, EvidenceKind, Share
from reconciliation.rules.subset import find_subset

NEAR = Decimal("0.1")  # so much of its debts a payer may deduct and still mean them
MOST_NAMED = 10  # above this the sets are too many to tell one


class Use(NamedTuple):
    """So much of a credit is used for a debt, positive."""

    credit_id: int
    item_id: int
    amount: Decimal


def use_credits(
    debts: Sequence[tuple[int, Decimal]], credits: Sequence[tuple[int, Decimal]]
) -> list[Use]:
    """Use credits for debts of one customer in their order, as far as both go.

    Both are ids and positive amounts.
    """
    uses: list[Use] = []
    rests = dict(debts)
    for credit_id, left in credits:
        for item_id, rest in rests.items():
            take = min(left, rest)
            if take > 0:
                uses.append(Use(credit_id, item_id, take))
                rests[item_id] -= take
                left -= take
    return uses


@dataclass
class Netted:
    """Debts after the credits that are used for them: what is left to pay, and the credits."""

    rests: list[Candidate]
    credits: list[Candidate]
    uses: list[Use]

    @property
    def uses_all(self) -> bool:
        """Whether nothing of the credits is left."""
        used = sum((use.amount for use in self.uses), ZERO)
        return used == -sum((credit.open_amount for credit in self.credits), ZERO)

    def shares(self, paid: Iterable[Share]) -> tuple[Share, ...]:
        """What the money pays, and what the credits settle besides."""
        return (*paid, *(Share(u.item_id, u.amount, credit_id=u.credit_id) for u in self.uses))


def less_credits(items: Iterable[Candidate]) -> Netted:
    """Use the credits among the items for the debts of the same payer, oldest first."""
    debts = sorted((item for item in items if item.open_amount > 0), key=_age)
    credits = sorted((item for item in items if item.open_amount < 0), key=_age)
    uses: list[Use] = []
    for payer in dict.fromkeys(credit.payer_id for credit in credits):
        uses += use_credits(
            [(debt.item_id, debt.open_amount) for debt in debts if debt.payer_id == payer],
            [(c.item_id, -c.open_amount) for c in credits if c.payer_id == payer],
        )
    used: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for use in uses:
        used[use.item_id] += use.amount
    rests = [replace(debt, open_amount=debt.open_amount - used[debt.item_id]) for debt in debts]
    return Netted([rest for rest in rests if rest.open_amount], credits, uses)


class Fit(NamedTuple):
    """An amount that settles items to the cent, and how."""

    kind: EvidenceKind
    shares: tuple[Share, ...]


def settle(amount: Decimal, items: Sequence[Candidate]) -> Fit | None:
    """How the amount and all credits among the items settle all debts among them."""
    netted = less_credits(items)
    found = fit(amount, netted.rests) if netted.uses_all else None
    return found and Fit(found.kind, netted.shares(found.shares))


def fit(amount: Decimal, debts: Sequence[Candidate]) -> Fit | None:
    """How the amount settles all these debts: in full, or less the discounts of all or some."""
    missing = sum((debt.open_amount for debt in debts), ZERO) - amount
    if not missing:
        return Fit(EvidenceKind.AMOUNT_EQUAL, in_full(debts))
    offered = [debt for debt in debts if debt.discount]
    if sum((debt.discount for debt in offered), ZERO) == missing:
        early = {debt.item_id for debt in offered}
    else:
        some = find_subset(minor(missing), [minor(debt.discount) for debt in offered])
        if not some:
            return None
        early = {offered[index].item_id for index in some}
    return Fit(EvidenceKind.AMOUNT_WITH_DISCOUNT, in_full(debts, early))


def fit_instalments(amount: Decimal, debts: Sequence[Candidate]) -> Fit | None:
    """How the amount settles the oldest instalments of one document, in full."""
    if len({(debt.payer_id, debt.number) for debt in debts}) != 1:
        return None
    oldest = sorted(debts, key=_age)
    for count in range(1, len(oldest)):
        if sum((debt.open_amount for debt in oldest[:count]), ZERO) == amount:
            return Fit(EvidenceKind.AMOUNT_OF_INSTALMENTS, in_full(oldest[:count]))
    return None


def one_set(amount: Decimal, items: Sequence[Candidate]) -> list[Candidate]:
    """The only set of items that makes the amount, oldest first; empty when none or several do."""
    oldest = sorted(items, key=_age)
    chosen = find_subset(minor(amount), [minor(item.open_amount) for item in oldest])
    return [oldest[index] for index in sorted(chosen or ())]


def some_of(amount: Decimal, debts: Sequence[Candidate]) -> Fit | None:
    """How the amount settles the only set of these debts that it does settle, or comes near to.

    To the cent, in full or less discounts; else short by a tenth or less. Earlier instalments of a
    document come before later ones. None when several sets are as good, or none is.
    """
    if not 1 < len(debts) <= MOST_NAMED:
        return None
    oldest = sorted(debts, key=_age)
    sets = [some for size in range(1, len(oldest)) for some in combinations(oldest, size)]
    fits = [found for some in sets if (found := fit(amount, some))]
    if fits:
        return fits[0] if len(fits) == 1 else None
    near = [some for some in (*sets, tuple(oldest)) if _is_near(amount, some)]
    near = [some for some in near if _takes_earlier_first(some, oldest)]
    if len(near) != 1 or len(near[0]) == len(oldest):
        return None
    return Fit(EvidenceKind.AMOUNT_NEAR, oldest_first(amount, near[0])[0])


def _is_near(amount: Decimal, debts: Sequence[Candidate]) -> bool:
    total = sum((debt.open_amount for debt in debts), ZERO)
    return 0 < total - amount <= total * NEAR


def _takes_earlier_first(some: Sequence[Candidate], debts: Iterable[Candidate]) -> bool:
    """Whether no later instalment of a document is among some of the debts without an earlier."""
    return not any(
        (left.payer_id, left.number) == (taken.payer_id, taken.number) and left.age < taken.age
        for left in debts
        if left not in some
        for taken in some
    )


def in_full(debts: Iterable[Candidate], early: Iterable[int] = ()) -> tuple[Share, ...]:
    """Each debt settled; those that are `early` less their discount."""
    early = set(early)
    return tuple(
        Share(debt.item_id, debt.to_pay, debt.discount)
        if debt.item_id in early
        else Share(debt.item_id, debt.open_amount)
        for debt in debts
    )


def oldest_first(amount: Decimal, debts: Iterable[Candidate]) -> tuple[tuple[Share, ...], Decimal]:
    """Spread amount by due date, then id; give back what is left over."""
    shares: list[Share] = []
    for debt in sorted(debts, key=_age):
        take = min(amount, debt.open_amount)
        if take > 0:
            shares.append(Share(debt.item_id, take))
            amount -= take
    assert amount >= 0
    return tuple(shares), amount


def minor(amount: Decimal) -> int:
    """Ten-thousandths: finer than any currency's minor unit, so no rounding can hide."""
    return int(amount.scaleb(4))


def _age(item: Candidate) -> tuple[object, int]:
    return item.age
