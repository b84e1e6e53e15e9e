"""What the lines of a statement may be about, gathered for all of them together.

The books are asked once for every number the lines may name, by indexes; what a single line is
about is then found in memory by hash. The other items of a payer, and items of the same amount,
are fetched only for lines that name nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from o2c.core.expressions import IsOneOf, digits_key_of, number_key_of
from o2c.core.fields import AmountField
from o2c.core.money import ZERO
from o2c.core.number_keys import digits_key, number_key
from orders.models import Order
from receivables.models import OpenItem
from receivables.rules.discount import is_early
from reconciliation.models import BankLine, MatchShare, MatchState, MatchTier
from reconciliation.queries.payers import Payers, payers_of
from reconciliation.queries.transactions import Transaction, transactions_of
from reconciliation.rules import (
    Candidate,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    Lookups,
    Mention,
    Name,
    Part,
    Proposal,
    lookups,
    mentions,
    propose,
    propose_parts,
)

#: SO-000042 without its dash, as `number_from_id` makes numbers
_SERIES = re.compile(r"([A-Z]{1,4})([0-9]{6,})")
_ORDER, _REFERENCE = "order__number", "order__customer_reference"
_DELIVERY = "invoice__shipment__number"
_FIELDS = (
    *("pk", "customer_id", "document_number", "currency", "open_amount", "original"),
    *("due_date", "discount_date", "discount"),
)
_NUMBERS = (_ORDER, _REFERENCE, _DELIVERY)
Row = Any  # of `_FIELDS`, those that a line may name also of `_NUMBERS`


@dataclass
class Surroundings:
    """Everything open that some line of the statement may pay.

    Looked at are lines and, where an entry holds several transactions, each of them: `parts`.
    """

    payers: Payers
    parts: dict[int, list[Transaction]] = field(default_factory=dict)  # by line
    mentions: dict[Transaction, list[Mention]] = field(default_factory=dict)
    items: dict[int, Row] = field(default_factory=dict)
    by_payer: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    by_amount: dict[Decimal, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, item: Row) -> None:
        if item.pk in self.items:
            return
        self.items[item.pk] = item
        if item.open_amount:
            self.by_payer[item.customer_id].append(item)
            self.by_amount[item.open_amount].append(item)

    def answer(self, line: BankLine, taken: Mapping[int, Decimal] = {}) -> Proposal:
        """What the line pays, when other lines take so much of open items, by id."""
        parts = [self._part(part, taken) for part in self.parts[line.pk]]
        if len(parts) == 1:
            return propose(*parts[0])
        return propose_parts(LineFacts(line.amount, line.currency), parts)

    def _part(self, line: Transaction, taken: Mapping[int, Decimal]) -> Part:
        payers = self.payers.of(line)
        found = self._candidates(line, payers)
        candidates = [c.without(taken.get(c.item_id, ZERO)) for c in found]
        own = self.payers.our_own(line)
        return Part(
            LineFacts(line.amount, line.currency, self.mentions[line], own), candidates, payers
        )

    def _candidates(self, line: Transaction, payers: Iterable[KnownPayer]) -> list[Candidate]:
        """The open items one line may concern, each once."""
        named = [name.item_id for mention in self.mentions[line] for name in mention.names]
        found = {item_id: self.items[item_id] for item_id in named}
        if not self.is_named(line):
            owners = sorted(self.owners_named(line))
            for payer_id in (*(payer.payer_id for payer in payers), *owners):
                found.update((item.pk, item) for item in self.by_payer[payer_id])
            found.update((item.pk, item) for item in self.by_amount.get(line.amount, ()))
        return [_candidate(item, line.value_date) for item in found.values()]

    def is_named(self, line: Transaction) -> bool:
        """Whether a number leaves no doubt which debt the line is about."""
        return any(
            mention.sure
            and len(mention.names) == 1
            and self._is_debt(mention.names[0].item_id, line.currency)
            for mention in self.mentions[line]
        )

    def names_debts(self, line: BankLine) -> bool:
        """Whether a line, or a part of it, names an open debt."""
        return any(self.is_named(part) for part in self.parts[line.pk])

    def _is_debt(self, item_id: int, currency: str) -> bool:
        item = self.items[item_id]
        return item.currency == currency and item.open_amount > item.reserved

    def owners_named(self, line: Transaction) -> set[int]:
        """The customers of all open items a line may name."""
        named = (self.items[n.item_id] for mention in self.mentions[line] for n in mention.names)
        return {item.customer_id for item in named if item.open_amount}


def surroundings(lines: Sequence[BankLine]) -> Surroundings:
    """Gather what lines may be about."""
    parts = {line.pk: transactions_of(line) for line in lines}
    every = [part for some in parts.values() for part in some]
    if not every:
        return Surroundings(Payers())
    around = Surroundings(payers_of(every), parts)
    _know_numbers(around, every)
    unnamed = [part for part in every if not around.is_named(part)]
    if unnamed:
        payers = {payer.payer_id for part in unnamed for payer in around.payers.of(part)}
        payers.update(*(around.owners_named(part) for part in unnamed))
        theirs = _open().filter(customer_id__in=payers)
        equal = _open().filter(open_amount__in={part.amount for part in unnamed})
        for item in _rows(theirs.union(equal)):
            around.add(item)
    return around


def _know_numbers(around: Surroundings, lines: Sequence[Transaction]) -> None:
    """Find the items that lines name."""
    asked = lookups([line.told for line in lines])
    names: dict[str, list[Name]] = defaultdict(list)
    by_digits: dict[str, list[Name]] = defaultdict(list)
    for item in _rows(_named(asked), *_NUMBERS) if asked.keys else ():
        around.add(item)
        for kind, number in _numbers_of(item):
            names[number_key(number)].append(Name(item.pk, kind, number))
        bare = Name(item.pk, EvidenceKind.NAMES_DIGITS, item.document_number)
        by_digits[digits_key(item.document_number)].append(bare)
    for line in lines:
        around.mentions[line] = mentions(line.told, names, by_digits)


def _open() -> QuerySet[Any]:
    return OpenItem.objects.exclude(open_amount=0).values("pk")


def _named(asked: Lookups) -> QuerySet[Any]:
    """Items whose number, order, customer's reference or delivery may be named."""
    first, *others = named_by(asked)
    return first.union(*others)


def named_by(asked: Lookups) -> list[QuerySet[Any]]:
    """A query for each kind of number, with an index of its own; joined by OR they would scan.

    Settled items are found, too, by their whole numbers: what a payer meant by them pays nothing
    else. Of a customer's reference, which years of orders may share, one of them is enough.
    """
    ours = [f"{m[1]}-{m[2]}" for m in map(_SERIES.fullmatch, asked.keys) if m]
    theirs = Order.objects.exclude(customer_reference="").filter(
        IsOneOf(number_key_of("customer_reference"), asked.keys)
    )
    every = OpenItem.objects.order_by().values("pk")
    settled = every.filter(open_amount=0, order__in=theirs.values("pk"))
    return [
        every.filter(IsOneOf(number_key_of("document_number"), asked.keys)),
        _open().filter(IsOneOf(digits_key_of("document_number"), asked.digits)),
        every.filter(order__in=Order.objects.filter(number__in=ours).values("pk")),
        _open().filter(order__in=theirs.values("pk")),
        settled.distinct("customer", "order__customer_reference"),
        every.filter(invoice__shipment__number__in=ours),
    ]


def _rows(wanted: QuerySet[Any], *also: str) -> QuerySet[Any]:
    """The items whose keys a query gives, oldest first.

    The keys are read before the rows: how few a subquery finds the server cannot know, so it would
    join every item of the books with its order, invoice and shipment.
    """
    keys = list(wanted.values_list("pk", flat=True))
    items = OpenItem.objects.filter(IsOneOf(F("pk"), keys)).annotate(
        reserved=_proposed("open_item", F("amount") + F("discount"))
        + _proposed("credit_item", F("amount"))
    )
    return items.order_by("due_date", "pk").values_list(*_FIELDS, *also, "reserved", named=True)


def _proposed(which: str, amount: Any) -> Coalesce:
    """How much of an item proposals of other lines take that are sure of it, positive."""
    sure = MatchShare.objects.filter(match__state=MatchState.PROPOSED, **{which: OuterRef("pk")})
    sure = sure.exclude(match__tier__in=[MatchTier.POSSIBLE, MatchTier.NONE])
    total = sure.order_by().values(which).annotate(total=Sum(amount)).values("total")
    return Coalesce(Subquery(total), Value(ZERO), output_field=AmountField())


def _candidate(item: Row, paid_on: date) -> Candidate:
    early = is_early(paid_on, item.discount_date)
    candidate = Candidate(
        item_id=item.pk,
        payer_id=item.customer_id,
        number=item.document_number,
        open_amount=item.open_amount,
        original=item.original,
        due_date=item.due_date,
        currency=item.currency,
        offer=item.discount if early and item.open_amount else ZERO,
        is_settled=not item.open_amount,
    )
    return candidate.without(item.reserved if item.open_amount > 0 else -item.reserved)


def _numbers_of(item: Row) -> Iterator[tuple[EvidenceKind, str]]:
    """What a payer may call an item, as the evidence it would be."""
    yield EvidenceKind.NAMES_DOCUMENT, item.document_number
    for kind, field_name in (
        (EvidenceKind.NAMES_ORDER, _ORDER),
        (EvidenceKind.NAMES_PURCHASE_ORDER, _REFERENCE),
        (EvidenceKind.NAMES_DELIVERY, _DELIVERY),
    ):
        if number := getattr(item, field_name):
            yield kind, number
