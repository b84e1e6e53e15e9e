"""A payment reversed by itself opens its bank line again."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from receivables.commands import reverse_payment
from receivables.models import Payment
from reconciliation.commands import (
    apply_match,
    free_bank_line,
    match_statement,
    reconcile_bank_statement,
)
from reconciliation.models import PayerAlias
from tests.given import receivables as given
from tests.given.reconciliation import entry, matched, owed, paid
from tests.given.story import state_of

pytestmark = pytest.mark.django_db


def test_a_payment_reversed_by_itself_frees_its_bank_line(books_agree):
    """V48: the line stays, with all of it open."""
    invoice = owed()
    match = paid(invoice)
    line = match.bank_line

    reverse_payment(line.payment_id, reason="bounced", actor=SYSTEM)

    line.refresh_from_db()
    match.refresh_from_db()
    assert (line.payment_id, match.state) == (None, "undone")
    assert state_of(invoice.order) == "invoiced"
    books_agree()
    (again,) = match_statement(line.statement_id, actor=SYSTEM)
    assert apply_match(again.pk, actor=SYSTEM).state == "applied"


def test_a_payment_of_a_signed_off_statement_is_not_reversed(controller, books_agree):
    match = paid(owed())
    payment_id = match.bank_line.payment_id
    reconcile_bank_statement(match.bank_line.statement_id, actor=controller)

    with pytest.raises(RuleViolation, match="is reconciled"):
        reverse_payment(payment_id, reason="late", actor=SYSTEM)

    assert Payment.objects.get(pk=payment_id).state == "received"
    books_agree()


def test_the_undone_match_says_that_nobody_undid_it_by_hand(cashier):
    match = paid(owed())

    reverse_payment(match.bank_line.payment_id, reason="bounced", actor=cashier)

    match.refresh_from_db()
    assert match.undone_reason == "Its payment was reversed."
    event = Event.objects.get(name="match.undone")
    assert (event.actor, event.facts) == ("system", {"reason": "Its payment was reversed."})


def test_what_the_match_taught_is_forgotten():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number, counterparty_iban="DE77"))
    apply_match(match.pk, actor=SYSTEM)
    match.bank_line.refresh_from_db()
    assert PayerAlias.objects.get().iban == "DE77"

    reverse_payment(match.bank_line.payment_id, reason="bounced", actor=SYSTEM)

    assert not PayerAlias.objects.exists()


def test_a_freed_line_is_not_freed_again():
    match = paid(owed())
    payment_id = match.bank_line.payment_id
    reverse_payment(payment_id, reason="bounced", actor=SYSTEM)

    free_bank_line(payment_id, actor=SYSTEM)

    assert Event.objects.filter(name="match.undone").count() == 1


def test_money_that_came_without_a_statement_frees_nothing():
    applied = paid(owed())
    payment = given.payment("5.00", customer=applied.payer)

    reverse_payment(payment.pk, reason="mistake", actor=SYSTEM)

    applied.refresh_from_db()
    assert applied.state == "applied"
