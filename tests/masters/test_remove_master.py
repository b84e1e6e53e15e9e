"""remove_master: what nothing refers to goes, with author and reason; the rest is switched off."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.masters.commands import remove_master
from o2c.masters.models import Contact, Currency, Customer
from tests.factories.masters import ContactFactory, CurrencyFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact():
    return ContactFactory(customer=CustomerFactory())


def test_what_nothing_refers_to_goes_and_stays_on_record(contact, clerk):
    remove_master(contact, reason="Left the company", actor=clerk)

    assert not Contact.objects.exists()
    gone = Contact.history.first()
    assert (gone.history_type, gone.history_user_id) == ("-", "clara")
    assert gone.history_change_reason == "Left the company"


def test_what_is_used_is_switched_off_not_removed(contact):
    customer = contact.customer

    with pytest.raises(RuleViolation, match=r"is used by addresses, contacts.*Switch it off"):
        remove_master(customer, actor=SYSTEM)

    assert Customer.objects.get() == customer


def test_a_currency_that_documents_name_by_its_code_stays():
    """The key between them is checked at commit; the command must not leave it until then."""
    CustomerFactory()

    with pytest.raises(RuleViolation, match=r"EUR.* is used by "):
        remove_master(Currency.objects.get(code="EUR"), actor=SYSTEM)

    assert Currency.objects.filter(code="EUR").exists()


def test_an_unused_currency_goes():
    remove_master(CurrencyFactory(code="JPY"), actor=SYSTEM)

    assert not Currency.objects.filter(code="JPY").exists()


def test_what_is_gone_already_is_not_found(contact):
    gone = Contact.objects.get()
    remove_master(contact, actor=SYSTEM)

    with pytest.raises(NotFound):
        remove_master(gone, actor=SYSTEM)


def test_the_same_operation_is_carried_out_once(contact):
    same = Contact.objects.get()

    for row in (contact, same):
        remove_master(row, actor=SYSTEM, op_id="form-1")

    assert Contact.history.filter(history_type="-").count() == 1


def test_a_picker_may_not(contact, picker):
    with pytest.raises(NotPermitted, match=r"masters\.delete_contact"):
        remove_master(contact, actor=picker)

    assert Contact.objects.exists()
