"""Bank statements that really come in, and matches that really follow."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.masters.models import BankAccount
from reconciliation import commands
from reconciliation.adapters import EntryRecord, StatementRecord
from reconciliation.adapters.camt053_writer import write_camt053
from reconciliation.models import BankLine, BankStatement, Match
from reconciliation.queries import statement_before
from tests.factories.masters import BankAccountFactory
from tests.given.invoicing import posted_invoice

Money = tuple[Any, str]  # amount and text, from an account nobody has seen


def bank_account() -> BankAccount:
    """Our current account in euro."""
    return BankAccountFactory()


def entry(amount: Any, text: str = "", **more: Any) -> EntryRecord:
    """One booked movement of today."""
    day = more.pop("day", clock.today())
    return EntryRecord(
        entry_date=day, value_date=day, amount=Decimal(amount), currency="EUR", text=text, **more
    )


def statement_record(
    *entries: EntryRecord,
    opening: Any = None,
    closing: Any = None,
    statement_id: str = "S1",
    on: date | None = None,
) -> StatementRecord:
    """A statement of today that follows the one before and adds up, unless told otherwise."""
    account, day = bank_account(), on or clock.today()
    if opening is None:
        before = statement_before(account)
        opening = before.closing if before else Decimal(100)
    total = sum((e.amount for e in entries), Decimal(0))
    return StatementRecord(
        account=account.iban or account.account_number,
        currency="EUR",
        statement_id=statement_id,
        sequence="1",
        opening=Decimal(opening),
        closing=Decimal(opening) + total if closing is None else Decimal(closing),
        opening_date=day,
        closing_date=day,
        entries=entries,
    )


def file_of(record: StatementRecord) -> bytes:
    """The statement as the bank's file."""
    return write_camt053(record, clock.now())


def imported(*entries: EntryRecord, **more: Any) -> BankStatement:
    """A statement in the product, its lines not looked at yet."""
    number = BankStatement.objects.count() + 1
    record = statement_record(*entries, **{"statement_id": f"S{number}", **more})
    result = commands.import_statement(
        bank_account().code, f"s{number}.xml", file_of(record), actor=SYSTEM
    )
    assert not result.refused, result.as_json()
    return BankStatement.objects.latest("pk")


def matched(*entries: EntryRecord, **more: Any) -> list[Match]:
    """A statement imported, and what we make of its lines, in their order."""
    statement = imported(*entries, **more)
    commands.match_statement(statement.pk, actor=SYSTEM)
    return list(
        Match.objects.filter(bank_line__statement=statement, state="proposed").order_by(
            "bank_line__line_number"
        )
    )


def line_of(statement: BankStatement, number: int = 1) -> BankLine:
    """One line of a statement."""
    return statement.lines.get(line_number=number)


def paid(invoice: Invoice, amount: Any = None) -> Match:
    """The invoice paid by bank, naming its number; the match applied."""
    (match,) = matched(entry(amount or invoice.gross, f"Invoice {invoice.number}"))
    return commands.apply_match(match.pk, actor=SYSTEM)


def owed(*lines: Sequence[Any], on: date | None = None, **order: Any) -> Invoice:
    """A posted invoice over 10 x 10.00 net (119.00 gross) unless told otherwise."""
    with clock.at(on or clock.today()):
        return posted_invoice(*lines, **order)
