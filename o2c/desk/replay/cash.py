"""The customers pay by bank, the bank's statements are imported, matched and applied."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from o2c.core import clock
from o2c.core.actors import SystemActor
from o2c.desk.replay.bank import (
    ACCOUNT_CODE,
    Due,
    Manner,
    decide_payments,
    evening_of,
    write_statements,
)
from o2c.desk.replay.reader import CURRENCY
from o2c.desk.replay.report import Report
from o2c.masters.models import BankAccount
from receivables.models import ItemKind, OpenItem
from reconciliation.adapters.camt053_writer import write_camt053
from reconciliation.commands import apply_matches, import_statement, match_statement
from reconciliation.models import BankLine, BankStatement, Match
from reconciliation.queries import in_words, open_lines, statement_before

CASHIER = SystemActor("replay cash clerk")
#: What a clerk applies without a second look; the rest waits for a person.
SURE = ["exact", "strong"]


def collect_cash(
    account: BankAccount, seed: int, folder: Path, report: Report, tick: Callable[[str], None]
) -> None:
    """Let everybody pay what is open, then import, match and apply the statements week by week."""
    before = statement_before(account)
    opening = before.closing if before and before.closing is not None else Decimal("10000.00")
    transfers = decide_payments(_dues(), seed)
    for transfer in transfers:
        report.stage("paid by customers").add(1, transfer.amount)
        if transfer.manner != Manner.EXACT:
            report.stage("paid by customers").exceptions[str(transfer.manner)] += 1
    folder.mkdir(parents=True, exist_ok=True)
    for record in write_statements(transfers, opening, CURRENCY):
        assert record.closing_date is not None
        evening = evening_of(record.closing_date)
        name = f"{record.statement_id}.xml"
        data = write_camt053(record, evening)
        (folder / name).write_bytes(data)
        with clock.at(evening):
            _take_statement(name, data, report)
        tick(name)
    _note_unmatched(report)


def _dues() -> list[Due]:
    items = (
        OpenItem.objects.debts()
        .filter(kind=ItemKind.INVOICE, order__source_reference__startswith="replay:")
        .select_related("customer")
        .order_by("document_date", "pk")
    )
    return [
        Due(
            number=item.document_number,
            payer_code=item.customer.code,
            payer_name=item.customer.name,
            amount=item.open_amount,
            invoice_date=item.document_date,
            due_date=item.due_date,
        )
        for item in items
    ]


def _take_statement(name: str, data: bytes, report: Report) -> None:
    step = report.statements.step
    with step("import statement"):
        result = import_statement(ACCOUNT_CODE, name, data, actor=CASHIER)
    assert not result.refused, result.as_json()
    report.stage("bank lines").add(result.created, result.sums.get("in", Decimal(0)))
    statement = BankStatement.objects.filter(file_name=name).latest("pk")
    with step("match statement"):
        match_statement(statement.pk, actor=CASHIER)
    for match in Match.objects.filter(bank_line__statement=statement).select_related("bank_line"):
        report.stage("matched").add(1, match.bank_line.amount)
        report.stage("matched").exceptions[match.tier] += 1
    sure = Match.objects.filter(
        bank_line__statement=statement, state="proposed", tier__in=SURE
    ).count()
    with step("apply a statement"):
        applied, refused = apply_matches(statement.pk, SURE, actor=CASHIER)
    report.stage("applied").add(applied, _applied_sum(statement), documents=applied)
    for _match, reason in refused:
        report.stage("applied").exceptions[reason[:60]] += 1
    assert applied + len(refused) == sure


def _applied_sum(statement: BankStatement) -> Decimal:
    amounts = BankLine.objects.filter(statement=statement, payment__isnull=False)
    return sum(amounts.values_list("amount", flat=True), Decimal(0))


def _note_unmatched(report: Report) -> None:
    waiting = open_lines().filter(account__code=ACCOUNT_CODE).order_by("pk")
    evidence = {
        match.bank_line_id: " ".join(in_words(match.evidence)[-1:])
        for match in Match.objects.filter(bank_line__in=waiting, state="proposed")
    }
    for line in waiting:
        words = evidence.get(line.pk, "nobody has looked at it")
        report.unmatched.append((str(line), _without_figures(words)))


def _without_figures(sentence: str) -> str:
    """The reason without its amount and number, so that equal reasons are counted together."""
    return " ".join(
        "…" if any(char.isdigit() for char in word) else word for word in sentence.split()
    )
