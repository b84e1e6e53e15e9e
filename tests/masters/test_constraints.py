"""The database refuses what no form, import or script may store."""

from datetime import date
from functools import partial

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection
from django.db.models import F

from o2c.masters import models
from tests.factories import masters as make

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


CODED = {
    "bankaccount": make.BankAccountFactory,
    "carrier": make.CarrierFactory,
    "customer": make.CustomerFactory,
    "item": make.ItemFactory,
    "itemcategory": make.ItemCategoryFactory,
    "location": make.LocationFactory,
    "paymentterms": make.PaymentTermsFactory,
    "pricelist": make.PriceListFactory,
    "taxcode": make.TaxCodeFactory,
    "taxprofile": make.TaxProfileFactory,
    "unit": make.UnitFactory,
    "warehouse": make.WarehouseFactory,
}


def in_two_capitals(factory, field="code", **same):
    """Two rows that differ in the capitals of a code only."""
    for text in ("47566b", "47566B"):
        factory(**{field: text}, **same)


#: Constraint name -> what breaks it.
WRONG_ROWS = {
    **{
        f"masters_{name}_code_trimmed": partial(factory, code="X ")
        for name, factory in CODED.items()
    },
    **{
        f"masters_{name}_code_once": partial(in_two_capitals, factory)
        for name, factory in CODED.items()
    },
    "masters_address_code_once": lambda: in_two_capitals(
        make.AddressFactory, customer=make.CustomerFactory(), is_default=False
    ),
    "masters_address_country_iso": lambda: make.AddressFactory(country="de"),
    "masters_warehouse_country_iso": lambda: make.WarehouseFactory(country="1A"),
    "masters_company_under_delivery_percent": lambda: make.CompanyFactory(
        under_delivery_percent=-1
    ),
    "masters_carrierservice_code_once": lambda: in_two_capitals(
        make.CarrierServiceFactory, carrier=make.CarrierFactory()
    ),
    "masters_contact_once": lambda: [
        make.ContactFactory(customer=one) for one in [make.CustomerFactory()] * 2
    ],
    "masters_customer_bill_to_other": lambda: models.Customer.objects.filter(
        pk=make.CustomerFactory().pk
    ).update(bill_to=F("pk")),
    "masters_customeritem_code_once": lambda: in_two_capitals(
        make.CustomerItemFactory, customer=make.CustomerFactory()
    ),
    "masters_customeritem_item_once": lambda: [
        make.CustomerItemFactory(customer=one, item=item)
        for one, item in [(make.CustomerFactory(), make.ItemFactory())] * 2
    ],
    "masters_itemcategory_not_its_own_parent": lambda: models.ItemCategory.objects.filter(
        pk=make.ItemCategoryFactory().pk
    ).update(parent=F("pk")),
    "masters_paymenttermsline_sequence_once": lambda: make.PaymentTermsFactory().lines.create(
        share_percent=50
    ),
    "masters_paymenttermsline_share": lambda: make.PaymentTermsFactory(
        lines=[{"share_percent": 101}]
    ),
    "masters_pricelistitem_validity_ordered": lambda: make.PriceListItemFactory(
        valid_from=APRIL, valid_to=MARCH
    ),
    "masters_company_only_one": lambda: models.Company.objects.create(
        id=2, name="Two", legal_name="Two", country="DE", base_currency="EUR"
    ),
    "masters_company_country_iso": lambda: make.CompanyFactory(country="de"),
    "masters_company_over_delivery_percent": lambda: make.CompanyFactory(over_delivery_percent=101),
    "masters_currency_code_iso": lambda: models.Currency.objects.create(
        code="eur", name="x", minor_units=2
    ),
    "masters_currency_minor_units": lambda: models.Currency.objects.create(
        code="ABC", name="x", minor_units=5
    ),
    "masters_exchangerate_rate_positive": lambda: make.ExchangeRateFactory(rate=0),
    "masters_exchangerate_once_a_day": lambda: [
        models.ExchangeRate.objects.create(currency="USD", date=MARCH, rate=1) for _ in "12"
    ],
    "masters_bankaccount_code_once": lambda: in_two_capitals(
        make.BankAccountFactory, iban="", account_number="1"
    ),
    "masters_bankaccount_identified": lambda: make.BankAccountFactory(iban=""),
    "masters_bankaccount_iban_once": lambda: [
        make.BankAccountFactory(code="A"),
        make.BankAccountFactory(code="B"),
    ],
    "masters_taxcode_category_known": lambda: make.TaxCodeFactory(code="X", category="X"),
    "masters_taxcode_exemption_reasoned": lambda: make.TaxCodeFactory(code="X", category="AE"),
    "masters_taxrate_percent": lambda: make.TaxCodeFactory(code="X", percent=101),
    "masters_taxrate_validity_ordered": lambda: make.TaxCodeFactory(code="X").rates.update(
        valid_from=APRIL, valid_to=MARCH
    ),
    "masters_taxrate_no_overlap": lambda: make.TaxCodeFactory(code="X").rates.create(
        percent=7, valid_from=MARCH
    ),
    "masters_taxprofile_supply_known": lambda: make.TaxProfileFactory(supply="odd"),
    "masters_taxprofile_supply_once": lambda: [
        make.TaxProfileFactory(code=code, supply="export") for code in "AB"
    ],
    "masters_taxrule_once_per_class": lambda: make.TaxProfileFactory().rules.create(
        tax_class="standard", tax_code=make.TaxCodeFactory()
    ),
    "masters_taxrule_class_known": lambda: make.TaxProfileFactory().rules.create(
        tax_class="odd", tax_code=make.TaxCodeFactory()
    ),
    "masters_paymentterms_discount_whole": lambda: make.PaymentTermsFactory(discount_percent=2),
    "masters_paymentterms_tax_mode_known": lambda: make.PaymentTermsFactory(
        discount_tax_mode="odd"
    ),
    "masters_paymenttermsline_one_kind": lambda: make.PaymentTermsFactory(
        lines=[{"share_percent": 50, "fixed_amount": 5}]
    ),
    "masters_paymenttermsline_one_remainder": lambda: make.PaymentTermsFactory(
        lines=[{"days": 1}, {"days": 2}]
    ),
    "masters_paymenttermsline_day_of_month": lambda: make.PaymentTermsFactory(
        lines=[{"day_of_month": 32}]
    ),
    "masters_paymenttermsline_extra_days": lambda: make.PaymentTermsFactory(
        lines=[{"extra_days": 1}]
    ),
    "masters_paymenttermsline_within_ten_years": lambda: make.PaymentTermsFactory(
        lines=[{"days": 3661}]
    ),
    "masters_pricelist_one_contract": lambda: [
        make.PriceListFactory(code=code, customer=make.CustomerFactory(code="C"))
        if code == "A"
        else make.PriceListFactory(code=code, customer=models.Customer.objects.get(code="C"))
        for code in "AB"
    ],
    "masters_pricelistitem_price": lambda: make.PriceListItemFactory(price=-1),
    "masters_pricelistitem_min_quantity": lambda: make.PriceListItemFactory(min_quantity=-1),
    "masters_pricelistitem_discount": lambda: make.PriceListItemFactory(discount_percent=101),
    "masters_pricelistitem_no_overlap": lambda: [
        make.PriceListItemFactory(item__code="I", valid_from=MARCH, valid_to=APRIL),
        make.PriceListItemFactory(
            item=models.Item.objects.get(code="I"), valid_from=APRIL, valid_to=MAY
        ),
    ],
    "masters_unit_decimals": lambda: make.UnitFactory(code="X", decimals=4),
    "masters_item_kind_known": lambda: make.ItemFactory(kind="odd"),
    "masters_item_tax_class_known": lambda: make.ItemFactory(tax_class="odd"),
    "masters_item_weight": lambda: make.ItemFactory(weight_kg=-1),
    "masters_item_standard_cost": lambda: make.ItemFactory(standard_cost=-1),
    "masters_item_barcode_once": lambda: in_two_capitals(make.ItemFactory, "barcode"),
    "masters_itemunit_factor_positive": lambda: make.ItemUnitFactory(factor=0),
    "masters_itemunit_once": lambda: [
        make.ItemUnitFactory(item=one) for one in [make.ItemFactory()] * 2
    ],
    "masters_itemunit_barcode_once": lambda: in_two_capitals(make.ItemUnitFactory, "barcode"),
    "masters_customer_vat_id_once": lambda: make.CustomerFactory.create_batch(
        2, vat_id="DE136695976"
    ),
    "masters_customer_vat_id_compact": lambda: make.CustomerFactory(vat_id="DE 136"),
    "masters_customer_po_policy_known": lambda: make.CustomerFactory(po_policy="odd"),
    "masters_customer_billing_policy_known": lambda: make.CustomerFactory(billing_policy="odd"),
    "masters_customer_delivery_policy_known": lambda: make.CustomerFactory(delivery_policy="odd"),
    "masters_customer_invoice_channel_known": lambda: make.CustomerFactory(invoice_channel="odd"),
    "masters_customer_payer_other": lambda: models.Customer.objects.filter(
        pk=make.CustomerFactory().pk
    ).update(payer=F("pk")),
    "masters_address_kind_known": lambda: make.AddressFactory(kind="odd"),
    "masters_address_one_default_ship_to": lambda: make.AddressFactory(
        customer=make.CustomerFactory(), code="SECOND"
    ),
    "masters_address_one_default_bill_to": lambda: make.AddressFactory(
        customer=make.CustomerFactory(), code="SECOND", kind="bill_to"
    ),
    "masters_contact_reachable": lambda: make.ContactFactory(email=""),
    "masters_contact_role_known": lambda: make.ContactFactory(role="odd"),
    "masters_customeritem_code_given": lambda: make.CustomerItemFactory(code=""),
    "masters_location_code_once": lambda: in_two_capitals(
        make.LocationFactory, warehouse=make.WarehouseFactory()
    ),
    "masters_location_barcode_once": lambda: in_two_capitals(make.LocationFactory, "barcode"),
    "masters_location_kind_known": lambda: make.LocationFactory(kind="odd"),
    "masters_carrier_tracking_url": lambda: make.CarrierFactory(
        tracking_url="javascript:alert('{tracking}')"
    ),
    "masters_carrier_scac": lambda: make.CarrierFactory(scac="sw"),
    "masters_carrierservice_transit_days": lambda: make.CarrierServiceFactory(transit_days=366),
}


@pytest.mark.parametrize("name", WRONG_ROWS)
def test_the_database_refuses(name):
    with pytest.raises(IntegrityError, match=f'"{name}"'):
        WRONG_ROWS[name]()


def test_every_constraint_of_the_masters_is_tried():
    tables = apps.get_app_config("masters").get_models()

    assert set(WRONG_ROWS) == {c.name for model in tables for c in model._meta.constraints}


def test_validity_that_touches_but_does_not_overlap_is_fine():
    item = make.ItemFactory()
    for start, end in [(None, MARCH), (date(2026, 3, 2), APRIL), (date(2026, 4, 2), None)]:
        make.PriceListItemFactory(item=item, valid_from=start, valid_to=end)
    make.PriceListItemFactory(item=item, min_quantity=10)

    assert models.PriceListItem.objects.count() == 4


def test_not_a_number_is_no_price():
    item = make.ItemFactory()

    with pytest.raises(DatabaseError, match="o2c_price"), connection.cursor() as cursor:
        cursor.execute("UPDATE masters_item SET standard_cost = 'NaN' WHERE id = %s", [item.pk])


def test_a_tracking_link_holds_the_number_and_nothing_else():
    carrier = make.CarrierFactory()

    assert carrier.tracking_link("1Z 9/8") == "https://track.swift.example/1Z%209%2F8"
    assert carrier.tracking_link("") == ""
