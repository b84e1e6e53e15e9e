"""Which open items does a bank line name?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from o2c.core.money import ZERO
from reconciliation.rules.evidence import (
    Candidate,
    Evidence,
    EvidenceKind,
    KnownPayer,
    LineFacts,
)
from reconciliation.rules.numbers import Mention, Name

#: a document's own number says more than that of its order, which may be billed by several
_OF_THE_DOCUMENT = (EvidenceKind.NAMES_DOCUMENT, EvidenceKind.NAMES_DIGITS)


@dataclass
class Named:
    """The items a line names, in the order it names them, and why we think so.

    `sure` when at least one number leaves no doubt, or all belong to a payer we know.
    """

    items: dict[int, Candidate] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    sure: bool = False

    def add(self, found: Sequence[tuple[Name, Candidate]], *, sure: bool) -> None:
        for name, candidate in found:
            self.items[candidate.item_id] = candidate
            self.evidence.append(Evidence(EvidenceKind(name.kind), name.number, candidate.number))
        self.sure |= sure

    @property
    def payers(self) -> set[int]:
        return {candidate.payer_id for candidate in self.items.values()}


def named_items(
    line: LineFacts, usable: Mapping[int, Candidate], payers: Sequence[KnownPayer]
) -> Named:
    """The usable items a line names.

    What may mean several customers, or is hardly a number, counts where the payer is known or
    where the amount says so; else it is left out. A document that is named by its own number
    stands for its order.
    """
    named = Named()
    likely = {payer.payer_id for payer in payers}
    certain = {payer.payer_id for payer in payers if payer.certain}
    for mention in sorted(line.mentions, key=_is_of_the_document, reverse=True):
        found = [(n, usable[n.item_id]) for n in mention.names if n.item_id in usable]
        if any(candidate.item_id in named.items for _name, candidate in found):
            found = [(n, c) for n, c in found if c.item_id in named.items]
        owners = {candidate.payer_id for _name, candidate in found}
        found = _of_one_payer(mention, found, [likely, named.payers], line)
        if found:
            theirs = {candidate.payer_id for _name, candidate in found} <= certain
            named.add(found, sure=theirs or (mention.sure and len(owners) == 1))
    named.evidence = list(dict.fromkeys(named.evidence))
    return named


def _is_of_the_document(mention: Mention) -> bool:
    return any(name.kind in _OF_THE_DOCUMENT for name in mention.names)


def _of_one_payer(
    mention: Mention,
    found: list[tuple[Name, Candidate]],
    circles: Sequence[set[int]],
    line: LineFacts,
) -> list[tuple[Name, Candidate]]:
    """The part of what a mention may mean that belongs to one payer; nothing when in doubt.

    A payer of one of the circles (known, or named elsewhere) is taken before all others.
    """
    owners = {candidate.payer_id for _name, candidate in found}
    for circle in circles:
        if len(owners & circle) == 1:
            (owner,) = owners & circle
            return [(n, c) for n, c in found if c.payer_id == owner]
    if mention.sure and len(owners) == 1:
        return found
    fitting = [
        owner
        for owner in sorted(owners)
        if line.amount in _sums([c for _name, c in found if c.payer_id == owner])
    ]
    return [(n, c) for n, c in found if [c.payer_id] == fitting]


def _sums(items: Sequence[Candidate]) -> set[Decimal]:
    """What pays these items: in full, and early."""
    return {sum((c.open_amount for c in items), ZERO), sum((c.to_pay for c in items), ZERO)}
