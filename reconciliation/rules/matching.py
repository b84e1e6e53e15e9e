"""What does this bank line pay? Four tiers, each with its evidence in words, never a bare score.

exact     it names our documents, or it comes from a payer we know, and the amount is theirs to the
          cent: there is nothing to decide
strong    the documents are named but the amount differs, or the payer is known and exactly one
          set of its items makes the amount
possible  one sign only: the amount, or a payer with open items; or the amount differs and what is
          named is of several payers, or not open any more
none      nothing speaks for anybody
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from o2c.core.money import ZERO, minor_units
from reconciliation.rules.evidence import (
    Candidate,
    Evidence,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    Proposal,
    Share,
    Tier,
)
from reconciliation.rules.naming import Named, named_items
from reconciliation.rules.spreading import (
    Fit,
    fit,
    fit_instalments,
    in_full,
    less_credits,
    oldest_first,
    one_set,
    settle,
    some_of,
)


def propose(
    line: LineFacts, candidates: Sequence[Candidate], payers: Sequence[KnownPayer]
) -> Proposal:
    """The best supported answer for a line of money in.

    `candidates` are open items, debts and credits, that the line may concern; `payers` who it may
    come from. Shares and what stays on account make the line, and no share exceeds what is open
    of its item. Credits are used for debts of their own customer only.
    """
    assert line.amount > 0, line
    if line.our_own:
        return Proposal(Tier.NONE, None, (), line.amount, (line.our_own,))
    ours = {c.item_id: c for c in candidates if c.currency == line.currency}
    usable = {pk: candidate for pk, candidate in ours.items() if candidate.open_amount}
    named = named_items(line, ours, payers)
    if any(item.open_amount > 0 for item in named.items.values()):
        return _by_name(line, named)
    if any(item.original > 0 for item in named.gone.values()):
        return _by_what_is_gone(line, named)
    if named.items:  # only credits: which debts they are deducted from, the amount must tell
        return _by_credit(line, named, list(usable.values()))
    certain = [payer for payer in payers if payer.certain]
    owing = {item.payer_id for item in usable.values() if item.open_amount > 0}
    answers = [
        _by_payer(line, payer, _of(payer.payer_id, usable.values()))
        for payer in certain or payers
        if payer.payer_id in owing
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
    return _by_amount(line, list(usable.values()))


def _of(payer_id: int, items: Iterable[Candidate]) -> list[Candidate]:
    return [item for item in items if item.payer_id == payer_id]


def _by_name(line: LineFacts, named: Named) -> Proposal:
    items = list(named.items.values())
    netted = less_credits(items)
    evidence = [*named.evidence, *named.why_gone, *_credits(line, netted.shares(()), items)]
    if len(named.payers) > 1:
        evidence.append(Evidence(EvidenceKind.SEVERAL_PAYERS))
    sure = named.sure and len(named.payers) == 1

    def answer(tier: Tier, paid: tuple[Share, ...], left: Decimal, reason: Evidence) -> Proposal:
        shares = netted.shares(paid)
        return Proposal(tier, items[0].payer_id, shares, left, (*evidence, reason))

    rests = netted.rests
    found = fit(line.amount, rests) or fit_instalments(line.amount, rests)
    if found:
        reason = Evidence(found.kind, money(line.amount, line), str(len(found.shares)))
        return answer(Tier.EXACT if sure else Tier.STRONG, found.shares, ZERO, reason)
    if some := one_set(line.amount, rests):
        return answer(Tier.STRONG, in_full(some), ZERO, _set_of(line, some))
    if found := some_of(line.amount, rests):
        near = found.kind == EvidenceKind.AMOUNT_NEAR
        tier = Tier.STRONG if not near or (sure and not named.gone) else Tier.POSSIBLE
        return answer(tier, found.shares, ZERO, _some_named(line, found, rests))
    paid, left = oldest_first(line.amount, rests)
    tier = Tier.STRONG if sure and not named.gone else Tier.POSSIBLE
    if left and (theirs := _gone_over(left, named)):
        shares, reason = _on_account(theirs, left, line)
        return answer(tier, (*paid, *shares), ZERO, reason)
    difference = line.amount - sum((rest.open_amount for rest in rests), ZERO)
    kind = EvidenceKind.OVER if difference > 0 else EvidenceKind.SHORT
    return answer(tier, paid, left, Evidence(kind, money(abs(difference), line)))


def _some_named(line: LineFacts, found: Fit, items: Iterable[Candidate]) -> Evidence:
    """Which of the items it names an amount is for."""
    paid = {share.item_id for share in found.shares}
    meant = [item for item in items if item.item_id in paid]
    numbers = ", ".join(item.number for item in meant)
    if found.kind == EvidenceKind.AMOUNT_NEAR:
        short = sum((item.open_amount for item in meant), ZERO) - line.amount
        return Evidence(found.kind, money(short, line), numbers)
    return Evidence(EvidenceKind.AMOUNT_OF_SET, money(line.amount, line), numbers)


def _gone_over(amount: Decimal, named: Named) -> Candidate | None:
    """A document of another payer that is gone, where those of that payer were over the amount."""
    payer_id = next(iter(named.items.values())).payer_id
    gone = list(named.gone.values())
    others = {candidate.payer_id for candidate in gone}
    over = sum((candidate.original for candidate in gone), ZERO)
    return gone[0] if len(others) == 1 and payer_id not in others and over == amount else None


def _on_account(
    theirs: Candidate, amount: Decimal, line: LineFacts
) -> tuple[tuple[Share, ...], Evidence]:
    """An amount on the account of the payer of a document that nothing is left of."""
    reason = Evidence(EvidenceKind.REST_FOR, money(amount, line), theirs.number)
    return (Share(None, amount, payer_id=theirs.payer_id),), reason


def _by_what_is_gone(line: LineFacts, named: Named) -> Proposal:
    """All the debts it names are settled, or another line's: its money stays on account."""
    said = (*named.evidence, *named.why_gone)
    if len(named.payers) > 1:
        return _by_payers_of_what_is_gone(line, named, said)
    (payer_id,) = named.payers
    evidence = (*said, Evidence(EvidenceKind.STAYS))
    return Proposal(Tier.POSSIBLE, payer_id, (), line.amount, evidence)


def _by_payers_of_what_is_gone(
    line: LineFacts, named: Named, said: tuple[Evidence, ...]
) -> Proposal:
    """On the account of each, where the documents make the amount; else nobody knows whose."""
    said = (*said, Evidence(EvidenceKind.SEVERAL_PAYERS))
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for candidate in named.gone.values():
        sums[candidate.payer_id] += candidate.original
    whole = sum(sums.values(), ZERO) == line.amount and min(sums.values()) > 0
    if named.items or not whole:
        return Proposal(Tier.NONE, None, (), line.amount, said)
    (payer_id, amount), *others = sums.items()
    shares = tuple(Share(None, paid, payer_id=other) for other, paid in others)
    evidence = (*said, Evidence(EvidenceKind.STAYS))
    return Proposal(Tier.POSSIBLE, payer_id, shares, amount, evidence)


def _by_credit(line: LineFacts, named: Named, items: Sequence[Candidate]) -> Proposal:
    """Only credits are named: they are deducted from debts of their owner."""
    credits = list(named.items.values())
    owner = credits[0].payer_id
    sure = named.sure and len(named.payers) == 1 and not named.gone
    payer = KnownPayer(owner, named.evidence[0], sure)
    theirs = [item for item in _of(owner, items) if item.open_amount > 0]
    answer = _by_payer(line, payer, theirs, _of(owner, credits))
    return replace(answer, evidence=(*named.why_gone, *answer.evidence))


def _by_payer(
    line: LineFacts,
    payer: KnownPayer,
    theirs: list[Candidate],
    deducted: Sequence[Candidate] = (),
) -> Proposal:
    """The payer is known (or seems so); does the amount say which items?

    `deducted` are credits that are used in any case.
    """
    sure = Tier.EXACT if payer.certain else Tier.STRONG
    likely = Tier.STRONG if payer.certain else Tier.POSSIBLE
    debts = [item for item in theirs if item.open_amount > 0]

    def answer(tier: Tier, shares: tuple[Share, ...], left: Decimal, reason: Evidence) -> Proposal:
        used = _credits(line, shares, [*theirs, *deducted])
        return Proposal(tier, payer.payer_id, shares, left, (payer.evidence, *used, reason))

    single = [(debt, found) for debt in debts if (found := settle(line.amount, [debt, *deducted]))]
    if len(single) == 1:
        ((debt, found),) = single
        reason = Evidence(found.kind, money(line.amount, line), debt.number)
        return answer(sure, found.shares, ZERO, reason)
    for items in ([*debts, *deducted], [*theirs, *deducted]):
        if found := settle(line.amount, items):
            all_of_it = found.kind == EvidenceKind.AMOUNT_EQUAL
            kind = EvidenceKind.AMOUNT_OF_ALL if all_of_it else found.kind
            reason = Evidence(kind, money(line.amount, line), str(len(items)))
            return answer(sure if all_of_it else likely, found.shares, ZERO, reason)
    target = line.amount - sum((credit.open_amount for credit in deducted), ZERO)
    for items in (debts, theirs):
        some = one_set(target, items)
        if some and (found := settle(line.amount, [*some, *deducted])):
            return answer(likely, found.shares, ZERO, _set_of(line, some))
    netted = less_credits([*debts, *deducted])
    paid, left = oldest_first(line.amount, netted.rests)
    reason = Evidence(EvidenceKind.OLDEST_FIRST)
    return answer(Tier.POSSIBLE, netted.shares(paid), left, reason)


def _by_amount(line: LineFacts, candidates: Sequence[Candidate]) -> Proposal:
    equal = [c for c in candidates if line.amount in {c.open_amount, c.to_pay}]
    if len(equal) == 1 and (found := fit(line.amount, equal)):
        reason = Evidence(EvidenceKind.AMOUNT_UNIQUE, money(line.amount, line), equal[0].number)
        return Proposal(Tier.POSSIBLE, equal[0].payer_id, found.shares, ZERO, (reason,))
    return Proposal(Tier.NONE, None, (), line.amount, (Evidence(EvidenceKind.NOTHING_FOUND),))


def _credits(
    line: LineFacts, shares: Iterable[Share], items: Iterable[Candidate]
) -> list[Evidence]:
    """The credits that some shares use."""
    numbers = {item.item_id: item.number for item in items}
    used: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for share in shares:
        if share.credit_id is not None:
            used[share.credit_id] += share.amount
    return [
        Evidence(EvidenceKind.LESS_CREDIT, money(amount, line), numbers[credit])
        for credit, amount in used.items()
    ]


def _set_of(line: LineFacts, items: Sequence[Candidate]) -> Evidence:
    numbers = ", ".join(item.number for item in items)
    return Evidence(EvidenceKind.AMOUNT_OF_SET, money(line.amount, line), numbers)


def money(amount: Decimal, line: LineFacts) -> str:
    """An amount as evidence tells it."""
    return f"{amount:.{minor_units(line.currency)}f} {line.currency}"
