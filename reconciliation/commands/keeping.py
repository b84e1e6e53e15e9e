"""Storing planned statements: their lines, their links, and what they replace."""

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from o2c.core.actors import SYSTEM, Actor
from o2c.core.attachments import store_file
from o2c.core.bulk import insert_rows, update_rows
from o2c.core.commands import lock_where
from o2c.core.errors import RuleViolation
from o2c.core.transitions import begin, save_document, transition
from receivables.commands import note_bank_data
from reconciliation.adapters import EntryRecord
from reconciliation.commands.placing import (
    Intake,
    Planned,
    does_not_add_up,
    gap_before,
    problem_of,
    reason_of,
)
from reconciliation.models import BankLine, BankStatement, Match, MatchState, StatementState


class Neighbours:
    """The statements on record that a file touches, locked: those it replaces with their lines
    and proposals, those it joins to the chain, and those that it cuts off."""

    def __init__(self, intakes: Iterable[Intake]) -> None:
        """Raises RuleViolation when lines of what is replaced or cut off are applied already."""
        plans = [planned.placement for intake in intakes for planned in intake.planned]
        replaced = sorted({p.replaces for p in plans if p.replaces is not None})
        cut_off = {other for p in plans for other in p.cut_off if other > 0}
        joined = {o for p in plans for o in (p.followed_by, p.heals) if o is not None and o > 0}
        self.proposals: list[Match] = []
        self.statements: dict[int, BankStatement] = {}
        self.lines: list[BankLine] = []
        if replaced:
            self.proposals = lock_where(
                Match, bank_line__statement_id__in=replaced, state=MatchState.PROPOSED
            )
        touched = sorted({*replaced, *cut_off, *joined})
        if touched:
            statements = lock_where(BankStatement, pk__in=touched)
            self.statements = {statement.pk: statement for statement in statements}
        if replaced:
            self.lines = lock_where(BankLine, statement_id__in=sorted({*replaced, *cut_off}))
        for statement_id in sorted({*replaced, *cut_off}):
            self._refuse_used(self.statements[statement_id])

    def _refuse_used(self, statement: BankStatement) -> None:
        lines = [line for line in self.lines if line.statement_id == statement.pk]
        applied = sum(line.is_settled and not line.ignored_reason for line in lines)
        if applied:
            raise RuleViolation(
                _(
                    "The bank has corrected %(statement)s, but %(count)s of its lines are applied. "
                    "Undo their matches first, then import the file again."
                )
                % {"statement": statement, "count": applied}
            )
        if statement.state == StatementState.RECONCILED:
            raise RuleViolation(
                _("The bank has corrected %(statement)s, but it is reconciled and stays.")
                % {"statement": statement}
            )


def keep(planned: Planned, intake: Intake, near: Neighbours, numbers: dict[int, str], *,
         actor: Actor) -> None:  # fmt: skip
    """Store a planned statement with its new lines and its file, and link it to its chain."""
    placement, record = planned.placement, planned.record
    fitting = [o for o in (placement.followed_by, *placement.cut_off) if o is not None]
    if placement.replaces is not None:
        fitting.append(placement.replaces)
    loose = [near.statements[_row(other, intake)] for other in fitting]
    for neighbour in loose:
        neighbour.follows = None
    update_rows(loose, ["follows"])
    skipped = len(record.entries) - len(placement.kept)
    notes = [reason_of(planned, intake, numbers)] if skipped else []
    statement = BankStatement(
        account=intake.account,
        statement_id=planned.piece.name,
        sequence=planned.piece.sequence,
        currency=intake.account.currency,
        opening=placement.opening,
        closing=record.closing,
        opening_date=record.opening_date,
        closing_date=record.closing_date,
        line_count=len(placement.kept),
        follows_id=None if placement.follows is None else _row(placement.follows, intake),
        problem=problem_of(planned, intake, numbers),
        notices=[*record.notices, *notes, *_pending_notices(planned)],
        content_digest=intake.digest(planned),
        file_sha256=intake.sha256,
        file_name=intake.file_name,
    )
    begin(
        statement, actor=actor, event="imported", lines=len(placement.kept), skipped=skipped,
        file=intake.file_name,
    )  # fmt: skip
    numbers[planned.id] = str(statement)
    planned.id, near.statements[statement.pk] = statement.pk, statement
    insert_rows(
        _line(statement, at + 1, planned.piece.entries[at].key, record.entries[at])
        for at in placement.kept
    )
    store_file(
        statement, intake.data, name=intake.file_name, content_type="application/octet-stream",
        purpose="statement_file", actor=actor,
    )  # fmt: skip
    if statement.closing_date is not None:
        note_bank_data(intake.account.pk, through_date=statement.closing_date, actor=actor)
    _join(planned, statement, intake, near, actor=actor)


def _row(statement_id: int, intake: Intake) -> int:
    """The row of a statement on record, or of one that this file has brought before."""
    return statement_id if statement_id > 0 else intake.planned[-statement_id - 1].id


def _join(
    planned: Planned, statement: BankStatement, intake: Intake, near: Neighbours, *, actor: Actor
) -> None:
    """Tell the neighbours: what fits now, what is replaced, what is cut off."""
    placement = planned.placement
    if placement.followed_by is not None:
        later = near.statements[_row(placement.followed_by, intake)]
        later.follows, later.problem = statement, _sum_problem(later)
        save_document(later, actor=actor, event="joined", beside=str(statement))
    if placement.heals is not None:
        first = near.statements[_row(placement.heals, intake)]
        first.problem = _sum_problem(first)
        save_document(first, actor=actor, event="joined", beside=str(statement))
    for other in placement.cut_off:
        cut = near.statements[_row(other, intake)]
        cut.problem = _sum_problem(cut) or gap_before(
            cut.opening, statement.closing, statement, cut.currency
        )
        save_document(cut, actor=actor, event="cut_off", beside=str(statement))
    if placement.replaces is not None:
        _replace(near.statements[placement.replaces], statement, near, actor=actor)


def _sum_problem(statement: BankStatement) -> str:
    if statement.opening is None or statement.closing is None:
        return statement.problem
    total = statement.lines.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    if statement.opening + total == statement.closing:
        return ""
    return does_not_add_up(statement.opening, total, statement.closing, statement.currency)


def _replace(
    old: BankStatement, statement: BankStatement, near: Neighbours, *, actor: Actor
) -> None:
    """Keep the old statement on record, but none of its lines in anybody's queue."""
    reason = _("Replaced by %(statement)s.") % {"statement": statement}
    for match in near.proposals:
        if match.bank_line.statement_id == old.pk:
            transition(match, "dismiss", actor=SYSTEM, reason=reason)
    lines = [line for line in near.lines if line.statement_id == old.pk and not line.is_settled]
    for line in lines:
        line.ignored_reason, line.ignored_by = reason, actor.get_username()
    update_rows(lines, ["ignored_reason", "ignored_by"])
    old.replaced_by = statement
    transition(old, "replace", actor=SYSTEM, beside=str(statement), by=actor.get_username())


def _pending_notices(planned: Planned) -> list[str]:
    return [
        _("Pending, not booked: %(date)s %(amount)s %(text)s")
        % {"date": entry.value_date, "amount": entry.amount, "text": entry.text[:60]}
        for entry in planned.record.pending
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
