"""How an amount goes over open items: in full, less discounts, or as far as it reaches."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO
from reconciliation.rules.evidence import Candidate, EvidenceKind, Share
from reconciliation.rules.subset import find_subset


class Fit(NamedTuple):
    """An amount that settles items to the cent, and how."""

    kind: EvidenceKind
    shares: tuple[Share, ...]


def fit(amount: Decimal, items: Sequence[Candidate]) -> Fit | None:
    """How the amount settles all these items: in full, or less the discounts of all or some."""
    missing = sum((item.open_amount for item in items), ZERO) - amount
    if not missing:
        return Fit(EvidenceKind.AMOUNT_EQUAL, in_full(items))
    offered = [item for item in items if item.discount]
    if sum((item.discount for item in offered), ZERO) == missing:
        early = {item.item_id for item in offered}
    else:
        some = find_subset(minor(missing), [minor(item.discount) for item in offered])
        if not some:
            return None
        early = {offered[index].item_id for index in some}
    return Fit(EvidenceKind.AMOUNT_WITH_DISCOUNT, in_full(items, early))


def fit_instalments(amount: Decimal, items: Sequence[Candidate]) -> Fit | None:
    """How the amount settles the oldest instalments of one document, in full."""
    if len({(item.payer_id, item.number) for item in items}) != 1:
        return None
    oldest = sorted(items, key=_age)
    for count in range(1, len(oldest)):
        if sum((item.open_amount for item in oldest[:count]), ZERO) == amount:
            return Fit(EvidenceKind.AMOUNT_OF_INSTALMENTS, in_full(oldest[:count]))
    return None


def one_set(amount: Decimal, items: Sequence[Candidate]) -> list[Candidate]:
    """The only set of items that makes the amount, oldest first; empty when none or several do."""
    oldest = sorted(items, key=_age)
    chosen = find_subset(minor(amount), [minor(item.open_amount) for item in oldest])
    return [oldest[index] for index in sorted(chosen or ())]


def in_full(items: Iterable[Candidate], early: Iterable[int] = ()) -> tuple[Share, ...]:
    """Each item settled; those that are `early` less their discount."""
    early = set(early)
    return tuple(
        Share(item.item_id, item.to_pay, item.discount)
        if item.item_id in early
        else Share(item.item_id, item.open_amount)
        for item in items
    )


def oldest_first(amount: Decimal, items: Iterable[Candidate]) -> tuple[tuple[Share, ...], Decimal]:
    """Spread amount by due date, then id; give back what is left over."""
    shares: list[Share] = []
    for item in sorted(items, key=_age):
        take = min(amount, item.open_amount)
        if take > 0:
            shares.append(Share(item.item_id, take))
            amount -= take
    assert amount >= 0
    return tuple(shares), amount


def minor(amount: Decimal) -> int:
    """Ten-thousandths: finer than any currency's minor unit, so no rounding can hide."""
    return int(amount.scaleb(4))


def _age(item: Candidate) -> tuple[object, int]:
    return item.age
