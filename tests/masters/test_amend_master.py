"""The single door to the masters: checked, versioned, and on record with author and reason."""

import pytest
from django.db import IntegrityError

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, StaleVersion
from o2c.core.models import User
from o2c.masters.commands import amend_master
from o2c.masters.models import Currency, Customer, Item
from tests.factories.masters import (
    AddressFactory,
    BankAccountFactory,
    CompanyFactory,
    CustomerFactory,
    ExchangeRateFactory,
    ItemFactory,
    ItemUnitFactory,
    PaymentTermsFactory,
    PriceListFactory,
    TaxProfileFactory,
    WarehouseFactory,
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


def test_only_whoever_has_the_right_may_change():
    with pytest.raises(NotPermitted, match=r"masters\.change_item"):
        amend_master(ItemFactory(), actor=User.objects.create_user("nobody"))


def test_every_wrong_field_is_named_at_once():
    customer = CustomerFactory.build(
        code=" C1", vat_id="DE123", email="nowhere", currency="EUR",
        terms=PaymentTermsFactory(), tax_profile=TaxProfileFactory(), price_list=None,
    )  # fmt: skip
    CompanyFactory()

    assert [field for field, _message in refusals(customer)] == ["vat_id", "email"]


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


def test_a_country_is_one_of_iso_3166_wherever_an_address_stands():
    for place in (AddressFactory(), WarehouseFactory(), CompanyFactory()):
        place.country = "XX"
        assert refusals(place) == [
            ("country", "“XX” is not the ISO 3166 code of a country, such as DE.")
        ]


def test_a_second_spelling_of_a_vat_id_is_the_same_id():
    CustomerFactory(vat_id="DE136695976")
    twin = CustomerFactory()
    twin.vat_id = "136695976"

    assert refusals(twin) == [("vat_id", "Another customer has this VAT id.")]


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


def test_the_code_of_a_currency_stays_while_documents_name_it():
    """The key between them is checked at commit; the command must not leave it until then."""
    CustomerFactory()
    euro = Currency.objects.get(code="EUR")
    euro.code, euro.minor_units = "CHF", 2

    with pytest.raises(RuleViolation, match="The code stays: it is used by ") as refused:
        amend_master(euro, actor=SYSTEM)

    assert refused.value.field == "code"


# -- the database is the last referee ---------------------------------------------------------


def test_the_database_refuses_a_currency_nobody_entered(check_deferred):
    CustomerFactory()
    Customer.objects.update(currency="XYZ")

    with pytest.raises(IntegrityError, match="currency_known"):
        check_deferred()
