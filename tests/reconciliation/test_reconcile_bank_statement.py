"""A statement is signed off when every line of it is explained."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.models import Event
from reconciliation.commands import (
    accept_bank_statement,
    ignore_bank_line,
    reconcile_bank_statement,
)
from tests.given.reconciliation import entry, imported, line_of, owed, paid

pytestmark = pytest.mark.django_db


def ignored(*entries, **more):
    """A statement whose first line is set aside."""
    statement = imported(*entries, **more)
    ignore_bank_line(line_of(statement).pk, reason="fee", actor=SYSTEM)
    return statement


def test_what_is_paid_and_what_is_ignored_is_explained(controller):
    for statement in (paid(owed()).bank_line.statement, ignored(entry("-9.90", "fee"))):
        signed = reconcile_bank_statement(statement.pk, actor=controller)

        statement.refresh_from_db()
        assert statement.state == "reconciled"
        event = Event.objects.get(name="bank_statement.reconciled", document_id=signed.pk)
        assert (event.actor, event.old_state) == ("corinna", "imported")


def test_one_open_line_is_enough_to_wait():
    statement = ignored(entry("-9.90", "fee"), entry("5.00", "who knows"))

    with pytest.raises(TransitionRefused, match="still open"):
        reconcile_bank_statement(statement.pk, actor=SYSTEM)


def test_balances_that_do_not_fit_are_accepted_first():
    statement = ignored(entry("-9.90", "fee"), opening=100, closing=1)
    with pytest.raises(TransitionRefused, match="balances do not fit"):
        reconcile_bank_statement(statement.pk, actor=SYSTEM)

    accept_bank_statement(statement.pk, reason="seen", actor=SYSTEM)

    assert reconcile_bank_statement(statement.pk, actor=SYSTEM).state == "reconciled"


def test_a_statement_is_signed_off_once():
    statement = ignored(entry("-9.90", "fee"))
    reconcile_bank_statement(statement.pk, actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is Reconciled"):
        reconcile_bank_statement(statement.pk, actor=SYSTEM)


def test_who_applies_does_not_sign_off(cashier):
    statement = ignored(entry("-9.90", "fee"))

    with pytest.raises(NotPermitted):
        reconcile_bank_statement(statement.pk, actor=cashier)

    statement.refresh_from_db()
    assert statement.state == "imported"
