"""Taking a bank's file in: all or nothing, never twice, its balances checked."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.attachments import store_file
from o2c.core.commands import command, lock
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.transitions import begin, save_document
from o2c.masters.models import BankAccount
from receivables.commands import note_bank_data
from reconciliation.adapters import (
    EntryRecord,
    StatementRecord,
    UnreadableStatement,
    read_statements,
)
from reconciliation.commands.outcome import StatementImport, outcome_of
from reconciliation.commands.ownership import faults, foreign, owned_by
from reconciliation.models import BankLine, BankStatement
from reconciliation.queries import statement_before


@command
def import_statement(
    account_code: str, file_name: str, data: bytes, *, dry_run: bool = False, actor: Actor
) -> StatementImport:
    """Import every statement of a camt.053 or MT940 file into the account of ours it is about.

    `account_code` "" leaves it to the file; a code demands that the file is about that account.
    Statements of accounts we do not keep are named and left out. Else all or nothing: an
    unreadable entry or a foreign currency refuses the file. What was imported before is skipped
    and listed, never doubled. A statement whose balances do not fit is imported with its problem
    in words and cannot be applied until somebody accepts it. With dry_run nothing is kept.
    """
    require(actor, "reconciliation.import_bank_statement")
    result = StatementImport(kind="statement", file_name=file_name, dry_run=dry_run)
    try:
        records = read_statements(data)
        owned = owned_by(records, account_code)
        refuse_if([f for record, account in owned if account for f in faults(record, account)])
    except UnreadableStatement as error:
        result.refuse(RuleViolation(str(error)))
    except RuleViolation as error:
        result.refuse(error)
    else:
        sha256 = hashlib.sha256(data).hexdigest()
        accounts = {account.pk: account for _record, account in owned if account}
        files = {
            account.pk: _File(account, file_name[:200], data, sha256, statement_before(account))
            for account in accounts.values()
        }
        for record, account in owned:
            if account is None:
                _leave_out(record, result)
            else:
                _take(record, files[account.pk], result, actor=actor)
    return result


@dataclass
class _File:
    """A file on its way in, and what its statements so far leave to the next: a dry run, which
    keeps none of them, sees the same chain and the same repetitions."""

    account: BankAccount
    name: str
    data: bytes
    sha256: str
    before: BankStatement | None = None
    keys: set[str] = field(default_factory=set)
    ids: Counter[str] = field(default_factory=Counter)

    def own_id(self, record: StatementRecord) -> str:
        """The bank's number of a statement; with a count where the file has it several times."""
        name = record.statement_id[:72]
        self.ids[name] += 1
        return name if self.ids[name] == 1 else f"{name} ({self.ids[name]})"

    def follow(self, statement: BankStatement) -> None:
        """The next statement continues from this one, when it is the later."""
        if statement.closing is None:
            return
        before = self.before
        if before is None or _closed_on(statement) >= _closed_on(before):
            self.before = statement


def _closed_on(statement: BankStatement) -> date:
    return statement.closing_date or date.max


def _leave_out(record: StatementRecord, result: StatementImport) -> None:
    """Name a statement that is none of ours."""
    outcome = outcome_of(record, None)
    outcome.skipped, outcome.reason = outcome.lines, str(foreign(record, None))
    result.statements.append(outcome)
    result.rows += outcome.lines
    result.skipped += outcome.skipped
    result.notes.append(outcome.reason)


def _take(record: StatementRecord, file: _File, result: StatementImport, *, actor: Actor) -> None:
    """Keep one statement: its head, and those of its lines that are not there yet."""
    outcome = outcome_of(record, file.account)
    result.statements.append(outcome)
    own_id = file.own_id(record)
    keyed = list(zip(_dedup_keys(record.entries), record.entries, strict=True))
    keys = {key for key, _entry in keyed}
    here = BankLine.objects.filter(account=file.account, dedup_key__in=keys)
    known = {*here.values_list("dedup_key", flat=True), *(keys & file.keys)}
    file.keys |= keys
    result.rows += len(keyed)
    outcome.skipped = len(known)
    outcome.reason = _("Already here.") if known else ""
    result.skipped += len(known)
    result.notes += [
        _("Entry %(nr)s of %(date)s over %(amount)s is already here.")
        % {"nr": number, "date": entry.entry_date, "amount": entry.amount}
        for number, (key, entry) in enumerate(keyed, 1)
        if key in known
    ]
    new = [(nr, key, entry) for nr, (key, entry) in enumerate(keyed, 1) if key not in known]
    if not new and (record.entries or _is_here(own_id, record, file.account)):
        return
    outcome.kept = len(new)
    result.created += len(new)
    amounts = [entry.amount for _nr, _key, entry in new]
    result.add_sums(("in", amount) for amount in amounts if amount > 0)
    result.add_sums(("out", -amount) for amount in amounts if amount < 0)
    problem = _problem(record, file.before)
    outcome.problems = [*record.notices, *([problem] if problem else [])]
    result.notes += outcome.problems
    statement = BankStatement(
        account=file.account,
        statement_id=own_id,
        sequence=record.sequence[:40],
        currency=file.account.currency,
        opening=record.opening,
        closing=record.closing,
        opening_date=record.opening_date,
        closing_date=record.closing_date,
        line_count=len(new),
        problem=problem,
        notices=[*record.notices, *_pending_notices(record)],
        file_sha256=file.sha256,
        file_name=file.name,
    )
    file.follow(statement)
    if not result.dry_run:
        _keep(statement, new, file, skipped=len(keyed) - len(new), actor=actor)


def _keep(
    statement: BankStatement,
    new: Sequence[tuple[int, str, EntryRecord]],
    file: _File,
    *,
    skipped: int,
    actor: Actor,
) -> None:
    """Store a statement with its new lines and its file, and note how far the bank is known."""
    begin(
        statement,
        actor=actor,
        event="imported",
        lines=len(new),
        skipped=skipped,
        file=file.name,
    )
    BankLine.objects.bulk_create(_line(statement, nr, key, entry) for nr, key, entry in new)
    store_file(
        statement, file.data, name=file.name, content_type="application/octet-stream",
        purpose="statement_file", actor=actor,
    )  # fmt: skip
    if statement.closing_date is not None:
        note_bank_data(file.account.pk, through_date=statement.closing_date, actor=actor)


def _is_here(own_id: str, record: StatementRecord, account: BankAccount) -> bool:
    """Whether an empty statement was imported before; it has no lines to know it by."""
    return BankStatement.objects.filter(
        account=account, statement_id=own_id, closing_date=record.closing_date
    ).exists()


def _dedup_keys(entries: Iterable[EntryRecord]) -> list[str]:
    """A digest of all the bank said about each entry, with an index for truly equal ones."""
    seen: Counter[str] = Counter()
    keys = []
    for entry in entries:
        said = "\x1f".join(
            [
                *(str(entry.entry_date), str(entry.value_date), f"{entry.amount:f}"),
                *(entry.currency, entry.text, entry.counterparty_name, entry.counterparty_iban),
                *(entry.end_to_end_id, entry.bank_reference, str(entry.is_reversal)),
                *entry.references,
            ]
        )
        digest = hashlib.sha256(f"{said}\x1f{seen[said]}".encode()).hexdigest()
        seen[said] += 1
        keys.append(digest)
    return keys


def _problem(record: StatementRecord, before: BankStatement | None) -> str:
    """Why the statement cannot be trusted yet, in words; empty when it can."""
    if record.opening is None or record.closing is None:
        return _("The bank gave no opening or closing balance.")
    if not record.balances:
        return _(
            "Opening %(opening)s and entries of %(total)s do not make closing %(closing)s."
        ) % {
            "opening": record.opening,
            "total": record.total,
            "closing": record.closing,
        }
    if before is not None and before.closing != record.opening:
        return _("Opening %(opening)s is not the closing %(closing)s of %(before)s.") % {
            "opening": record.opening,
            "closing": before.closing,
            "before": before.number or before.statement_id,
        }
    return ""


def _pending_notices(record: StatementRecord) -> list[str]:
    return [
        _("Pending, not booked: %(date)s %(amount)s %(text)s")
        % {"date": entry.value_date, "amount": entry.amount, "text": entry.text[:60]}
        for entry in record.pending
    ]


def _line(statement: BankStatement, number: int, key: str, entry: EntryRecord) -> BankLine:
    return BankLine(
        statement=statement,
        account_id=statement.account_id,
        line_number=number,
        entry_date=entry.entry_date,
        value_date=entry.value_date,
        amount=entry.amount,
        currency=entry.currency,
        text=entry.text,
        counterparty_name=entry.counterparty_name[:200],
        counterparty_iban=entry.counterparty_iban[:40],
        end_to_end_id=entry.end_to_end_id[:80],
        bank_reference=entry.bank_reference[:80],
        references=list(entry.references),
        details=[asdict(detail) for detail in entry.details] if len(entry.details) > 1 else [],
        is_reversal=entry.is_reversal,
        is_return=entry.is_return,
        return_reason=entry.return_reason[:35],
        return_text=entry.return_text[:300],
        dedup_key=key,
    )


@command
def accept_bank_statement(statement_id: int, *, reason: str, actor: Actor) -> BankStatement:
    """Allow posting from a statement whose balances do not fit, and say why that is right, once."""
    require(actor, "reconciliation.accept_bank_statement")
    if not reason.strip():
        raise RuleViolation(_("Say why its balances are right."), field="reason")
    statement = lock(BankStatement, statement_id)
    if statement.accepted_reason:
        raise RuleViolation(_("%(statement)s is accepted already.") % {"statement": statement})
    if not statement.problem:
        raise RuleViolation(
            _("The balances of %(statement)s fit; there is nothing to accept.")
            % {"statement": statement}
        )
    statement.accepted_reason = reason.strip()
    return save_document(statement, actor=actor, event="accepted", reason=reason.strip())
