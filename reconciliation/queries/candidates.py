"""What the lines of a statement may be about, gathered for all of them in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from o2c.masters.models import Customer
from receivables.models import OpenItem
from reconciliation.models import BankLine, PayerAlias
from reconciliation.rules import (
    Candidate,
    Evidence,
    EvidenceKind,
    KnownPayer,
    LineFacts,
    document_numbers,
    normal_name,
    resembling,
    words,
)


@dataclass
class Surroundings:
    """Everything open that some line of the statement may pay."""

    by_payer: dict[int, list[OpenItem]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, list[OpenItem]] = field(default_factory=lambda: defaultdict(list))
    by_amount: dict[Decimal, list[OpenItem]] = field(default_factory=lambda: defaultdict(list))
    payers_by_iban: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    payers_by_name: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    #: normal names on the lines that no customer has, only one that resembles them
    only_similar: set[str] = field(default_factory=set)

    def add(self, item: OpenItem) -> None:
        self.by_payer[item.customer_id].append(item)
        self.by_amount[item.open_amount].append(item)
        for word in (item.document_number, *_order_words(item)):
            self.by_word[word.upper()].append(item)


def line_facts(line: BankLine) -> LineFacts:
    """A line as the matcher sees it."""
    told = " ".join(
        [line.text, line.end_to_end_id, *line.references, *(d["text"] for d in line.details)]
    )
    return LineFacts(
        amount=line.amount,
        currency=line.currency,
        value_date=line.value_date,
        numbers=tuple(document_numbers(told)),
        words=tuple(words(told)),
    )


def surroundings(lines: Sequence[BankLine]) -> Surroundings:
    """Gather what lines may be about. Four SQL statements, whatever the number of lines."""
    around = Surroundings()
    _know_payers(around, lines)
    facts = [line_facts(line) for line in lines]
    numbers = {number for fact in facts for number in fact.numbers}
    spoken = {word for fact in facts for word in fact.words}
    payers = {payer for known in around.payers_by_iban.values() for payer in known}
    payers |= {payer for known in around.payers_by_name.values() for payer in known}
    items = (
        OpenItem.objects.debts()
        .filter(
            Q(document_number__in=numbers)
            | Q(order__number__in=numbers)
            | Q(order__customer_reference__in=spoken)
            | Q(customer_id__in=payers)
            | Q(open_amount__in={line.amount for line in lines})
        )
        .select_related("order", "customer")
        .order_by("due_date", "pk")
    )
    for item in items:
        around.add(item)
    return around


def candidates_for(line: BankLine, facts: LineFacts, around: Surroundings) -> list[Candidate]:
    """The open items one line may concern, each once."""
    found: dict[int, OpenItem] = {}
    for payer in known_payers(line, around):
        found.update((item.pk, item) for item in around.by_payer[payer.payer_id])
    for word in (*facts.numbers, *facts.words):
        found.update((item.pk, item) for item in around.by_word.get(word.upper(), ()))
    found.update((item.pk, item) for item in around.by_amount.get(line.amount, ()))
    return [_candidate(item, line.value_date) for item in found.values()]


def known_payers(line: BankLine, around: Surroundings) -> list[KnownPayer]:
    """Who line seems to come from: by account, by name, and last by a similar name."""
    by_iban = (
        around.payers_by_iban.get(line.counterparty_iban, {}) if line.counterparty_iban else {}
    )
    if len(by_iban) == 1:
        ((payer, name),) = by_iban.items()
        evidence = Evidence(EvidenceKind.KNOWN_ACCOUNT, line.counterparty_iban, name)
        return [KnownPayer(payer, evidence, certain=True)]
    name_on_line = normal_name(line.counterparty_name)
    by_name = around.payers_by_name.get(name_on_line, {})
    certain = len(by_name) == 1 and name_on_line not in around.only_similar
    kind = EvidenceKind.KNOWN_NAME if certain else EvidenceKind.SIMILAR_NAME
    return [
        KnownPayer(payer, Evidence(kind, line.counterparty_name, name), certain)
        for payer, name in by_name.items()
    ]


def _know_payers(around: Surroundings, lines: Iterable[BankLine]) -> None:
    ibans = {line.counterparty_iban for line in lines if line.counterparty_iban}
    names = {normal_name(line.counterparty_name) for line in lines if line.counterparty_name}
    aliases = PayerAlias.objects.filter(Q(iban__in=ibans) | Q(name__in=names)).select_related(
        "customer"
    )
    for alias in aliases:
        if alias.iban:
            around.payers_by_iban[alias.iban][alias.customer_id] = alias.customer.name
        if alias.name:
            around.payers_by_name[alias.name][alias.customer_id] = alias.customer.name
    if names:
        _know_by_name(around, names)


def _know_by_name(around: Surroundings, names: set[str]) -> None:
    """Customers of the same normal name; for names nobody has, the one that resembles it most."""
    ours: dict[str, dict[int, str]] = defaultdict(dict)
    for pk, name in Customer.objects.filter(active=True).values_list("pk", "name"):
        ours[normal_name(name)][pk] = name
    for name in names - {""}:
        if name in ours:
            around.payers_by_name[name].update(ours[name])
        elif name not in around.payers_by_name and (similar := resembling(name, ours)):
            around.payers_by_name[name].update(ours[similar])
            around.only_similar.add(name)


def _candidate(item: OpenItem, paid_on: date) -> Candidate:
    number, purchase_order = _order_words(item) or ("", "")
    return Candidate(
        item_id=item.pk,
        payer_id=item.customer_id,
        payer_name=item.customer.name,
        number=item.document_number,
        order_number=number,
        purchase_order=purchase_order,
        open_amount=item.open_amount,
        due_date=item.due_date,
        currency=item.currency,
        discount=item.discount_on(paid_on).amount,
    )


def _order_words(item: OpenItem) -> tuple[str, str] | tuple[()]:
    """What of its order a payer may name: our number and theirs."""
    return (item.order.number, item.order.customer_reference) if item.order else ()
