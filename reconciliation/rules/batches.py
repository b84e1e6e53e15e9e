"""An entry that holds several transactions is answered part by part, and as a whole."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO
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
from reconciliation.rules.matching import money, propose

_SURE = list(Tier)


class Part(NamedTuple):
    """One transaction of an entry, with what it may concern."""

    line: LineFacts
    candidates: Sequence[Candidate]
    payers: Sequence[KnownPayer]


def taken_by(proposals: Iterable[Proposal]) -> dict[int, Decimal]:
    """How much of each open item some proposals take, signed like the item."""
    taken: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for proposal in proposals:
        for share in proposal.shares:
            if share.item_id is not None:
                taken[share.item_id] += share.amount + share.discount
            if share.credit_id is not None:
                taken[share.credit_id] -= share.amount
    return taken


def propose_parts(line: LineFacts, parts: Sequence[Part]) -> Proposal:
    """The answer for an entry whose parts make its amount: each part's, put together.

    It is as sure as its least sure part. A part nobody is known for waits for its payer; with a
    part that is our own money, nothing is proposed.
    """
    answers: list[Proposal] = []
    for part in parts:
        taken = taken_by(answers)
        left = [c.without(taken.get(c.item_id, ZERO)) for c in part.candidates]
        answers.append(propose(part.line, left, part.payers))
    if any(part.line.our_own for part in parts):
        own = tuple(dict.fromkeys(part.line.our_own for part in parts if part.line.our_own))
        return Proposal(Tier.NONE, None, (), line.amount, own)
    said = [Evidence(EvidenceKind.BATCH, str(len(parts)))]
    said += dict.fromkeys(reason for answer in answers for reason in _reasons(answer, line))
    payers = [answer.payer_id for answer in answers if answer.payer_id is not None]
    if not payers:
        return Proposal(Tier.NONE, None, (), line.amount, tuple(said))
    on_account: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
    for answer in answers:
        on_account[answer.payer_id] += answer.on_account
    tier = max((answer.tier for answer in answers), key=_SURE.index)
    rests = [
        Share(None, amount, payer_id=payer)
        for payer, amount in on_account.items()
        if amount and payer != payers[0]
    ]
    return Proposal(
        Tier.POSSIBLE if tier == Tier.NONE else tier,
        payers[0],
        (*_merged(answers), *rests),
        on_account[payers[0]],
        tuple(said),
    )


def _reasons(answer: Proposal, line: LineFacts) -> tuple[Evidence, ...]:
    """Why a part is answered so; one that nothing speaks for says how much it is."""
    if answer.payer_id is None:
        return (Evidence(EvidenceKind.PART_UNKNOWN, money(answer.on_account, line)),)
    return answer.evidence


def _merged(answers: Iterable[Proposal]) -> list[Share]:
    """One share per open item, and per credit used for it."""
    sums: dict[tuple[int | None, int | None], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for answer in answers:
        for share in answer.shares:
            sums[share.item_id, share.credit_id][0] += share.amount
            sums[share.item_id, share.credit_id][1] += share.discount
    return [
        Share(item_id, amount, discount, credit_id=credit_id)
        for (item_id, credit_id), (amount, discount) in sums.items()
    ]
