"""The customers of the rehearsal pay, as customers do, and the bank writes it down."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random

from reconciliation.adapters import EntryRecord, StatementRecord

ZERO = Decimal(0)


class Manner(StrEnum):
    EXACT = "exactly"
    TOGETHER = "several at once"
    PARTLY = "partly"
    TOO_MUCH = "too much"
    NO_REFERENCE = "without reference"
    LATE = "late"
    UNKNOWN = "from an account nobody knows"
    NEVER = "not at all"


#: How many of a hundred invoices are paid in which manner.
CUSTOM = {
    Manner.EXACT: 56,
    Manner.TOGETHER: 14,
    Manner.PARTLY: 6,
    Manner.TOO_MUCH: 4,
    Manner.NO_REFERENCE: 8,
    Manner.LATE: 8,
    Manner.UNKNOWN: 2,
    Manner.NEVER: 2,
}
ACCOUNT_CODE, ACCOUNT_IBAN = "REPLAY", "GB33BUKB20201555555555"
TOGETHER_AT_MOST = 5


@dataclass(frozen=True)
class Due:
    """A posted invoice as its payer sees it. Amount gross."""

    number: str
    payer_code: str
    payer_name: str
    amount: Decimal
    invoice_date: date
    due_date: date


@dataclass(frozen=True)
class Transfer:
    """Money a payer sends: how much, when, with which words, for which invoices."""

    day: date
    payer_code: str
    payer_name: str
    amount: Decimal
    text: str
    manner: Manner
    dues: tuple[Due, ...]


def decide_payments(dues: Iterable[Due], seed: int) -> list[Transfer]:
    """How each invoice is paid, the same for the same seed."""
    random = Random(seed)
    manners, weights = list(CUSTOM), list(CUSTOM.values())
    together: dict[str, list[Due]] = defaultdict(list)
    transfers: list[Transfer] = []
    for due in dues:
        manner = random.choices(manners, weights)[0]
        if manner == Manner.TOGETHER:
            together[due.payer_code].append(due)
            if len(together[due.payer_code]) == TOGETHER_AT_MOST:
                transfers.append(_together(together.pop(due.payer_code)))
        elif manner != Manner.NEVER:
            transfers.append(_alone(due, manner, random))
    transfers += [_together(group) for group in together.values()]
    return sorted(transfers, key=lambda t: (t.day, t.payer_code, t.text))


def _alone(due: Due, manner: Manner, random: Random) -> Transfer:
    day = due.due_date - timedelta(days=random.randint(0, 10))
    amount, text = due.amount, f"Invoice {due.number}"
    code, name = due.payer_code, due.payer_name
    if manner == Manner.PARTLY:
        amount = max((due.amount * random.randint(30, 90) / 100).quantize(Decimal("0.01")), _PENNY)
    elif manner == Manner.TOO_MUCH:
        amount += Decimal(random.randint(100, 5000)) / 100
    elif manner == Manner.NO_REFERENCE:
        text = "Payment, thank you"
    elif manner == Manner.UNKNOWN:
        code, name, text = f"private {due.payer_code}", "A. N. Other", "Gifts"
    elif manner == Manner.LATE:
        day = due.due_date + timedelta(days=random.randint(5, 45))
    return Transfer(max(day, due.invoice_date), code, name, amount, text, manner, (due,))


_PENNY = Decimal("0.01")


def _together(dues: Sequence[Due]) -> Transfer:
    first = dues[0]
    return Transfer(
        day=max(max(due.invoice_date for due in dues), min(due.due_date for due in dues)),
        payer_code=first.payer_code,
        payer_name=first.payer_name,
        amount=sum((due.amount for due in dues), ZERO),
        text="Invoices " + ", ".join(due.number for due in dues),
        # a single one of its kind is paid like any other
        manner=Manner.TOGETHER if len(dues) > 1 else Manner.EXACT,
        dues=tuple(dues),
    )


def payer_iban(code: str) -> str:
    """A made-up account of the payer with right check digits, the same each time."""
    number = sum(ord(char) * 31**place for place, char in enumerate(code)) % 10**14
    rest = f"REPL{number:014d}"
    digits = "".join(str(int(char, 36)) for char in f"{rest}GB00")
    return f"GB{98 - int(digits) % 97:02d}{rest}"


def bank_reference(number: int) -> str:
    """How the bank names the transfer of that number, counted from 1."""
    return f"RP{number:08d}"


def write_statements(
    transfers: Sequence[Transfer], opening: Decimal, currency: str
) -> list[StatementRecord]:
    """A bank statement per week, each opening where the one before closed."""
    weeks: dict[date, list[tuple[int, Transfer]]] = defaultdict(list)
    for line, transfer in enumerate(transfers, 1):
        monday = transfer.day - timedelta(days=transfer.day.weekday())
        weeks[monday].append((line, transfer))
    statements = []
    for number, monday in enumerate(sorted(weeks), 1):
        entries = tuple(
            EntryRecord(
                entry_date=transfer.day,
                value_date=transfer.day,
                amount=transfer.amount,
                currency=currency,
                text=transfer.text,
                counterparty_name=transfer.payer_name,
                counterparty_iban=payer_iban(transfer.payer_code),
                bank_reference=bank_reference(line),
            )
            for line, transfer in weeks[monday]
        )
        closing = opening + sum((entry.amount for entry in entries), ZERO)
        statements.append(
            StatementRecord(
                account=ACCOUNT_IBAN,
                currency=currency,
                statement_id=f"REPLAY-{monday:%G-W%V}",
                sequence=str(number),
                opening=opening,
                closing=closing,
                opening_date=monday,
                closing_date=monday + timedelta(days=6),
                entries=entries,
            )
        )
        opening = closing
    return statements


def evening_of(day: date) -> datetime:
    """When the bank sends the statement that closes on day."""
    return datetime.combine(day, time(18), tzinfo=UTC)
