"""install_reference_data: a new company starts with what every company needs."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.money import MINOR_UNITS
from o2c.masters.commands import amend_master, install_reference_data
from o2c.masters.commands.checks import terms_problems
from o2c.masters.models import (
    Currency,
    Customer,
    Item,
    PaymentTerms,
    TaxClass,
    TaxCode,
    TaxProfile,
    TaxRate,
    Unit,
)
from o2c.masters.queries import taxes_for
from tests.factories.masters import CustomerFactory

pytestmark = pytest.mark.django_db


def test_reference_data_is_whole_and_installing_twice_changes_nothing(count_statements):
    with count_statements() as count:
        install_reference_data(actor=SYSTEM)
    assert int(count) <= 25, str(count)
    models = (Currency, Unit, TaxCode, TaxProfile, PaymentTerms)
    before = [list(model.objects.order_by("pk").values()) for model in models]

    install_reference_data(actor=SYSTEM)

    assert before == [list(model.objects.order_by("pk").values()) for model in models]
    assert TaxCode.history.count() == TaxCode.objects.count()
    for currency in Currency.objects.all():
        assert currency.minor_units == MINOR_UNITS[currency.code]
    for terms in PaymentTerms.objects.all():
        assert terms_problems(terms.plan()) == [], terms.code


def test_every_profile_taxes_every_class():
    install_reference_data(standard_percent=Decimal(20), reduced_percent=Decimal(5), actor=SYSTEM)
    goods = [Item(code=name, tax_class=name) for name in TaxClass.values]
    services = [Item(code=name, tax_class=name, kind="service") for name in TaxClass.values]
    buyer = CustomerFactory(tax_profile=TaxProfile.objects.get(code="DOMESTIC"))

    def taxes(ship_to, items=goods):
        found = taxes_for(buyer.pk, ship_to, date(2026, 1, 1))
        return {item.tax_class: (found.of(item).category, found.of(item).percent) for item in items}

    assert taxes("DE") == {
        "standard": ("S", 20),
        "reduced": ("S", 5),
        "zero": ("Z", 0),
        "exempt": ("E", 0),
    }
    assert taxes("CH") == dict.fromkeys(TaxClass.values, ("G", 0))
    assert taxes("FR")["standard"] == ("S", 20)  # a consumer: no VAT id of another state
    Customer.objects.update(vat_id="FR40303265045")
    assert taxes("FR") == {**dict.fromkeys(TaxClass.values, ("K", 0)), "exempt": ("E", 0)}
    buyer.addresses.update(country="FR")
    assert taxes("DE", services)["standard"] == ("AE", 0)
    assert taxes("DE")["standard"] == ("S", 20)  # goods that stay here
    assert TaxRate.objects.count() == 2


def test_what_the_company_has_changed_stays():
    install_reference_data(actor=SYSTEM)
    own = Unit.objects.get(code="XBX")
    own.name = "crate"
    amend_master(own, actor=SYSTEM)

    install_reference_data(standard_percent=Decimal(25), actor=SYSTEM)

    assert Unit.objects.get(code="XBX").name == "crate"
    assert TaxRate.objects.get(tax_code__code="STANDARD").percent == 19


def test_a_sales_clerk_may_not(clerk):
    with pytest.raises(NotPermitted, match=r"masters\.add_currency"):
        install_reference_data(actor=clerk)

    assert not Currency.objects.exists()
