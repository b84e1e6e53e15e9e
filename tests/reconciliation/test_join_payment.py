"""A payment entered by hand meets its bank line: the bank has it once."""

from decimal import Decimal as D

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.ledger.queries import balance
from receivables.commands import Receipt, Share, record_payment, reverse_payment
from receivables.models import Payment
from reconciliation.commands import apply_match, join_payment, match_bank_line, undo_match
from reconciliation.models import BankLine
from tests.given.reconciliation import bank_account, entry, imported, line_of, matched, owed
from tests.given.story import state_of
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db


def books_hold():
    assert_books_agree(["E3", "E8", "F1", "F2", "F4", "H3", "H6", "H7", "I1"])


@pytest.fixture
def invoice():
    return owed()


@pytest.fixture
def payment(invoice):
    """The invoice paid in full, typed in before the statement came."""
    receipt = Receipt(
        bank_account_id=bank_account().pk,
        amount=invoice.gross,
        currency="EUR",
        value_date=clock.today(),
        customer_id=invoice.payer_id,
        shares=[Share(invoice.open_items.get().pk, invoice.gross)],
    )
    return record_payment(receipt, actor=SYSTEM)


def line_over(amount, text="paid"):
    return line_of(imported(entry(amount, text)))


def test_the_bank_has_it_once_and_the_order_is_reconciled(invoice, payment):
    assert state_of(invoice.order) == "paid"
    line = line_over(invoice.gross)

    join_payment(line.pk, payment_id=payment.pk, actor=SYSTEM)

    line.refresh_from_db()
    assert line.payment == payment
    assert balance("BANK") == invoice.gross
    assert state_of(invoice.order) == "reconciled"
    books_hold()


def test_undone_the_payment_stays_and_the_line_is_open(invoice, payment):
    line = line_over(invoice.gross)
    match = join_payment(line.pk, payment_id=payment.pk, actor=SYSTEM)

    undo_match(match.pk, reason="another line", actor=SYSTEM)

    payment.refresh_from_db()
    assert (payment.bank_line_id, payment.state) == (None, "received")
    assert BankLine.objects.get(pk=line.pk).payment is None
    assert state_of(invoice.order) == "paid"
    books_hold()


def test_reversed_by_itself_it_frees_its_line(invoice, payment):
    line = line_over(invoice.gross)
    join_payment(line.pk, payment_id=payment.pk, actor=SYSTEM)

    reverse_payment(payment.pk, reason="typed for another", actor=SYSTEM)

    assert BankLine.objects.get(pk=line.pk).payment is None
    books_hold()


def test_what_does_not_fit_is_refused(invoice, payment):
    less, out = line_over(invoice.gross + 1), line_over(-invoice.gross, "out")
    for line in (less, out):
        with pytest.raises(RuleViolation, match="is not of the amount"):
            join_payment(line.pk, payment_id=payment.pk, actor=SYSTEM)
    line = line_over(invoice.gross, "once")
    join_payment(line.pk, payment_id=payment.pk, actor=SYSTEM)
    with pytest.raises(RuleViolation, match="settled already"):
        join_payment(line.pk, payment_id=payment.pk, actor=SYSTEM)
    with pytest.raises(RuleViolation, match="is a bank line already"):
        join_payment(line_over(invoice.gross, "twice").pk, payment_id=payment.pk, actor=SYSTEM)
    with pytest.raises(RuleViolation, match="no payment 0"):
        join_payment(less.pk, payment_id=0, actor=SYSTEM)
    books_hold()


def test_who_may_not_apply_is_refused(invoice, payment, picker):
    with pytest.raises(NotPermitted):
        join_payment(line_over(invoice.gross).pk, payment_id=payment.pk, actor=picker)


def test_the_database_moves_no_payment_from_line_to_line(invoice, payment):
    join_payment(line_over(invoice.gross).pk, payment_id=payment.pk, actor=SYSTEM)

    with pytest.raises(ProgrammingError, match="one_bank_line"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(bank_line_id=0)


def test_the_page_offers_and_joins_it(boss, invoice, payment):
    line = line_over(invoice.gross)
    page = boss.get(reverse("reconciliation:bank_line_detail", args=[line.pk]))
    assert f"It is {payment}" in page.content.decode()

    boss.post(
        reverse("reconciliation:bank_line_act", args=[line.pk, "join"]),
        {"payment": payment.pk, "op_id": "1"},
    )

    assert BankLine.objects.get(pk=line.pk).payment == payment


def test_two_lines_that_are_one_payment_by_hand_are_told_what_to_do(boss):
    """238.00 was typed in; 119.00 and 119.00 came: the bank must not have 476.00."""
    invoice = owed((20, "10.00"))
    (item,) = invoice.open_items.all()
    receipt = Receipt(
        bank_account_id=bank_account().pk,
        amount=D("238.00"),
        currency="EUR",
        value_date=clock.today(),
        customer_id=invoice.payer_id,
        shares=[Share(item.pk, D("238.00"))],
    )
    typed = record_payment(receipt, actor=SYSTEM)
    halves = matched(entry("119.00", f"{invoice.number} 1/2"), entry("119.00", invoice.number))
    line = halves[0].bank_line

    assert [match.tier for match in halves] == ["possible", "possible"]
    page = boss.get(reverse("reconciliation:bank_line_detail", args=[line.pk])).content.decode()
    assert "Entered by hand and larger" in page
    assert typed.get_absolute_url() in page
    with pytest.raises(RuleViolation, match="reverse the payment and apply the lines"):
        join_payment(line.pk, payment_id=typed.pk, actor=SYSTEM)

    reverse_payment(typed.pk, reason="two lines of the bank", actor=SYSTEM)
    for match in halves:
        again = match_bank_line(match.bank_line_id, actor=SYSTEM)
        assert again.tier in {"exact", "strong"}
        apply_match(again.pk, actor=SYSTEM)

    assert balance("BANK") == D("238.00")
    assert state_of(invoice.order) == "reconciled"
    after = boss.get(reverse("reconciliation:bank_line_detail", args=[line.pk])).content.decode()
    assert "Entered by hand and larger" not in after
    books_hold()


@pytest.mark.parametrize("typed", [{}, {"payment": "x"}, {"payment": "1" * 30}])
def test_nonsense_is_refused_in_words(boss, invoice, typed):
    line = line_over(D("5.00"))

    answer = boss.post(reverse("reconciliation:bank_line_act", args=[line.pk, "join"]), typed)

    assert "Choose a payment" in answer.content.decode()
