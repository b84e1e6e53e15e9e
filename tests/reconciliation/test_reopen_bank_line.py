"""A line that was set aside comes back into the queue."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from reconciliation.commands import (
    ignore_bank_line,
    match_statement,
    reconcile_bank_statement,
    reopen_bank_line,
)
from tests.given.reconciliation import entry, imported, line_of, owed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ignored():
    """A line of money in that somebody has set aside."""
    invoice = owed()
    line = line_of(imported(entry(invoice.gross, invoice.number)))
    return ignore_bank_line(line.pk, reason="not ours", actor=SYSTEM)


def test_it_is_open_and_looked_at_again(ignored, cashier):
    assert match_statement(ignored.statement_id, actor=SYSTEM) == []

    line = reopen_bank_line(ignored.pk, actor=cashier)

    assert not line.is_settled
    assert (line.ignored_reason, line.ignored_by) == ("", "")
    (match,) = match_statement(ignored.statement_id, actor=SYSTEM)
    assert (match.bank_line_id, match.tier) == (ignored.pk, "exact")


def test_what_was_not_set_aside_does_not_come_back(ignored):
    reopen_bank_line(ignored.pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="is not ignored"):
        reopen_bank_line(ignored.pk, actor=SYSTEM)


def test_a_signed_off_statement_stays_explained(ignored):
    reconcile_bank_statement(ignored.statement_id, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="is reconciled"):
        reopen_bank_line(ignored.pk, actor=SYSTEM)


def test_who_may_not_set_aside_may_not_take_back(ignored, controller):
    with pytest.raises(NotPermitted):
        reopen_bank_line(ignored.pk, actor=controller)

    ignored.refresh_from_db()
    assert ignored.is_settled
