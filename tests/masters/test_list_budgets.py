"""Every list of masters costs the same for 10 rows and for 200."""

from datetime import date, timedelta
from itertools import count, product
from string import ascii_uppercase

import pytest

from o2c.masters.commands import KINDS
from o2c.masters.views import url_of_kind
from tests.factories import masters as make
from tests.web_budget import assert_list_budget

pytestmark = pytest.mark.django_db

NUMBERS = count(1)
CURRENCIES = map("".join, product("Q", ascii_uppercase, ascii_uppercase))


def coded(factory, prefix, **fields):
    """Makes masters with codes of their own."""
    return lambda: factory(code=f"{prefix}{next(NUMBERS)}", **fields)


#: By kind: how one more row is made.
ROWS = {
    "currencies": lambda: make.CurrencyFactory(code=next(CURRENCIES), minor_units=2),
    "exchange-rates": lambda: make.ExchangeRateFactory(
        date=date(2001, 1, 1) + timedelta(days=next(NUMBERS))
    ),
    "bank-accounts": lambda: make.BankAccountFactory(
        code=f"B{next(NUMBERS)}", iban="", account_number=str(next(NUMBERS))
    ),
    "units": coded(make.UnitFactory, "U"),
    "item-categories": coded(make.ItemCategoryFactory, "C"),
    "items": make.ItemFactory,
    "item-units": make.ItemUnitFactory,
    "tax-codes": coded(make.TaxCodeFactory, "T"),
    "tax-rates": coded(make.TaxCodeFactory, "T"),  # each brings its rate
    "tax-profiles": coded(make.TaxProfileFactory, "P", rules={}),
    "tax-rules": coded(make.TaxProfileFactory, "P"),  # each brings four rules
    "terms": coded(make.PaymentTermsFactory, "N"),
    "terms-lines": coded(make.PaymentTermsFactory, "N"),  # each brings its line
    "price-lists": coded(make.PriceListFactory, "L"),
    "prices": make.PriceListItemFactory,
    "customers": make.CustomerFactory,
    "addresses": make.AddressFactory,
    "contacts": make.ContactFactory,
    "customer-items": make.CustomerItemFactory,
    "warehouses": coded(make.WarehouseFactory, "W", bins=0),
    "locations": make.LocationFactory,
    "carriers": coded(make.CarrierFactory, "R"),
    "carrier-services": coded(make.CarrierFactory, "R"),  # each brings its service
}


def test_every_kind_is_asked():
    assert set(ROWS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_keeps_its_budget(kind, boss):
    before = KINDS[kind].model._default_manager.count()

    assert_list_budget(
        boss, url_of_kind(kind, "list"), lambda more: [ROWS[kind]() for _row in range(more)]
    )

    assert KINDS[kind].model._default_manager.count() >= before + 200
