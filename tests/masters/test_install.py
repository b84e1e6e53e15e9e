"""A new company starts with what every company needs; starting twice changes nothing."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.money import MINOR_UNITS
from o2c.masters.commands import install_company, install_reference_data
from o2c.masters.commands.checks import terms_problems
from o2c.masters.models import (
    Company,
    Currency,
    Item,
    PaymentTerms,
    TaxCode,
    TaxProfile,
    TaxRate,
    Unit,
)
from o2c.masters.queries import tax_codes_for

pytestmark = pytest.mark.django_db
COMPANY = {"name": "Nordwind", "country": "DE", "base_currency": "EUR"}


def test_the_company_is_set_up_once():
    company = install_company(**COMPANY, vat_id="de 136695976", actor=SYSTEM)

    assert (company.pk, company.legal_name, company.vat_id) == (1, "Nordwind", "DE136695976")
    assert Currency.objects.get().minor_units == 2
    with pytest.raises(RuleViolation, match="set up already"):
        install_company(**COMPANY, actor=SYSTEM)
    assert Company.objects.count() == 1


def test_a_company_with_an_unknown_currency_is_refused():
    with pytest.raises(RuleViolation, match="XAU is not an ISO 4217 currency"):
        install_company(**{**COMPANY, "base_currency": "XAU"}, actor=SYSTEM)


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
    items = [Item(code=name, tax_class=name) for name in ("standard", "reduced", "zero", "exempt")]

    taxes = {
        profile.code: {
            name: (tax.category, tax.percent)
            for name, tax in tax_codes_for(profile, items, date(2026, 1, 1)).items()
        }
        for profile in TaxProfile.objects.all()
    }

    assert taxes["DOMESTIC"] == {
        "standard": ("S", 20),
        "reduced": ("S", 5),
        "zero": ("Z", 0),
        "exempt": ("E", 0),
    }
    assert taxes["EXPORT"]["standard"] == ("G", 0)
    assert taxes["EU-BUSINESS"]["standard"] == ("K", 0)
    assert TaxRate.objects.count() == 2
