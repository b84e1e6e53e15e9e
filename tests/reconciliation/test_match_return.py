"""A bank line takes a payment back, though the payment's own statement is signed off."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.ledger.queries import balance
from receivables.commands import reverse_payment
from receivables.models import Payment
from reconciliation.commands import (
    match_return,
    reconcile_bank_statement,
    undo_match,
)
from reconciliation.models import BankLine
from tests.given.reconciliation import entry, imported, line_of, owed, paid
from tests.given.story import state_of
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db


def books_hold():
    assert_books_agree(["E3", "E8", "F1", "F2", "F4", "H3", "H6", "H7", "I1"])


@pytest.fixture
def invoice():
    return owed()


@pytest.fixture
def signed_off(invoice):
    """The payment of the invoice, on a statement that is signed off."""
    match = paid(invoice)
    reconcile_bank_statement(match.bank_line.statement_id, actor=SYSTEM)
    return match.bank_line.payment


def came_back(amount):
    return line_of(imported(entry(-amount, "return AC04")))


def test_after_sign_off_the_return_opens_the_invoice_again(invoice, signed_off):
    with pytest.raises(RuleViolation, match="record its return"):
        reverse_payment(signed_off.pk, reason="bounced", actor=SYSTEM)
    line = came_back(invoice.gross + D("3.50"))

    match_return(line.pk, payment_id=signed_off.pk, actor=SYSTEM)

    line.refresh_from_db()
    assert (line.payment.returns, line.payment.fee) == (signed_off, D("3.50"))
    assert line.payment.posting_date == line.entry_date
    assert invoice.open_items.get().open_amount == invoice.gross
    assert state_of(invoice.order) == "invoiced"
    assert (balance("BANK"), balance("BANK_CHARGES")) == (D("-3.50"), D("3.50"))
    assert balance("UNAPPLIED_CASH", invoice.payer_id) == 0
    assert BankLine.objects.filter(payment=signed_off).exists()
    reconcile_bank_statement(line.statement_id, actor=SYSTEM)
    books_hold()


def test_undone_the_money_is_on_account(invoice, signed_off):
    line = came_back(invoice.gross)
    match = match_return(line.pk, payment_id=signed_off.pk, actor=SYSTEM)

    undo_match(match.pk, reason="another one bounced", actor=SYSTEM)

    signed_off.refresh_from_db()
    assert signed_off.unapplied == invoice.gross
    assert BankLine.objects.get(pk=line.pk).payment is None
    books_hold()


def test_less_than_the_payment_and_money_in_return_nothing(invoice, signed_off):
    for line in (came_back(invoice.gross - 1), line_of(imported(entry(invoice.gross)))):
        with pytest.raises(RuleViolation, match="must be money out of at least"):
            match_return(line.pk, payment_id=signed_off.pk, actor=SYSTEM)
    books_hold()


def test_the_page_offers_what_may_have_come_back(boss, invoice, signed_off):
    line = came_back(invoice.gross + 5)
    page = boss.get(reverse("reconciliation:bank_line_detail", args=[line.pk]))
    assert f"It is {signed_off}" in page.content.decode()

    boss.post(
        reverse("reconciliation:bank_line_act", args=[line.pk, "return"]),
        {"payment": signed_off.pk, "op_id": "1"},
    )

    assert Payment.objects.get(returns=signed_off).fee == D("5.00")
    again = came_back(invoice.gross)
    page = boss.get(reverse("reconciliation:bank_line_detail", args=[again.pk]))
    assert f"It is {signed_off}" not in page.content.decode()
