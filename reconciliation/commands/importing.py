"""Taking a bank's file in: all or nothing, never twice, its balances checked."""

import hashlib

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.transitions import save_document
from reconciliation.adapters import StatementRecord, UnreadableStatement, read_statements
from reconciliation.commands.keeping import Neighbours, keep
from reconciliation.commands.outcome import StatementImport, StatementOutcome, outcome_of
from reconciliation.commands.ownership import Owned, faults, foreign, owned_by
from reconciliation.commands.placing import (
    Intake,
    Planned,
    numbers_of,
    problem_of,
    reason_of,
)
from reconciliation.models import BankStatement, StatementState


@command
def import_statement(
    account_code: str,
    file_name: str,
    data: bytes,
    *,
    dry_run: bool = False,
    reinstate: bool = False,
    actor: Actor,
) -> StatementImport:
    """Import every statement of a camt.053 or MT940 file into the account of ours it is about.

    `account_code` "" leaves it to the file; a code demands that the file is about that account.
    Statements of accounts we do not keep are named and left out. Else all or nothing: an
    unreadable entry or a foreign currency refuses the file. What is here already is known by
    number, days and balances (`rules.chain`), skipped and named, never doubled; a statement that
    the bank has corrected is replaced. One whose balances do not fit is imported with its problem
    in words and cannot be applied until somebody accepts it. With `reinstate` a statement that was
    replaced and adds up replaces its correction. With dry_run nothing is kept.
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
    if result.refused:
        return result
    intakes = _intakes(owned, file_name[:200], data, reinstate)
    for intake in intakes.values():
        intake.plan()
    try:
        near = Neighbours(intakes.values())
    except RuleViolation as error:
        result.refuse(error)
        return result
    numbers = numbers_of(intakes.values())
    plans = {pk: iter(intake.planned) for pk, intake in intakes.items()}
    for record, account in owned:
        if account is None:
            _leave_out(record, result)
            continue
        planned, intake = next(plans[account.pk]), intakes[account.pk]
        _tell(planned, intake, numbers, result)
        if not dry_run and not planned.placement.is_here:
            keep(planned, intake, near, numbers, actor=actor)
    return result


def _intakes(owned: Owned, file_name: str, data: bytes, reinstate: bool) -> dict[int, Intake]:
    """The statements of a file by the account they go into."""
    sha256 = hashlib.sha256(data).hexdigest()
    intakes: dict[int, Intake] = {}
    for record, account in owned:
        if account is not None:
            new = Intake(account, file_name, data, sha256, reinstate)
            intakes.setdefault(account.pk, new).records.append(record)
    return intakes


def _leave_out(record: StatementRecord, result: StatementImport) -> None:
    """Name a statement that is none of ours."""
    outcome = outcome_of(record, None)
    outcome.skipped, outcome.reason = outcome.lines, str(foreign(record, None))
    _count(outcome, result)


def _tell(
    planned: Planned, intake: Intake, numbers: dict[int, str], result: StatementImport
) -> None:
    """Say what becomes of a statement."""
    outcome = outcome_of(planned.record, intake.account)
    kept = planned.placement.kept
    outcome.kept, outcome.skipped = len(kept), outcome.lines - len(kept)
    outcome.reason = reason_of(planned, intake, numbers)
    if not planned.placement.is_here:
        problem = problem_of(planned, intake, numbers)
        outcome.problems = [*planned.record.notices, *([problem] if problem else [])]
    amounts = [planned.piece.entries[position].amount for position in kept]
    result.add_sums(("in", amount) for amount in amounts if amount > 0)
    result.add_sums(("out", -amount) for amount in amounts if amount < 0)
    if planned.placement.replaces is not None:
        outcome.replaces = numbers[planned.placement.replaces]
        result.notes.append(_("It replaces %(statement)s.") % {"statement": outcome.replaces})
    _count(outcome, result)


def _count(outcome: StatementOutcome, result: StatementImport) -> None:
    result.statements.append(outcome)
    result.rows += outcome.lines
    result.created += outcome.kept
    result.skipped += outcome.skipped
    result.notes += [*([outcome.reason] if outcome.reason else []), *outcome.problems]


@command
def accept_bank_statement(statement_id: int, *, reason: str, actor: Actor) -> BankStatement:
    """Allow posting from a statement whose balances do not fit, and say why that is right, once."""
    require(actor, "reconciliation.accept_bank_statement")
    if not reason.strip():
        raise RuleViolation(_("Say why its balances are right."), field="reason")
    statement = lock(BankStatement, statement_id)
    if statement.state == StatementState.REPLACED:
        raise RuleViolation(_("%(statement)s is replaced.") % {"statement": statement})
    if statement.accepted_reason:
        raise RuleViolation(_("%(statement)s is accepted already.") % {"statement": statement})
    if not statement.problem:
        raise RuleViolation(
            _("The balances of %(statement)s fit; there is nothing to accept.")
            % {"statement": statement}
        )
    statement.accepted_reason = reason.strip()
    return save_document(statement, actor=actor, event="accepted", reason=reason.strip())
