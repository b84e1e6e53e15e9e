"""A match is taken back to the cent, and its line is open again."""

import pytest
from django.db.models import Sum

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.models import Entry, Line
from o2c.ledger.queries import balance
from receivables.models import Allocation
from reconciliation.commands import (
    apply_match,
    match_statement,
    reconcile_bank_statement,
    undo_match,
)
from reconciliation.models import PayerAlias
from tests.factories.masters import CustomerFactory
from tests.given.reconciliation import entry, matched, owed, paid
from tests.given.story import state_of

pytestmark = pytest.mark.django_db


def misspelt(*lines, customer=None):
    """A match by a name that is almost the customer's, applied: it taught us the spelling."""
    customer = customer or CustomerFactory(name="Nordwind Handels GmbH")
    invoice = owed(*lines, customer=customer)
    (match,) = matched(entry(invoice.gross, "thanks", counterparty_name="NORDWND HANDELS"))
    return apply_match(match.pk, actor=SYSTEM)


def test_a_reason_is_asked_for():
    match = paid(owed())

    with pytest.raises(RuleViolation, match="Say why") as refused:
        undo_match(match.pk, reason=" ", actor=SYSTEM)

    assert refused.value.field == "reason"
    match.refresh_from_db()
    assert match.state == "applied"


def test_undo_mirrors_everything_and_the_line_is_open_again(books_agree):
    invoice = owed()
    match = paid(invoice)
    line = match.bank_line

    undo_match(match.pk, reason="wrong invoice", actor=SYSTEM)

    line.refresh_from_db()
    assert line.payment_id is None
    assert invoice.open_items.get().open_amount == invoice.gross
    assert state_of(invoice.order) == "invoiced"
    assert balance("BANK") == 0
    assert balance("AR", customer_id=invoice.payer_id) == invoice.gross
    books_agree()


def test_after_an_undo_the_line_can_be_applied_again(books_agree):
    invoice = owed()
    match = paid(invoice)
    undo_match(match.pk, reason="too early", actor=SYSTEM)

    (again,) = match_statement(match.bank_line.statement_id, actor=SYSTEM)
    apply_match(again.pk, actor=SYSTEM)

    assert state_of(invoice.order) == "reconciled"
    books_agree()


def booked():
    """Every posting of the ledger, added up by account, customer and currency."""
    sums = (
        Line.objects.values_list("account__code", "customer_id", "currency")
        .annotate(amount=Sum("amount"), base=Sum("base_amount"))
        .order_by("account__code", "customer_id", "currency")
    )
    return [row for row in sums if row[3] or row[4]]


@pytest.mark.parametrize("amount", ["119.00", "100.00", "150.00"])
def test_undo_is_an_exact_mirror_in_the_ledger(amount):
    """Whole, short and too much: every posting has its opposite, nothing is deleted."""
    invoice = owed()
    (match,) = matched(entry(amount, invoice.number))
    before, entries = booked(), Entry.objects.count()

    apply_match(match.pk, actor=SYSTEM)
    during, made = booked(), Entry.objects.count() - entries
    undo_match(match.pk, reason="wrong", actor=SYSTEM)

    assert during != before
    assert booked() == before
    assert Entry.objects.count() == entries + 2 * made
    assert invoice.open_items.get().open_amount == invoice.gross
    assert sum(a.amount + a.discount for a in Allocation.objects.all()) == 0


def test_what_an_undone_match_taught_is_forgotten():
    match = misspelt()
    assert PayerAlias.objects.exists()

    undo_match(match.pk, reason="wrong", actor=SYSTEM)

    assert not PayerAlias.objects.exists()


def test_what_another_match_taught_as_well_stays():
    first = misspelt()
    again = misspelt((3, "7.00"), customer=first.payer)
    assert PayerAlias.objects.get().times_used == 2

    undo_match(again.pk, reason="wrong", actor=SYSTEM)

    assert PayerAlias.objects.get().times_used == 1


def test_the_event_and_the_match_say_why():
    match = paid(owed())

    undone = undo_match(match.pk, reason="wrong invoice", actor=SYSTEM)

    assert (undone.state, undone.undone_reason) == ("undone", "wrong invoice")
    assert Event.objects.get(name="match.undone").facts == {"reason": "wrong invoice"}


def test_a_match_is_undone_once_and_only_after_it_was_applied():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))
    with pytest.raises(TransitionRefused, match="It is Proposed"):
        undo_match(match.pk, reason="x", actor=SYSTEM)
    apply_match(match.pk, actor=SYSTEM)
    undo_match(match.pk, reason="x", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is Undone"):
        undo_match(match.pk, reason="x", actor=SYSTEM)


def test_what_is_signed_off_stays_so(controller):
    match = paid(owed())
    reconcile_bank_statement(match.bank_line.statement_id, actor=controller)

    with pytest.raises(RuleViolation, match="is reconciled"):
        undo_match(match.pk, reason="late", actor=SYSTEM)


def test_who_signs_off_does_not_undo(controller):
    match = paid(owed())

    with pytest.raises(NotPermitted):
        undo_match(match.pk, reason="x", actor=controller)

    match.bank_line.refresh_from_db()
    assert match.bank_line.payment_id is not None


def test_a_cash_clerk_has_all_rights_an_undo_needs(cashier):
    assert undo_match(paid(owed()).pk, reason="wrong", actor=cashier).state == "undone"
