"""The single door to the masters: checked, versioned, and on record with author and reason."""

import pytest
from django.db import IntegrityError

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, RuleViolations, StaleVersion
from o2c.core.models import User
from o2c.masters.commands import amend_master, define_terms, remove_master
from o2c.masters.models import Currency, Customer, Item, PaymentTerms, PaymentTermsLine
from tests.factories.masters import (
    BankAccountFactory,
    CompanyFactory,
    ContactFactory,
    CurrencyFactory,
    CustomerFactory,
    ExchangeRateFactory,
    ItemFactory,
    ItemUnitFactory,
    PaymentTermsFactory,
    PriceListFactory,
    TaxProfileFactory,
)

pytestmark = pytest.mark.django_db


def refusals(instance):
    with pytest.raises(RuleViolation) as refused:
        amend_master(instance, actor=SYSTEM)
    return [(e.field, str(e)) for e in refused.value.errors]


def test_a_change_is_on_record_with_author_and_reason():
    item = ItemFactory(name="Bolt")
    item.name = "Bolt M8"

    amend_master(item, reason="The drawing changed", actor=SYSTEM)

    newest = item.history.first()
    assert (newest.name, newest.history_user_id) == ("Bolt M8", "system")
    assert newest.history_change_reason == "The drawing changed"
    assert Item.objects.get().version == 2


def test_a_form_opened_before_somebody_elses_change_is_refused():
    item = ItemFactory(name="Bolt")
    mine, theirs = Item.objects.get(), Item.objects.get()
    theirs.name = "Theirs"
    amend_master(theirs, actor=SYSTEM)
    mine.name = "Mine"

    with pytest.raises(StaleVersion, match="changed by somebody else"):
        amend_master(mine, actor=SYSTEM)

    item.refresh_from_db()
    assert item.name == "Theirs"


def test_only_whoever_has_the_right_may_change_or_remove():
    item = ItemFactory()
    nobody = User.objects.create_user("nobody")

    for attempt in (amend_master, remove_master):
        with pytest.raises(NotPermitted, match="masters"):
            attempt(item, actor=nobody)


def test_every_wrong_field_is_named_at_once():
    customer = CustomerFactory.build(
        code=" C1", vat_id="DE123", email="nowhere", currency="EUR",
        terms=PaymentTermsFactory(), tax_profile=TaxProfileFactory(), price_list=None,
    )  # fmt: skip
    CompanyFactory()

    assert [field for field, _message in refusals(customer)] == ["vat_id", "email", None]


def test_identifiers_are_stored_in_one_spelling():
    customer = CustomerFactory()
    customer.vat_id = "de 136.695.976"
    amend_master(customer, actor=SYSTEM)
    account = BankAccountFactory()
    account.iban, account.bic = "gb82 west 1234 5698 7654 32", "cobadeff"
    amend_master(account, actor=SYSTEM)

    assert Customer.objects.get().vat_id == "DE136695976"
    account.refresh_from_db()
    assert (account.iban, account.bic) == ("GB82WEST12345698765432", "COBADEFF")


def test_a_second_spelling_of_a_vat_id_is_the_same_id():
    CustomerFactory(vat_id="DE136695976")
    twin = CustomerFactory()
    twin.vat_id = "136695976"

    assert refusals(twin) == [(None, "Another customer has this VAT id.")]


def test_a_price_list_must_fit_the_customer():
    customer = CustomerFactory()
    customer.price_list = PriceListFactory(iso="USD")
    assert refusals(customer) == [("price_list", "The price list is in USD, the customer in EUR.")]

    contract = PriceListFactory(code="CONTRACT", customer=CustomerFactory())
    customer.price_list = contract
    assert refusals(customer) == [("price_list", "This price list is another customer's contract.")]


def test_the_base_currency_has_no_rate():
    CompanyFactory()
    rate = ExchangeRateFactory.build(currency="EUR")

    assert refusals(rate) == [("currency", "The base currency is always 1.")]


def test_a_barcode_is_one_thing_across_items_and_packaging():
    box = ItemUnitFactory(barcode="BOX-1")
    item = ItemFactory()
    item.barcode = "BOX-1"
    assert refusals(item) == [("barcode", "A packaging unit has this barcode.")]

    ItemFactory(barcode="ITEM-1")
    box.barcode = "ITEM-1"
    assert refusals(box) == [("barcode", "An item has this barcode.")]


def test_what_is_used_is_switched_off_not_removed():
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer)

    with pytest.raises(RuleViolation, match="is used by addresses, contacts"):
        remove_master(customer, actor=SYSTEM)

    remove_master(contact, reason="Left the company", actor=SYSTEM)
    gone = contact.history.first()
    assert (gone.history_type, gone.history_change_reason) == ("-", "Left the company")


class TestACurrencyThatDocumentsNameByItsCode:
    """The key between them is checked at commit; the command must not leave it until then."""

    def test_it_is_not_removed_while_somebody_uses_it(self):
        CustomerFactory()

        with pytest.raises(RuleViolation, match=r"EUR.* is used by "):
            remove_master(Currency.objects.get(code="EUR"), actor=SYSTEM)

        assert Currency.objects.filter(code="EUR").exists()

    def test_its_code_stays_while_somebody_uses_it(self):
        CustomerFactory()
        euro = Currency.objects.get(code="EUR")
        euro.code, euro.minor_units = "CHF", 2

        with pytest.raises(RuleViolation, match="The code stays: it is used by ") as refused:
            amend_master(euro, actor=SYSTEM)

        assert refused.value.field == "code"

    def test_an_unused_one_goes(self):
        remove_master(CurrencyFactory(code="JPY"), actor=SYSTEM)

        assert not Currency.objects.filter(code="JPY").exists()


# -- payment terms ----------------------------------------------------------------------------


def test_terms_are_stored_with_exactly_their_lines():
    terms = define_terms(
        PaymentTerms(code="T", name="Thirds"),
        [{"share_percent": 70}, {"fixed_amount": 200}, {"remainder": True, "days": 30}],
        actor=SYSTEM,
    )
    define_terms(terms, [{"remainder": True, "days": 14}], actor=SYSTEM)

    assert list(terms.lines.values_list("sequence", "days")) == [(1, 14)]
    assert PaymentTermsLine.history.filter(history_type="-").count() == 3


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{"share_percent": 50}, {"share_percent": 40}], "must make 100 %"),
        ([{"share_percent": 110}], "share"),
        ([{"fixed_amount": 100}], "the last line must take the rest"),
        ([{"remainder": True}, {"share_percent": 50}], "Only the last line"),
        ([{"share_percent": 50, "remainder": True}], "a share, a fixed amount or the rest"),
        ([{"remainder": True, "day_of_month": 32}], "between 1 and 31"),
        ([{"remainder": True, "extra_days": 3}], "need “end of month”"),
    ],
)
def test_terms_that_cannot_split_every_invoice_are_refused_and_the_old_ones_stay(lines, message):
    terms = PaymentTermsFactory()

    with pytest.raises(RuleViolation, match=message):
        define_terms(terms, lines, actor=SYSTEM)

    assert list(terms.lines.values_list("days", flat=True)) == [30]


def test_several_complaints_come_together():
    with pytest.raises(RuleViolations) as refused:
        define_terms(
            PaymentTerms(code="T", name="T"),
            [{"fixed_amount": -1}, {"remainder": True, "day_of_month": 0}],
            actor=SYSTEM,
        )

    assert len(refused.value.errors) == 2


# -- the database is the last referee ---------------------------------------------------------


def test_the_database_refuses_a_currency_nobody_entered(check_deferred):
    CustomerFactory()
    Customer.objects.update(currency="XYZ")

    with pytest.raises(IntegrityError, match="currency_known"):
        check_deferred()
