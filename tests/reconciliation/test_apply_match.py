"""A match becomes a payment that settles what it names."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.queries import balance
from reconciliation.commands import apply_match, apply_matches
from reconciliation.queries import in_words
from tests.given import receivables as given
from tests.given.reconciliation import entry, matched, owed, paid
from tests.given.story import state_of

pytestmark = pytest.mark.django_db


def test_one_to_one_settles_the_invoice_and_reconciles_the_order(books_agree):
    invoice = owed()

    match = paid(invoice)

    assert match.state == "applied"
    assert invoice.open_items.get().open_amount == 0
    assert state_of(invoice.order) == "reconciled"
    assert balance("AR") == 0
    books_agree()


def test_one_payment_settles_many():
    first = owed()
    second = owed(customer=first.customer)
    total = first.gross + second.gross
    (match,) = matched(entry(total, f"{first.number} and {second.number}"))

    apply_match(match.pk, actor=SYSTEM)

    assert [state_of(first.order), state_of(second.order)] == ["reconciled", "reconciled"]


def test_a_part_payment_leaves_the_rest_open(books_agree):
    invoice = owed()

    paid(invoice, "100.00")

    assert invoice.open_items.get().open_amount == invoice.gross - 100
    assert state_of(invoice.order) == "invoiced"
    books_agree()


def test_an_overpayment_stays_on_the_payers_account():
    invoice = owed()

    match = paid(invoice, invoice.gross + 10)

    payment = match.bank_line.payment
    assert payment.unapplied == Decimal(10)
    assert balance("UNAPPLIED_CASH", customer_id=invoice.payer_id) == Decimal(-10)
    assert state_of(invoice.order) == "reconciled"


def test_a_line_is_applied_once():
    invoice = owed()
    match = paid(invoice)

    with pytest.raises(RuleViolation, match="settled already"):
        apply_match(match.pk, actor=SYSTEM)


def test_nobody_is_no_payer():
    (match,) = matched(entry("5.00"))

    with pytest.raises(TransitionRefused, match="names nobody"):
        apply_match(match.pk, actor=SYSTEM)


def test_a_statement_that_does_not_add_up_is_not_posted_from():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number), opening=100, closing=1)

    with pytest.raises(RuleViolation, match="cannot be posted from"):
        apply_match(match.pk, actor=SYSTEM)


def test_sure_matches_are_applied_together_and_refusals_are_named(books_agree):
    first, second = owed(), owed()
    matches = matched(entry(first.gross, first.number), entry(second.gross, second.number))
    given.paid(second.open_items.get(), "119.00")  # by cheque, meanwhile

    applied, refused = apply_matches(matches[0].bank_line.statement_id, ["exact"], actor=SYSTEM)

    assert applied == 1
    assert [match for match, _why in refused] == [matches[1]]
    books_agree()


def test_an_invoice_paid_twice_is_proposed_once_and_the_rest_on_account(books_agree):
    invoice = owed()
    first, again = matched(*[entry(invoice.gross, invoice.number)] * 2)

    assert (first.tier, again.tier, again.payer) == ("exact", "possible", invoice.payer)
    assert (again.shares.count(), again.on_account) == (0, invoice.gross)
    assert in_words(again.evidence) == [
        f"{invoice.number} is proposed for another payment already.",
        "The money stays on account.",
    ]
    for match in (first, again):
        apply_match(match.pk, actor=SYSTEM)
    assert again.payer_id == invoice.payer_id
    books_agree()


def test_a_cash_clerk_has_all_rights_a_match_needs(cashier):
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))

    assert apply_match(match.pk, actor=cashier).state == "applied"


def test_one_of_many_that_was_paid_meanwhile_refuses_all(books_agree):
    first = owed()
    second = owed(customer=first.customer)
    total = first.gross + second.gross
    (match,) = matched(entry(total, f"{first.number} {second.number}"))
    given.paid(first.open_items.get(), "119.00")

    with pytest.raises(RuleViolation):
        apply_match(match.pk, actor=SYSTEM)

    assert second.open_items.get().open_amount == second.gross
    books_agree()


def test_the_event_names_the_line_and_how_sure_we_were():
    match = paid(owed())

    event = Event.objects.get(name="match.applied")
    assert event.facts == {"line": str(match.bank_line), "tier": "exact"}


def test_who_may_not_apply_leaves_the_line_open(clerk):
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))

    with pytest.raises(NotPermitted):
        apply_match(match.pk, actor=clerk)

    match.bank_line.refresh_from_db()
    assert not match.bank_line.is_settled


def test_the_same_form_sent_twice_applies_once():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))

    for _ in range(2):
        apply_match(match.pk, actor=SYSTEM, op_id="one form")

    assert balance("BANK") == invoice.gross
