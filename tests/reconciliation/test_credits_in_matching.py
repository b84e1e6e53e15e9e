"""What we owe a customer is deducted when a line pays the rest: credits are candidates too."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.ledger.queries import balance
from receivables.commands import reverse_payment
from receivables.models import CreditApplication, OpenItem, Payment
from reconciliation.commands import apply_match, undo_match
from reconciliation.queries import in_words
from tests.factories.masters import CustomerFactory, PaymentTermsFactory
from tests.given import receivables as given
from tests.given.reconciliation import entry, matched, owed
from tests.given.story import state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice():
    """5 x 10.00 + 19 % = 59.50, and a free credit of 23.80 of the same customer."""
    invoice = owed((5, "10.00"))
    given.debt("-23.80", customer=invoice.payer, number="GS-7")
    return invoice


def open_of(customer):
    return list(OpenItem.objects.filter(customer=customer).values_list("open_amount", flat=True))


@pytest.mark.parametrize("text", ["{} less GS-7", "GS-7", "thanks"])
def test_an_invoice_less_a_credit_settles_both(invoice, text, books_agree):
    """Naming both leaves nothing to decide; so does naming less, where the payer is known."""
    name = "" if "{}" in text else invoice.payer.name
    (match,) = matched(entry("35.70", text.format(invoice.number), counterparty_name=name))

    assert (match.tier, match.on_account) == ("exact", 0)
    assert "Credit GS-7 is deducted, 23.80 EUR." in in_words(match.evidence)
    apply_match(match.pk, actor=SYSTEM)

    assert open_of(invoice.payer) == [0, 0]
    assert state_of(invoice.order) == "reconciled"
    assert balance("AR", invoice.payer_id) == 0
    assert balance("UNAPPLIED_CASH") == 0
    books_agree()


def test_a_credit_that_is_not_named_stays_when_the_invoice_is(invoice):
    (match,) = matched(entry("35.70", invoice.number))

    assert (match.tier, match.shares.get().amount) == ("strong", D("35.70"))
    assert in_words(match.evidence)[-1] == "It is 23.80 EUR short."


def test_a_discount_is_taken_of_what_the_credit_leaves(books_agree):
    """119.00 at 2 %, 47.60 of a credit: 69.97 and 1.43, as after a credit note."""
    terms = PaymentTermsFactory(code="2-7", discount_percent=D(2), discount_days=7)
    invoice = owed(customer=CustomerFactory(terms=terms))
    given.debt("-47.60", customer=invoice.payer, number="GS-7")
    (match,) = matched(entry("69.97", f"{invoice.number} GS-7"))

    assert match.tier == "exact"
    apply_match(match.pk, actor=SYSTEM)

    assert open_of(invoice.payer) == [0, 0]
    books_agree()


def test_more_than_the_rest_stays_on_account(invoice, books_agree):
    (match,) = matched(entry("50.00", f"{invoice.number} GS-7"))

    assert (match.tier, match.on_account) == ("strong", D("14.30"))
    apply_match(match.pk, actor=SYSTEM)

    assert open_of(invoice.payer) == [0, 0]
    assert Payment.objects.get().unapplied == D("14.30")
    books_agree()


def test_no_more_of_a_credit_is_used_than_is_owed(books_agree):
    invoice = owed((5, "10.00"))
    given.debt("-80.00", customer=invoice.payer, number="GS-7")
    (match,) = matched(entry("10.00", f"{invoice.number} GS-7"))

    apply_match(match.pk, actor=SYSTEM)

    assert sorted(open_of(invoice.payer)) == [D("-20.50"), 0]
    assert Payment.objects.get().unapplied == D("10.00")
    books_agree()


def test_another_customers_credit_pays_nothing(invoice):
    given.debt("-23.80", number="GS-8")

    (match,) = matched(entry("35.70", f"{invoice.number} GS-8"))

    assert [(s.amount, s.credit_item) for s in match.shares.all()] == [(D("35.70"), None)]


def test_undo_gives_the_credit_back(invoice, books_agree):
    (match,) = matched(entry("35.70", f"{invoice.number} GS-7"))
    apply_match(match.pk, actor=SYSTEM)

    undo_match(match.pk, reason="wrong", actor=SYSTEM)

    assert sorted(open_of(invoice.payer)) == [D("-23.80"), D("59.50")]
    assert CreditApplication.objects.get().state == "reversed"
    assert state_of(invoice.order) == "invoiced"
    books_agree()


def test_its_payment_alone_is_not_reversed(invoice):
    (match,) = matched(entry("35.70", f"{invoice.number} GS-7"))
    apply_match(match.pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="is only a part of what"):
        reverse_payment(Payment.objects.get().pk, reason="mistake", actor=SYSTEM)

    assert open_of(invoice.payer) == [0, 0]


def test_a_credit_is_proposed_for_one_line_only(invoice):
    other = owed((5, "10.00"), customer=invoice.payer)

    first, second = matched(
        entry("35.70", f"{invoice.number} GS-7"), entry("35.70", f"{other.number} GS-7")
    )

    assert (first.tier, second.tier) == ("exact", "possible")
    assert "GS-7 is proposed for another payment already." in in_words(second.evidence)
    assert second.shares.get().credit_item is None
