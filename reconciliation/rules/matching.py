"""What does this bank line pay? Four tiers, each with its evidence in words, never a bare score.

exact     it names our documents, or it comes from a payer we know, and the amount is theirs to the
          cent: there is nothing to decide
strong    the documents are named but the amount differs, or the payer is known and exactly one
          set of its items makes the amount
possible  one sign only: the amount, or a payer with open items
none      nothing speaks for anybody
"""

from collections.abc import Sequence
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
    fit,
    fit_instalments,
    in_full,
    oldest_first,
    one_set,
)


def propose(
    line: LineFacts, candidates: Sequence[Candidate], payers: Sequence[KnownPayer]
) -> Proposal:
    """The best supported answer for a line of money in.

    `candidates` are open items of the line's currency that the line may concern; `payers` who it
    may come from. Amounts never exceed the line, nor an item's open amount.
    """
    assert line.amount > 0, line
    if line.our_own:
        return Proposal(Tier.NONE, None, (), line.amount, (line.our_own,))
    usable = {c.item_id: c for c in candidates if c.currency == line.currency and c.open_amount > 0}
    named = named_items(line, usable, payers)
    if named.items:
        return _by_name(line, named)
    certain = [payer for payer in payers if payer.certain]
    answers = [
        _by_payer(line, payer, theirs)
        for payer in certain or payers
        if (theirs := [c for c in usable.values() if c.payer_id == payer.payer_id])
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


def _by_name(line: LineFacts, named: Named) -> Proposal:
    items = list(named.items.values())
    evidence = list(named.evidence)
    if len(named.payers) > 1:
        evidence.append(Evidence(EvidenceKind.SEVERAL_PAYERS))
    sure = named.sure and len(named.payers) == 1

    def answer(tier: Tier, shares: tuple[Share, ...], left: Decimal, reason: Evidence) -> Proposal:
        return Proposal(tier, items[0].payer_id, shares, left, (*evidence, reason))

    found = fit(line.amount, items) or fit_instalments(line.amount, items)
    if found:
        reason = Evidence(found.kind, _money(line.amount, line), str(len(found.shares)))
        return answer(Tier.EXACT if sure else Tier.STRONG, found.shares, ZERO, reason)
    if some := one_set(line.amount, items):
        return answer(Tier.STRONG, in_full(some), ZERO, _set_of(line, some))
    shares, left = oldest_first(line.amount, items)
    difference = line.amount - sum((item.open_amount for item in items), ZERO)
    kind = EvidenceKind.OVER if difference > 0 else EvidenceKind.SHORT
    reason = Evidence(kind, _money(abs(difference), line))
    return answer(Tier.STRONG if named.sure else Tier.POSSIBLE, shares, left, reason)


def _by_payer(line: LineFacts, payer: KnownPayer, theirs: list[Candidate]) -> Proposal:
    """The payer is known (or seems so); does the amount say which items?"""
    sure = Tier.EXACT if payer.certain else Tier.STRONG
    likely = Tier.STRONG if payer.certain else Tier.POSSIBLE

    def answer(tier: Tier, shares: tuple[Share, ...], left: Decimal, reason: Evidence) -> Proposal:
        return Proposal(tier, payer.payer_id, shares, left, (payer.evidence, reason))

    single = [item for item in theirs if line.amount in {item.open_amount, item.to_pay}]
    if len(single) == 1 and (found := fit(line.amount, single)):
        reason = Evidence(found.kind, _money(line.amount, line), single[0].number)
        return answer(sure, found.shares, ZERO, reason)
    if found := fit(line.amount, theirs):
        all_of_it = found.kind == EvidenceKind.AMOUNT_EQUAL
        kind = EvidenceKind.AMOUNT_OF_ALL if all_of_it else found.kind
        reason = Evidence(kind, _money(line.amount, line), str(len(theirs)))
        return answer(sure if all_of_it else likely, found.shares, ZERO, reason)
    if some := one_set(line.amount, theirs):
        return answer(likely, in_full(some), ZERO, _set_of(line, some))
    shares, left = oldest_first(line.amount, theirs)
    return answer(Tier.POSSIBLE, shares, left, Evidence(EvidenceKind.OLDEST_FIRST))


def _by_amount(line: LineFacts, candidates: Sequence[Candidate]) -> Proposal:
    equal = [c for c in candidates if line.amount in {c.open_amount, c.to_pay}]
    if len(equal) == 1 and (found := fit(line.amount, equal)):
        reason = Evidence(EvidenceKind.AMOUNT_UNIQUE, _money(line.amount, line), equal[0].number)
        return Proposal(Tier.POSSIBLE, equal[0].payer_id, found.shares, ZERO, (reason,))
    return Proposal(Tier.NONE, None, (), line.amount, (Evidence(EvidenceKind.NOTHING_FOUND),))


def _set_of(line: LineFacts, items: Sequence[Candidate]) -> Evidence:
    numbers = ", ".join(item.number for item in items)
    return Evidence(EvidenceKind.AMOUNT_OF_SET, _money(line.amount, line), numbers)


def _money(amount: Decimal, line: LineFacts) -> str:
    return f"{amount:.{minor_units(line.currency)}f} {line.currency}"
