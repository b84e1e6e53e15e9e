"""One file imported, one line applied by many at once: once. Without locks and keys, more often."""

from functools import partial

import pytest

from o2c.core.actors import SYSTEM
from receivables.models import Payment
from reconciliation.commands import apply_match, import_statement
from reconciliation.models import BankLine
from tests.concurrency.race import constraint_off, locks_off, lost, race, won
from tests.given.reconciliation import (
    bank_account,
    entry,
    file_of,
    matched,
    owed,
    statement_record,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_file_imported_by_four_at_once_is_here_once():
    data = file_of(statement_record(entry(5, "a"), entry(6, "b")))
    take = partial(import_statement, bank_account().code, "s.xml", data, actor=SYSTEM)

    race(take, take, take, take)

    assert BankLine.objects.count() == 2


def test_without_the_keys_one_file_is_here_more_than_once():
    data = file_of(statement_record(entry(5, "a"), entry(6, "b")))
    take = partial(import_statement, bank_account().code, "s.xml", data, actor=SYSTEM)

    with (
        constraint_off("reconciliation_bankline", "reconciliation_bankline_once"),
        constraint_off("reconciliation_bankstatement", "reconciliation_bankstatement_file_once"),
    ):
        for _attempt in range(10):
            race(take, take, take, take)
            if BankLine.objects.count() > 2:
                break
        doubled = BankLine.objects.count()
        BankLine.objects.all().delete()

    assert doubled > 2


def test_one_match_is_applied_once_by_four_at_once():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))

    outcomes = race(*[partial(apply_match, match.pk, actor=SYSTEM)] * 4)

    assert (len(won(outcomes)), len(lost(outcomes))) == (1, 3)
    assert Payment.objects.count() == 1


def test_without_locks_one_line_feeds_several_payments():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))

    with (
        constraint_off("receivables_payment", "receivables_payment_bank_line_once"),
        constraint_off("reconciliation_bankline", "reconciliation_bankline_payment_id_key"),
        locks_off(),
    ):
        race(*[partial(apply_match, match.pk, actor=SYSTEM)] * 4)
        payments = Payment.objects.count()
        BankLine.objects.update(payment=None)

    assert payments > 1
