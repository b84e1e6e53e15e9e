"""One file imported, one line applied by many at once: once. Without locks and keys, more often."""

from functools import partial

import pytest
from django.db import IntegrityError

from o2c.core.actors import SYSTEM
from receivables.models import Payment
from reconciliation.commands import apply_match, choose_match, import_statement
from reconciliation.models import BankLine
from tests.concurrency.race import constraint_off, locks_off, lost, race, won
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
        constraint_off("reconciliation_bankline", "reconciliation_bankline_once"),
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

    assert (len(won(outcomes)), len(lost(outcomes))) == (1, 3)
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
