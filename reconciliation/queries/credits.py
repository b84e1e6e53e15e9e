"""The credits that bank lines of money out name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from o2c.core.expressions import IsOneOf, number_key_of
from o2c.core.number_keys import number_key
from receivables.models import OpenItem
from reconciliation.models import BankLine
from reconciliation.queries.transactions import told
from reconciliation.rules import Candidate, EvidenceKind, LineFacts, Name, lookups, mentions


@dataclass(frozen=True)
class NamedCredits:
    """What each line names, and the credits as candidates: `open_amount` is what we still owe."""

    facts: dict[int, LineFacts]
    credits: dict[int, Candidate]


def credits_named_by(lines: Sequence[BankLine]) -> NamedCredits:
    """The credits that lines of money out name by their numbers."""
    texts = {line.pk: told(line) for line in lines}
    asked = lookups(list(texts.values()))
    names: dict[str, list[Name]] = defaultdict(list)
    credits = {}
    if asked.keys:
        named = IsOneOf(number_key_of("document_number"), asked.keys)
        for item in OpenItem.objects.filter(named, original__lt=0).order_by("pk"):
            credits[item.pk] = Candidate(
                item_id=item.pk,
                payer_id=item.customer_id,
                number=item.document_number,
                open_amount=-item.open_amount,
                original=-item.original,
                due_date=item.due_date,
                currency=item.currency,
                is_settled=item.is_settled,
            )
            name = Name(item.pk, EvidenceKind.NAMES_DOCUMENT, item.document_number)
            names[number_key(item.document_number)].append(name)
    facts = {
        line.pk: LineFacts(line.amount, line.currency, mentions(texts[line.pk], names, {}))
        for line in lines
    }
    return NamedCredits(facts, credits)
