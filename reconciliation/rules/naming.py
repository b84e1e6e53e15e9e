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
_Found = tuple[Name, Candidate]


@dataclass
class Named:
    """The items a line names, in the order it names them, and why we think so.

    `sure` when at least one number leaves no doubt, or all belong to a payer we know. `gone` are
    named without doubt, and settled or another line's already.
    """

    items: dict[int, Candidate] = field(default_factory=dict)
    gone: dict[int, Candidate] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    sure: bool = False

    def add(self, found: Sequence[tuple[Name, Candidate]], *, sure: bool) -> None:
        for name, candidate in found:
            self.items[candidate.item_id] = candidate
            self.evidence.append(Evidence(EvidenceKind(name.kind), name.number, candidate.number))
        self.sure |= sure

    @property
    def payers(self) -> set[int]:
        return {c.payer_id for some in (self.items, self.gone) for c in some.values()}

    @property
    def why_gone(self) -> list[Evidence]:
        """Of each document that nothing is left of, why."""
        return list(dict.fromkeys(_why_gone(candidate) for candidate in self.gone.values()))


def _why_gone(candidate: Candidate) -> Evidence:
    kind = EvidenceKind.SETTLED if candidate.is_settled else EvidenceKind.TAKEN
    return Evidence(kind, candidate.number)


def named_items(
    line: LineFacts, candidates: Mapping[int, Candidate], payers: Sequence[KnownPayer]
) -> Named:
    """The items a line names, of candidates in its currency.

    What may mean several customers, or is hardly a number, counts where the payer is known or
    where the amount says so; else it is left out. A document that is named by its own number
    stands for its order. A number stands for what is still open under it.
    """
    named = Named()
    likely = {payer.payer_id for payer in payers}
    certain = {payer.payer_id for payer in payers if payer.certain}
    for mention in sorted(line.mentions, key=_is_of_the_document, reverse=True):
        found = [(n, candidates[n.item_id]) for n in mention.names if n.item_id in candidates]
        known = named.items.keys() | named.gone.keys()
        if any(candidate.item_id in known for _name, candidate in found):
            found = [(n, c) for n, c in found if c.item_id in known]
        left = [(n, c) for n, c in found if c.open_amount]
        owners = _owners(left)
        found = _of_a_circle(found, [likely, named.payers]) or _of_one_owner(
            mention, left or found, line
        )
        if open_ones := [(n, c) for n, c in found if c.open_amount]:
            theirs = _owners(open_ones) <= certain
            named.add(open_ones, sure=theirs or (mention.sure and len(owners) == 1))
        else:
            named.gone.update((candidate.item_id, candidate) for _name, candidate in found)
    named.evidence = list(dict.fromkeys(named.evidence))
    return named


def _is_of_the_document(mention: Mention) -> bool:
    return any(name.kind in _OF_THE_DOCUMENT for name in mention.names)


def _owners(found: Sequence[_Found]) -> set[int]:
    return {candidate.payer_id for _name, candidate in found}


def _of_a_circle(found: Sequence[_Found], circles: Sequence[set[int]]) -> list[_Found]:
    """What belongs to the only owner that is in a circle: the payers known, or named elsewhere."""
    for circle in circles:
        owners = _owners(found) & circle
        if len(owners) == 1:
            return [(n, c) for n, c in found if c.payer_id in owners]
    return []


def _of_one_owner(mention: Mention, found: list[_Found], line: LineFacts) -> list[_Found]:
    """What belongs to the only owner, or to the only one whose amount it is; nothing in doubt."""
    owners = _owners(found)
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
