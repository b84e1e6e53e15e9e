"""A match becomes a payment that settles what it names, and can be taken back to the cent."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.verify import run_all
from o2c.ledger.models import Entry, Line
from o2c.ledger.queries import balance
from receivables.commands import reverse_payment
from receivables.models import Allocation, Payment
from reconciliation.commands import (
    accept_bank_statement,
    apply_match,
    apply_matches,
    heed_bank_line,
    ignore_bank_line,
    match_statement,
    reconcile_bank_statement,
    undo_match,
)
from reconciliation.models import BankStatement
from tests.given.reconciliation import entry, imported, line_of, matched, owed, paid

pytestmark = pytest.mark.django_db


def state_of(invoice):
    invoice.order.refresh_from_db()
    return invoice.order.state


def broken():
    return [finding.invariant.id for finding in run_all() if not finding.holds]


def test_one_to_one_settles_the_invoice_and_reconciles_the_order():
    invoice = owed()

    match = paid(invoice)

    assert match.state == "applied"
    assert invoice.open_items.get().open_amount == 0
    assert state_of(invoice) == "reconciled"
    assert balance("AR") == 0
    assert broken() == []


def test_one_payment_settles_many():
    first = owed()
    second = owed(customer=first.customer)
    total = first.gross + second.gross
    (match,) = matched(entry(total, f"{first.number} and {second.number}"))

    apply_match(match.pk, actor=SYSTEM)

    assert [state_of(first), state_of(second)] == ["reconciled", "reconciled"]


def test_a_part_payment_leaves_the_rest_open():
    invoice = owed()

    paid(invoice, "100.00")

    assert invoice.open_items.get().open_amount == invoice.gross - 100
    assert state_of(invoice) == "invoiced"
    assert broken() == []


def test_an_overpayment_stays_on_the_payers_account():
    invoice = owed()

    match = paid(invoice, invoice.gross + 10)

    payment = match.bank_line.payment
    assert payment.unapplied == Decimal(10)
    assert balance("UNAPPLIED_CASH", customer_id=invoice.payer_id) == Decimal(-10)
    assert state_of(invoice) == "reconciled"


def test_a_line_is_applied_once():
    invoice = owed()
    match = paid(invoice)

    with pytest.raises(RuleViolation, match="settled already"):
        apply_match(match.pk, actor=SYSTEM)


def test_nobody_is_no_payer():
    (match,) = matched(entry("5.00"))

    with pytest.raises(TransitionRefused, match="names nobody"):
        apply_match(match.pk, actor=SYSTEM)


def test_undo_mirrors_everything_and_the_line_is_open_again():
    invoice = owed()
    match = paid(invoice)
    line = match.bank_line

    undo_match(match.pk, reason="wrong invoice", actor=SYSTEM)

    line.refresh_from_db()
    assert line.payment_id is None
    assert invoice.open_items.get().open_amount == invoice.gross
    assert state_of(invoice) == "invoiced"
    assert balance("BANK") == 0
    assert balance("AR", customer_id=invoice.payer_id) == invoice.gross
    assert broken() == []


def test_after_an_undo_the_line_can_be_applied_again():
    invoice = owed()
    match = paid(invoice)
    undo_match(match.pk, reason="too early", actor=SYSTEM)

    (again,) = match_statement(match.bank_line.statement_id, actor=SYSTEM)
    apply_match(again.pk, actor=SYSTEM)

    assert state_of(invoice) == "reconciled"
    assert broken() == []


def test_a_statement_that_does_not_add_up_is_not_posted_from():
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number), opening=100, closing=1)

    with pytest.raises(RuleViolation, match="cannot be posted from"):
        apply_match(match.pk, actor=SYSTEM)

    accept_bank_statement(match.bank_line.statement_id, reason="seen", actor=SYSTEM)
    assert apply_match(match.pk, actor=SYSTEM).state == "applied"


def test_sure_matches_are_applied_together_and_refusals_are_named():
    first, second = owed(), owed()
    matches = matched(
        entry(first.gross, first.number),
        entry(second.gross, second.number),
        entry(first.gross, first.number),
    )

    applied, refused = apply_matches(matches[0].bank_line.statement_id, ["exact"], actor=SYSTEM)

    assert applied == 2
    assert len(refused) == 1
    assert broken() == []


def test_a_line_that_is_none_of_ours_is_ignored_with_a_reason_and_may_come_back(cashier):
    statement = imported(entry("-9.90", "account fee"))
    line = line_of(statement)

    ignore_bank_line(line.pk, reason="bank charges", actor=cashier)
    line.refresh_from_db()
    assert (line.is_settled, line.ignored_by) == (True, "carlo")

    heed_bank_line(line.pk, actor=cashier)
    line.refresh_from_db()
    assert not line.is_settled


def test_ignoring_needs_a_reason():
    line = line_of(imported(entry("-9.90")))

    with pytest.raises(RuleViolation, match="why"):
        ignore_bank_line(line.pk, reason=" ", actor=SYSTEM)


def test_an_applied_line_cannot_be_ignored():
    match = paid(owed())

    with pytest.raises(RuleViolation, match="settled already"):
        ignore_bank_line(match.bank_line_id, reason="x", actor=SYSTEM)


def test_a_statement_is_signed_off_when_every_line_is_explained(controller):
    statement = imported(entry("-9.90", "fee"))
    with pytest.raises(TransitionRefused, match="still open"):
        reconcile_bank_statement(statement.pk, actor=controller)

    ignore_bank_line(line_of(statement).pk, reason="fee", actor=SYSTEM)
    reconcile_bank_statement(statement.pk, actor=controller)

    assert BankStatement.objects.get(pk=statement.pk).state == "reconciled"


def test_what_is_signed_off_stays_so(controller):
    match = paid(owed())
    reconcile_bank_statement(match.bank_line.statement_id, actor=controller)

    with pytest.raises(RuleViolation, match="is reconciled"):
        undo_match(match.pk, reason="late", actor=SYSTEM)


def test_who_applies_does_not_sign_off(cashier):
    match = paid(owed())

    with pytest.raises(NotPermitted):
        reconcile_bank_statement(match.bank_line.statement_id, actor=cashier)


def test_a_cash_clerk_has_all_rights_a_match_needs(cashier):
    invoice = owed()
    (match,) = matched(entry(invoice.gross, invoice.number))

    assert apply_match(match.pk, actor=cashier).state == "applied"


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


def test_one_of_many_that_was_paid_meanwhile_refuses_all():
    first = owed()
    second = owed(customer=first.customer)
    total = first.gross + second.gross
    (match,) = matched(entry(total, f"{first.number} {second.number}"))
    paid(first)

    with pytest.raises(RuleViolation):
        apply_match(match.pk, actor=SYSTEM)

    assert second.open_items.get().open_amount == second.gross
    assert broken() == []


def test_a_payment_reversed_by_itself_frees_its_bank_line():
    """V48: the line stays, with all of it open."""
    invoice = owed()
    match = paid(invoice)
    line = match.bank_line

    reverse_payment(line.payment_id, reason="bounced", actor=SYSTEM)

    line.refresh_from_db()
    match.refresh_from_db()
    assert (line.payment_id, match.state) == (None, "undone")
    assert state_of(invoice) == "invoiced"
    assert broken() == []
    (again,) = match_statement(line.statement_id, actor=SYSTEM)
    assert apply_match(again.pk, actor=SYSTEM).state == "applied"


def test_a_payment_of_a_signed_off_statement_is_not_reversed(controller):
    match = paid(owed())
    payment_id = match.bank_line.payment_id
    reconcile_bank_statement(match.bank_line.statement_id, actor=controller)

    with pytest.raises(RuleViolation, match="is reconciled"):
        reverse_payment(payment_id, reason="late", actor=SYSTEM)

    assert Payment.objects.get(pk=payment_id).state == "received"
    assert broken() == []
