"""What the lines of a statement may be about, gathered for all of them in a few statements.

The books are asked once for every number the lines may name, by indexes; what a single line is
about is then found in memory by hash. The other items of a payer, and items of the same amount,
are fetched only for lines that name nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from o2c.core.expressions import IsOneOf, digits_key_of, number_key_of
from o2c.core.money import ZERO
from o2c.core.number_keys import digits_key, number_key
from orders.models import Order
from receivables.models import OpenItem
from receivables.rules.discount import is_early
from reconciliation.models import BankLine
from reconciliation.queries.payers import Payers, payers_of
from reconciliation.rules import (
    BAR,
    Candidate,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    Lookups,
    Mention,
    Name,
    lookups,
    mentions,
)

#: SO-000042 without its dash, as `number_from_id` makes numbers
_SERIES = re.compile(r"([A-Z]{1,4})([0-9]{6,})")
_ORDER, _REFERENCE = "order__number", "order__customer_reference"
_DELIVERY = "invoice__shipment__number"
_FIELDS = (
    *("pk", "customer_id", "document_number", "currency", "open_amount", "original"),
    *("due_date", "discount_date", "discount", _ORDER, _REFERENCE, _DELIVERY),
)
Row = Any  # of `_FIELDS`


@dataclass
class Surroundings:
    """Everything open that some line of the statement may pay."""

    payers: Payers
    mentions: dict[int, list[Mention]] = field(default_factory=dict)  # by line
    items: dict[int, Row] = field(default_factory=dict)
    by_payer: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    by_amount: dict[Decimal, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, item: Row) -> None:
        if item.pk not in self.items:
            self.items[item.pk] = item
            self.by_payer[item.customer_id].append(item)
            self.by_amount[item.open_amount].append(item)

    def facts(self, line: BankLine) -> LineFacts:
        """A line as the matcher sees it."""
        own = self.payers.our_own(line)
        return LineFacts(line.amount, line.currency, self.mentions[line.pk], own)

    def candidates(self, line: BankLine, payers: Iterable[KnownPayer]) -> list[Candidate]:
        """The open items one line may concern, each once."""
        named = [name.item_id for mention in self.mentions[line.pk] for name in mention.names]
        found = {item_id: self.items[item_id] for item_id in named}
        if not self.is_named(line):
            for payer in payers:
                found.update((item.pk, item) for item in self.by_payer[payer.payer_id])
            found.update((item.pk, item) for item in self.by_amount.get(line.amount, ()))
        return [_candidate(item, line.value_date) for item in found.values()]

    def is_named(self, line: BankLine) -> bool:
        """Whether a number leaves no doubt what the line is about."""
        return any(
            mention.sure
            and len(mention.names) == 1
            and self.items[mention.names[0].item_id].currency == line.currency
            for mention in self.mentions[line.pk]
        )


def surroundings(lines: Sequence[BankLine]) -> Surroundings:
    """Gather what lines may be about. Five SQL statements, whatever the number of lines."""
    around = Surroundings(payers_of(lines))
    _know_numbers(around, lines)
    unnamed = [line for line in lines if not around.is_named(line)]
    if unnamed:
        payers = {payer.payer_id for line in unnamed for payer in around.payers.of(line)}
        theirs = _open().filter(customer_id__in=payers)
        equal = _open().filter(open_amount__in={line.amount for line in unnamed})
        for item in _rows(theirs.union(equal)):
            around.add(item)
    return around


def _know_numbers(around: Surroundings, lines: Sequence[BankLine]) -> None:
    """Find the open items that lines name."""
    texts = {line.pk: told(line) for line in lines}
    asked = lookups(list(texts.values()))
    names: dict[str, list[Name]] = defaultdict(list)
    by_digits: dict[str, list[Name]] = defaultdict(list)
    for item in _rows(_named(asked)) if asked.keys else ():
        around.add(item)
        for kind, number in _numbers_of(item):
            names[number_key(number)].append(Name(item.pk, kind, number))
        bare = Name(item.pk, EvidenceKind.NAMES_DIGITS, item.document_number)
        by_digits[digits_key(item.document_number)].append(bare)
    around.mentions = {pk: mentions(text, names, by_digits) for pk, text in texts.items()}


def told(line: BankLine) -> str:
    """All a payer said on a line, each text once."""
    texts = [line.text, line.end_to_end_id, *line.references, *(d["text"] for d in line.details)]
    said: list[str] = []
    for text in texts:
        if not any(text in before for before in said):
            said.append(text)
    return BAR.join(said)


def _open() -> QuerySet[Any]:
    return OpenItem.objects.debts().values("pk")


def _named(asked: Lookups) -> QuerySet[Any]:
    """Open items whose number, order, customer's reference or delivery may be named."""
    first, *others = named_by(asked)
    return first.union(*others)


def named_by(asked: Lookups) -> list[QuerySet[Any]]:
    """One query per kind of number, each with an index of its own; joined by OR they would scan."""
    ours = [f"{m[1]}-{m[2]}" for m in map(_SERIES.fullmatch, asked.keys) if m]
    theirs = Order.objects.exclude(customer_reference="").filter(
        IsOneOf(number_key_of("customer_reference"), asked.keys)
    )
    return [
        _open().filter(IsOneOf(number_key_of("document_number"), asked.keys)),
        _open().filter(IsOneOf(digits_key_of("document_number"), asked.digits)),
        _open().filter(order__in=Order.objects.filter(number__in=ours).values("pk")),
        _open().filter(order__in=theirs.values("pk")),
        _open().filter(invoice__shipment__number__in=ours),
    ]


def _rows(wanted: QuerySet[Any]) -> QuerySet[Any]:
    """The open items of these keys, oldest first. One statement."""
    items = OpenItem.objects.filter(pk__in=wanted).order_by("due_date", "pk")
    return items.values_list(*_FIELDS, named=True)


def _candidate(item: Row, paid_on: date) -> Candidate:
    early = is_early(paid_on, item.discount_date)
    return Candidate(
        item_id=item.pk,
        payer_id=item.customer_id,
        number=item.document_number,
        open_amount=item.open_amount,
        original=item.original,
        due_date=item.due_date,
        currency=item.currency,
        offer=item.discount if early else ZERO,
    )


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
