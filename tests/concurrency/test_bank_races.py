"""One file imported, one line applied by many at once: once. Without locks and keys, more often."""

from functools import partial

import pytest
from django.db import IntegrityError

from o2c.core.actors import SYSTEM
from o2c.core.errors import Busy, RuleViolation
from o2c.core.verify import run_all
from receivables.models import Payment
from reconciliation.commands import (
    apply_match,
    apply_together,
    choose_match,
    import_statement,
    match_statement,
    reconcile_bank_statement,
    undo_match,
)
from reconciliation.models import BankLine, Match
from tests.concurrency.race import constraint_off, locks_off, lost, race
from tests.factories.masters import CustomerFactory
from tests.given.ledger import chart
from tests.given.reconciliation import (
    bank_account,
    entry,
    file_of,
    imported,
    line_of,
    matched,
    owed,
    paid,
    statement_record,
)

pytestmark = pytest.mark.django_db(transaction=True)


def four_imports_of_one_file():
    data = file_of(statement_record(entry(5, "a"), entry(6, "b")))
    return [partial(import_statement, bank_account().code, "s.xml", data, actor=SYSTEM)] * 4


def test_one_file_imported_by_four_at_once_is_here_once_and_the_others_are_told():
    outcomes = race(*four_imports_of_one_file())

    assert lost(outcomes) == []
    assert sorted(result.created for result in outcomes) == [0, 0, 0, 2]
    assert sorted(result.skipped for result in outcomes) == [0, 2, 2, 2]
    assert BankLine.objects.count() == 2


def test_without_the_lock_the_others_crash_into_the_referee():
    contenders = four_imports_of_one_file()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError] * 3
    assert BankLine.objects.count() == 2


def test_without_lock_and_keys_one_file_is_here_more_than_once():
    contenders = four_imports_of_one_file()

    with (
        constraint_off("reconciliation_bankstatement", "reconciliation_bankstatement_once"),
        constraint_off("reconciliation_bankstatement", "reconciliation_bankstatement_file_once"),
        locks_off(),
    ):
        race(*contenders)
        lines = BankLine.objects.count()

    assert lines == 8


def test_one_match_is_applied_once_by_four_at_once():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))

    outcomes = race(*[partial(apply_match, match.pk, actor=SYSTEM)] * 4)

    refusals = lost(outcomes)
    assert [type(refusal) for refusal in refusals] == [RuleViolation] * 3
    assert all(str(refusal).startswith(str(match.bank_line)) for refusal in refusals)
    assert all(str(refusal).endswith("match first.") for refusal in refusals)
    assert Payment.objects.count() == 1


def advance_applied_by_four():
    """Money on account: no open item is there to say that it was paid already."""
    chart()
    line = line_of(imported(entry(500, "advance")))
    match = choose_match(line.pk, payer_id=CustomerFactory().pk, actor=SYSTEM)
    return [partial(apply_match, match.pk, actor=SYSTEM)] * 4


def test_without_locks_the_second_payment_of_a_line_crashes_into_the_referee():
    contenders = advance_applied_by_four()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError] * 3
    assert Payment.objects.count() == 1


def test_without_locks_and_referee_one_line_feeds_several_payments():
    contenders = advance_applied_by_four()

    with constraint_off("receivables_payment", "receivables_payment_bank_line_once"), locks_off():
        race(*contenders)
        payments = Payment.objects.count()

    assert payments == 4


def sign_off_while_a_match_is_undone():
    match = paid(owed())
    statement = match.bank_line.statement
    return [
        partial(reconcile_bank_statement, statement.pk, actor=SYSTEM),
        partial(undo_match, match.pk, reason="wrong invoice", actor=SYSTEM),
    ]


def signed_off_means_explained():
    return run_all(only=["H3"])[0].holds


def test_a_statement_is_signed_off_or_its_match_undone_never_both():
    outcomes = race(*sign_off_while_a_match_is_undone())

    (refusal,) = lost(outcomes)
    assert isinstance(refusal, RuleViolation)
    assert signed_off_means_explained()


def test_without_locks_a_line_of_a_signed_off_statement_is_opened():
    contenders = sign_off_while_a_match_is_undone()

    with locks_off():
        outcomes = race(*contenders)

    assert lost(outcomes) == []
    assert not signed_off_means_explained()


def looked_at_by_four():
    chart()
    statement = imported(entry(5, "a"), entry(6, "b"))
    return [partial(match_statement, statement.pk, actor=SYSTEM)] * 4


def test_a_statement_looked_at_by_four_at_once_has_one_proposal_a_line():
    outcomes = race(*looked_at_by_four())

    assert lost(outcomes) == []
    assert sorted(len(matches) for matches in outcomes) == [0, 0, 0, 2]


def test_without_locks_the_second_look_crashes_into_the_referee():
    contenders = looked_at_by_four()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError] * 3


def chosen_by_four():
    chart()
    line = line_of(imported(entry(500, "advance")))
    return [partial(choose_match, line.pk, payer_id=CustomerFactory().pk, actor=SYSTEM)] * 4


def test_a_line_chosen_for_by_four_at_once_has_one_match_and_the_others_are_told():
    outcomes = race(*chosen_by_four())

    assert all(isinstance(error, Busy) for error in lost(outcomes))
    assert Match.objects.filter(state="proposed").count() == 1


def test_without_locks_the_second_choice_crashes_into_the_referee():
    contenders = chosen_by_four()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError] * 3


def sets_of_two_advances():
    """The same two matches as a set by four at once, from both ends."""
    chart()
    statement = imported(entry(500, "advance"), entry(300, "advance"))
    keys = [
        choose_match(line.pk, payer_id=CustomerFactory().pk, actor=SYSTEM).pk
        for line in statement.lines.order_by("pk")
    ]
    return [partial(apply_together, some, actor=SYSTEM) for some in (keys, keys[::-1]) * 2]


def test_a_set_of_matches_is_applied_once_by_four_at_once():
    outcomes = race(*sets_of_two_advances())

    refusals = lost(outcomes)
    assert [type(refusal) for refusal in refusals] == [RuleViolation] * 3
    assert all(str(refusal).endswith("match first.") for refusal in refusals)
    assert Payment.objects.count() == 2


def test_without_locks_the_second_set_crashes_into_the_referee():
    contenders = sets_of_two_advances()

    with locks_off():
        outcomes = race(*contenders)

    assert [type(error) for error in lost(outcomes)] == [IntegrityError] * 3
    assert Payment.objects.count() == 2
