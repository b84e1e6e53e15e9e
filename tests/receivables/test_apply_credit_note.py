"""A posted credit note is used for the invoice it corrects first, as far as that is open."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.models import Event
from o2c.ledger.queries import balance
from receivables.commands import (
    Share,
    allocate_credit,
    apply_credit_note,
    reverse_credit_application,
)
from receivables.models import CreditApplication, CreditApplicationState
from tests.factories.masters import CustomerFactory, PaymentTermsFactory
from tests.given import invoicing as given_invoice
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice():
    """119.00 gross."""
    return given_invoice.posted_invoice((10, "10.00"))


def credited(invoice, quantity=4):
    """The credit of a note over so many pieces of 11.90 gross, all of it open.

    The flow applies it with the posting; that is taken back, so that the command has work to do.
    """
    (credit,) = given.opened(given_invoice.posted_credit(invoice, quantity))
    for application in CreditApplication.objects.filter(credit_item=credit):
        reverse_credit_application(application.pk, reason="wrong debt", actor=SYSTEM)
    credit.refresh_from_db()
    return credit


def open_amounts(*items):
    for item in items:
        item.refresh_from_db()
    return [item.open_amount for item in items]


def test_it_is_set_against_its_invoice_first(invoice, check_deferred):
    (item,) = given.opened(invoice)
    credit = credited(invoice)
    assert open_amounts(item, credit) == [D("119.00"), D("-47.60")]

    (application,) = apply_credit_note(credit.invoice_id, actor=SYSTEM)

    assert open_amounts(item, credit) == [D("71.40"), 0]
    assert (application.amount, application.credit_item) == (D("47.60"), credit)
    assert (application.number, application.state) == (
        f"AC-{application.pk:06d}",
        CreditApplicationState.APPLIED,
    )
    assert balance("AR", item.customer_id) == D("71.40")
    facts = Event.objects.filter(name="credit_application.applied").latest("pk").facts
    assert (facts["credit"], facts["items"]) == (str(credit), str(item))
    check_deferred()


def test_posting_the_note_is_enough(invoice):
    (item,) = given.opened(invoice)

    (credit,) = given.opened(given_invoice.posted_credit(invoice, 4))

    assert open_amounts(item, credit) == [D("71.40"), 0]


def test_running_twice_changes_nothing(invoice):
    credit = credited(invoice)
    apply_credit_note(credit.invoice_id, actor=SYSTEM)
    before = Event.objects.count()

    assert apply_credit_note(credit.invoice_id, actor=SYSTEM) == []

    assert Event.objects.count() == before


def test_what_the_invoice_does_not_need_stays_as_credit(invoice):
    (item,) = given.opened(invoice)
    given.paid(item, "100.00")
    credit = credited(invoice)

    apply_credit_note(credit.invoice_id, actor=SYSTEM)

    assert open_amounts(item, credit) == [0, D("-28.60")]


def test_a_paid_invoice_leaves_all_of_it(invoice):
    (item,) = given.opened(invoice)
    given.paid(item, "119.00")
    credit = credited(invoice)

    assert apply_credit_note(credit.invoice_id, actor=SYSTEM) == []
    assert open_amounts(credit) == [D("-47.60")]


def test_what_was_used_by_hand_is_used_no_more(invoice):
    (item,) = given.opened(invoice)
    other = given.debt("40.00", customer=item.customer, posted=invoice.invoice_date)
    credit = credited(invoice)
    allocate_credit(credit.pk, shares=[Share(other.pk, D("40.00"))], actor=SYSTEM)

    apply_credit_note(credit.invoice_id, actor=SYSTEM)

    assert open_amounts(item, other, credit) == [D("111.40"), 0, 0]


def test_the_first_instalment_comes_first():
    terms = PaymentTermsFactory(code="HALVES", lines=[{"share_percent": D(50)}, {"days": 30}])
    invoice = given_invoice.posted_invoice((10, "10.00"), customer=CustomerFactory(terms=terms))
    first, second = given.opened(invoice)
    credit = credited(invoice, 6)

    apply_credit_note(credit.invoice_id, actor=SYSTEM)

    assert open_amounts(first, second, credit) == [0, D("47.60"), 0]


def test_other_documents_are_none_of_its_business(invoice):
    (item,) = given.opened(invoice)

    assert apply_credit_note(invoice.pk, actor=SYSTEM) == []
    assert apply_credit_note(0, actor=SYSTEM) == []
    assert open_amounts(item) == [D("119.00")]
