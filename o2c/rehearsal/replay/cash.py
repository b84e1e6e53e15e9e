"""The customers pay by bank, the bank's statements are imported, matched and applied."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from django.db.models import F

from o2c.core import clock
from o2c.core.actors import SystemActor
from o2c.masters.models import BankAccount
from o2c.rehearsal.replay.bank import (
    ACCOUNT_CODE,
    Due,
    Manner,
    Transfer,
    bank_reference,
    decide_payments,
    evening_of,
    write_statements,
)
from o2c.rehearsal.replay.masters import Bar
from o2c.rehearsal.replay.reader import CURRENCY
from o2c.rehearsal.replay.report import Paid, Report, Waiting
from o2c.rehearsal.replay.resume import PREFIX
from receivables.models import ItemKind, OpenItem
from reconciliation.adapters import StatementRecord
from reconciliation.adapters.camt053_writer import write_camt053
from reconciliation.commands import apply_matches, import_statement, match_statement
from reconciliation.models import BankLine, BankStatement, Match, MatchState, MatchTier
from reconciliation.queries import in_words, open_lines

CASHIER = SystemActor("replay cash clerk")
OPENING = Decimal("10000.00")
#: What a clerk applies without a second look; the rest waits for a person.
SURE = [MatchTier.EXACT, MatchTier.STRONG]
WHY = {
    MatchTier.EXACT: "sure, but refused when it was applied",
    MatchTier.STRONG: "sure, but refused when it was applied",
    MatchTier.POSSIBLE: "only weak evidence: a clerk decides",
    MatchTier.NONE: "nothing open fits: a clerk asks the payer",
    "": "looked at by nobody",
}


def collect_cash(account: BankAccount, seed: int, folder: Path, report: Report, bar: Bar) -> None:
    """Let everybody pay, then import, match and apply the bank's statements week by week.

    The same invoices and seed give the same statements, so a second run finds them here and
    only does what is left of them.
    """
    dues = _dues()
    transfers = decide_payments(dues, seed)
    records = write_statements(transfers, OPENING, CURRENCY)
    folder.mkdir(parents=True, exist_ok=True)
    tick = bar(len(records))
    for record in records:
        assert record.closing_date is not None
        with clock.at(evening_of(record.closing_date)):
            _take_statement(account, record, folder, report)
        tick(record.statement_id)
    _note_payers(account, dues, transfers, report)
    _note_unmatched(account, report)


def _dues() -> list[Due]:
    """Every replayed invoice, less what was credited of it before it was paid."""
    items = (
        OpenItem.objects.filter(kind=ItemKind.INVOICE, order__source_reference__startswith=PREFIX)
        .annotate(owed=F("original") - F("invoice__credited"))
        .filter(owed__gt=0)
        .select_related("customer")
        .order_by("document_date", "pk")
    )
    return [
        Due(
            number=item.document_number,
            payer_code=item.customer.code,
            payer_name=item.customer.name,
            amount=item.owed,
            invoice_date=item.document_date,
            due_date=item.due_date,
        )
        for item in items
    ]


def _take_statement(
    account: BankAccount, record: StatementRecord, folder: Path, report: Report
) -> None:
    step = report.statements.step
    statements = BankStatement.objects.filter(account=account, statement_id=record.statement_id)
    if not statements.exists():
        name, data = f"{record.statement_id}.xml", write_camt053(record, clock.now())
        (folder / name).write_bytes(data)
        with step("import statement"):
            result = import_statement(ACCOUNT_CODE, name, data, actor=CASHIER)
        assert not result.refused, result.as_json()
        report.stage("bank lines").add(result.created, result.sums.get("in", Decimal(0)))
    else:
        report.stage("bank lines").exceptions["statements already here"] += 1
    statement = statements.get()
    with step("match statement"):
        match_statement(statement.pk, actor=CASHIER)
    proposed = list(
        Match.objects.filter(bank_line__statement=statement, state=MatchState.PROPOSED)
        .select_related("bank_line")
        .order_by("pk")
    )
    for match in proposed:
        report.stage("matched").add(1, match.bank_line.amount)
        report.stage("matched").exceptions[match.tier] += 1
    before = _applied(statement)
    with step("apply a bank line", times=sum(match.tier in SURE for match in proposed)):
        applied, refused = apply_matches(statement.pk, SURE, actor=CASHIER)
    report.stage("applied").add(applied, _applied(statement) - before, documents=applied)
    for _match, reason in refused:
        report.stage("applied").exceptions[reason[:60]] += 1


def _applied(statement: BankStatement) -> Decimal:
    amounts = BankLine.objects.filter(statement=statement, payment__isnull=False)
    return sum(amounts.values_list("amount", flat=True), Decimal(0))


def _note_payers(
    account: BankAccount, dues: Sequence[Due], transfers: Sequence[Transfer], report: Report
) -> None:
    """How many customers paid in which manner, and how much of it the product understood."""
    applied = set(
        BankLine.objects.filter(account=account, payment__isnull=False).values_list(
            "bank_reference", flat=True
        )
    )
    for manner in Manner:
        report.paid(manner)
    for number, transfer in enumerate(transfers, 1):
        report.paid(transfer.manner).add(
            invoices=len(transfer.dues),
            owed=_sum(transfer.dues),
            amount=transfer.amount,
            applied=bank_reference(number) in applied,
        )
    answered = {due.number for transfer in transfers for due in transfer.dues}
    silent = [due for due in dues if due.number not in answered]
    report.payers[Manner.NEVER] = Paid(invoices=len(silent), owed=_sum(silent))


def _sum(dues: Iterable[Due]) -> Decimal:
    return sum((due.amount for due in dues), Decimal(0))


def _note_unmatched(account: BankAccount, report: Report) -> None:
    """Each line nobody has explained, with what the product makes of it."""
    waiting = open_lines().filter(account=account).order_by("pk")
    proposed = Match.objects.filter(bank_line__in=waiting, state=MatchState.PROPOSED)
    matches = {match.bank_line_id: match for match in proposed}
    for line in waiting:
        match = matches.get(line.pk)
        words = " ".join(in_words(match.evidence)) if match else ""
        report.waiting.append(
            Waiting(WHY[match.tier if match else ""], line.amount, f"{line}: {words}".rstrip(": "))
        )
