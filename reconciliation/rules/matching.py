"""What does this bank line pay? Four tiers, each with its evidence in words, never a bare score.

exact     it names our documents, or it comes from a payer we know, and the amount is theirs to the
          cent: there is nothing to decide
strong    the documents are named but the amount differs, or the payer is known and exactly one
          set of its items makes the amount
possible  one sign only: the amount, or a payer with open items
none      nothing speaks for anybody
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from o2c.core.money import minor_units
from reconciliation.rules.subset import find_subset

ZERO = Decimal(0)


class Tier(StrEnum):
    EXACT = "exact"
    STRONG = "strong"
    POSSIBLE = "possible"
    NONE = "none"


class EvidenceKind(StrEnum):
    NAMES_DOCUMENT = "names_document"
    NAMES_ORDER = "names_order"
    NAMES_PURCHASE_ORDER = "names_purchase_order"
    KNOWN_ACCOUNT = "known_account"
    KNOWN_NAME = "known_name"
    SIMILAR_NAME = "similar_name"
    AMOUNT_EQUAL = "amount_equal"
    AMOUNT_WITH_DISCOUNT = "amount_with_discount"
    AMOUNT_OF_ALL = "amount_of_all"
    AMOUNT_OF_SET = "amount_of_set"
    AMOUNT_UNIQUE = "amount_unique"
    SHORT = "short"
    OVER = "over"
    OLDEST_FIRST = "oldest_first"
    SEVERAL_PAYERS = "several_payers"
    NOT_OPEN = "not_open"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True)
class Evidence:
    """One reason, with what it refers to: a number, a name, an amount with currency."""

    kind: EvidenceKind
    value: str = ""
    other: str = ""


@dataclass(frozen=True)
class LineFacts:
    """A bank line as the matcher sees it. Amount in the account's currency, positive = money in."""

    amount: Decimal
    currency: str
    value_date: date
    numbers: tuple[str, ...] = ()  # our document numbers named in it
    words: tuple[str, ...] = ()  # what may be the customer's own order numbers


@dataclass(frozen=True)
class Candidate:
    """An open item. `discount` is what the payer may deduct on the line's value date."""

    item_id: int
    payer_id: int
    payer_name: str
    number: str
    order_number: str
    purchase_order: str
    open_amount: Decimal
    due_date: date
    currency: str
    discount: Decimal = ZERO

    @property
    def to_pay(self) -> Decimal:
        return self.open_amount - self.discount


@dataclass(frozen=True)
class KnownPayer:
    """Who the line seems to come from, and how we know."""

    payer_id: int
    evidence: Evidence
    certain: bool


@dataclass(frozen=True)
class Share:
    """What of the line goes to one open item, and the discount it takes besides."""

    item_id: int
    amount: Decimal
    discount: Decimal = ZERO


@dataclass(frozen=True)
class Proposal:
    """Our answer: tier, payer, shares, what stays on account, and why."""

    tier: Tier
    payer_id: int | None
    shares: tuple[Share, ...]
    on_account: Decimal
    evidence: tuple[Evidence, ...]


def propose(
    line: LineFacts, candidates: Sequence[Candidate], payers: Sequence[KnownPayer]
) -> Proposal:
    """The best supported answer for a line of money in.

    `candidates` are open items of the line's currency that the line may concern; `payers` who it
    may come from. Amounts never exceed the line, nor an item's open amount.
    """
    assert line.amount > 0, line
    usable = [c for c in candidates if c.currency == line.currency and c.open_amount > 0]
    named, evidence = _named(line, usable)
    if named:
        return _by_name(line, named, evidence)
    certain = [payer for payer in payers if payer.certain]
    answers = [
        _by_payer(line, payer, theirs)
        for payer in certain or payers
        if (theirs := [c for c in usable if c.payer_id == payer.payer_id])
    ]
    if len(answers) > 1:  # of several who go by the name, the amount must tell one
        answers = [answer for answer in answers if answer.tier in (Tier.EXACT, Tier.STRONG)]
    if len(answers) == 1:
        return answers[0]
    if certain:
        return Proposal(
            Tier.POSSIBLE,
            certain[0].payer_id,
            (),
            line.amount,
            (certain[0].evidence, Evidence(EvidenceKind.NOT_OPEN)),
        )
    return _by_amount(line, usable)


def _named(
    line: LineFacts, candidates: Iterable[Candidate]
) -> tuple[list[Candidate], list[Evidence]]:
    """The items whose document, order or purchase order the line names."""
    numbers, spoken = set(line.numbers), set(line.words)
    named: list[Candidate] = []
    evidence: list[Evidence] = []
    for candidate in candidates:
        if candidate.number in numbers:
            reason = Evidence(EvidenceKind.NAMES_DOCUMENT, candidate.number)
        elif candidate.order_number in numbers:
            reason = Evidence(EvidenceKind.NAMES_ORDER, candidate.order_number, candidate.number)
        elif candidate.purchase_order and candidate.purchase_order.upper() in spoken:
            reason = Evidence(
                EvidenceKind.NAMES_PURCHASE_ORDER, candidate.purchase_order, candidate.number
            )
        else:
            continue
        named.append(candidate)
        evidence.append(reason)
    return named, list(dict.fromkeys(evidence))


def _by_name(line: LineFacts, named: list[Candidate], evidence: list[Evidence]) -> Proposal:
    payers = {candidate.payer_id for candidate in named}
    payer_id = named[0].payer_id
    if len(payers) > 1:
        evidence.append(Evidence(EvidenceKind.SEVERAL_PAYERS))
    for total, kind in (
        (sum((c.open_amount for c in named), ZERO), EvidenceKind.AMOUNT_EQUAL),
        (sum((c.to_pay for c in named), ZERO), EvidenceKind.AMOUNT_WITH_DISCOUNT),
    ):
        if total == line.amount:
            shares = _in_full(named, with_discount=kind == EvidenceKind.AMOUNT_WITH_DISCOUNT)
            tier = Tier.EXACT if len(payers) == 1 else Tier.STRONG
            return Proposal(
                tier, payer_id, shares, ZERO, (*evidence, Evidence(kind, _money(total, line)))
            )
    shares, left = _oldest_first(line.amount, named)
    difference = line.amount - sum((c.open_amount for c in named), ZERO)
    kind = EvidenceKind.OVER if difference > 0 else EvidenceKind.SHORT
    evidence.append(Evidence(kind, _money(abs(difference), line)))
    return Proposal(Tier.STRONG, payer_id, shares, left, tuple(evidence))


def _by_payer(line: LineFacts, payer: KnownPayer, theirs: list[Candidate]) -> Proposal:
    """The payer is known (or seems so); does the amount say which items?"""
    sure = Tier.EXACT if payer.certain else Tier.STRONG
    likely = Tier.STRONG if payer.certain else Tier.POSSIBLE
    single = [c for c in theirs if line.amount in {c.open_amount, c.to_pay}]
    if len(single) == 1:
        chosen = single[0]
        discounted = chosen.open_amount != line.amount
        kind = EvidenceKind.AMOUNT_WITH_DISCOUNT if discounted else EvidenceKind.AMOUNT_EQUAL
        return _answer(
            sure, payer, _in_full([chosen], with_discount=discounted), ZERO,
            Evidence(kind, _money(line.amount, line), chosen.number),
        )  # fmt: skip
    if sum((c.open_amount for c in theirs), ZERO) == line.amount:
        return _answer(
            sure, payer, _in_full(theirs, with_discount=False), ZERO,
            Evidence(EvidenceKind.AMOUNT_OF_ALL, _money(line.amount, line), str(len(theirs))),
        )  # fmt: skip
    oldest = sorted(theirs, key=_age)
    chosen_set = find_subset(_minor(line.amount), [_minor(c.open_amount) for c in oldest])
    if chosen_set:
        items = [oldest[i] for i in sorted(chosen_set)]
        numbers = ", ".join(item.number for item in items)
        return _answer(
            likely, payer, _in_full(items, with_discount=False), ZERO,
            Evidence(EvidenceKind.AMOUNT_OF_SET, _money(line.amount, line), numbers),
        )  # fmt: skip
    shares, left = _oldest_first(line.amount, theirs)
    return _answer(Tier.POSSIBLE, payer, shares, left, Evidence(EvidenceKind.OLDEST_FIRST))


def _by_amount(line: LineFacts, candidates: Sequence[Candidate]) -> Proposal:
    equal = [c for c in candidates if line.amount in {c.open_amount, c.to_pay}]
    if len(equal) == 1:
        chosen = equal[0]
        return Proposal(
            Tier.POSSIBLE,
            chosen.payer_id,
            _in_full([chosen], with_discount=chosen.open_amount != line.amount),
            ZERO,
            (Evidence(EvidenceKind.AMOUNT_UNIQUE, _money(line.amount, line), chosen.number),),
        )
    return Proposal(Tier.NONE, None, (), line.amount, (Evidence(EvidenceKind.NOTHING_FOUND),))


def _answer(
    tier: Tier, payer: KnownPayer, shares: tuple[Share, ...], left: Decimal, reason: Evidence
) -> Proposal:
    return Proposal(tier, payer.payer_id, shares, left, (payer.evidence, reason))


def _in_full(candidates: Iterable[Candidate], *, with_discount: bool) -> tuple[Share, ...]:
    return tuple(
        Share(c.item_id, c.to_pay, c.discount) if with_discount else Share(c.item_id, c.open_amount)
        for c in candidates
    )


def _oldest_first(
    amount: Decimal, candidates: Iterable[Candidate]
) -> tuple[tuple[Share, ...], Decimal]:
    """Spread amount by due date, then id; give back what is left over."""
    shares: list[Share] = []
    for candidate in sorted(candidates, key=_age):
        take = min(amount, candidate.open_amount)
        if take > 0:
            shares.append(Share(candidate.item_id, take))
            amount -= take
    assert amount >= 0
    return tuple(shares), amount


def _age(candidate: Candidate) -> tuple[date, int]:
    return candidate.due_date, candidate.item_id


def _minor(amount: Decimal) -> int:
    """Ten-thousandths: finer than any currency's minor unit, so no rounding can hide."""
    return int(amount.scaleb(4))


def _money(amount: Decimal, line: LineFacts) -> str:
    return f"{amount:.{minor_units(line.currency)}f} {line.currency}"
