"""A bank line as what it holds: one transaction, or those of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reconciliation.models import BankLine
from reconciliation.rules import BAR


@dataclass(eq=False)  # two payments of a batch may be equal and are still two
class Transaction:
    """One payment as the bank told it. Amount in the account's currency, money in positive."""

    amount: Decimal
    currency: str
    value_date: date
    text: str
    told: str  # all that may name what it pays
    counterparty_name: str
    counterparty_iban: str
    comes_back: bool
    return_reason: str
    return_text: str


def transactions_of(line: BankLine) -> list[Transaction]:
    """The transactions of a line: those of its batch where they make its amount, else itself."""
    details = line.transactions
    parts = [d for d in details if d["amount"] > 0 and d["currency"] == line.currency]
    if 1 < len(parts) == len(details) and sum(d["amount"] for d in parts) == line.amount:
        return [_detail(line, detail) for detail in parts]
    return [whole_of(line)]


def whole_of(line: BankLine) -> Transaction:
    """A line as one transaction, whatever it collects."""
    return Transaction(
        amount=line.amount,
        currency=line.currency,
        value_date=line.value_date,
        text=line.text,
        told=told(line),
        counterparty_name=line.counterparty_name,
        counterparty_iban=line.counterparty_iban,
        comes_back=line.comes_back,
        return_reason=line.return_reason,
        return_text=line.return_text,
    )


def _detail(line: BankLine, detail: Mapping[str, Any]) -> Transaction:
    reason = detail.get("return_reason", "")
    return Transaction(
        amount=detail["amount"],
        currency=line.currency,
        value_date=line.value_date,
        text=detail["text"],
        told=_told([detail["text"], detail["end_to_end_id"], *detail["references"]]),
        counterparty_name=detail["counterparty_name"],
        counterparty_iban=detail["counterparty_iban"],
        comes_back=line.comes_back or bool(reason),
        return_reason=reason or line.return_reason,
        return_text=detail.get("return_text", "") or line.return_text,
    )


def told(line: BankLine) -> str:
    """All that was said on a line, each text once."""
    return _told(
        [line.text, line.end_to_end_id, *line.references, *(d["text"] for d in line.details)]
    )


def _told(texts: list[str]) -> str:
    """Each text once."""
    said: list[str] = []
    for text in texts:
        if not any(text in before for before in said):
            said.append(text)
    return BAR.join(said)
