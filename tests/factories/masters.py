"""Masters for tests. Whatever a test does not mention has a value that works.

`CustomerFactory()` alone gives a customer who can order: the company exists, the currency and
its rate are known, standard tax is 19 %, terms are net 30, there is a delivery address.
Shared masters (company, currencies, units, taxes, terms) are fetched when they exist.
"""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from o2c.core.money import MINOR_UNITS
from o2c.masters import models
from o2c.masters.models.tax import TAXED_CATEGORIES


class _Keyed(DjangoModelFactory):
    """Fetches the row with the same key instead of making a twin."""

    class Meta:
        abstract = True


class CurrencyFactory(_Keyed):
    class Meta:
        model = models.Currency
        django_get_or_create = ("code",)

    code = "EUR"
    name = factory.SelfAttribute("code")
    minor_units = factory.LazyAttribute(lambda o: MINOR_UNITS[o.code])


class CompanyFactory(_Keyed):
    """The one company. First orders are not held, so that a test needs no credit manager."""

    class Meta:
        model = models.Company
        django_get_or_create = ("id",)

    class Params:
        currency = factory.SubFactory(CurrencyFactory)

    id = 1
    name = "Nordwind Supply"
    legal_name = "Nordwind Supply GmbH"
    vat_id = "DE136695976"
    street = "Speicherstraße 1"
    postcode = "20457"
    city = "Hamburg"
    country = "DE"
    email = "office@nordwind.example"
    base_currency = factory.SelfAttribute("currency.code")
    credit_new_customer_hold = False


class ExchangeRateFactory(_Keyed):
    """Base currency for one unit of `currency` from `date` on."""

    class Meta:
        model = models.ExchangeRate
        django_get_or_create = ("currency", "date")

    class Params:
        known = factory.SubFactory(CurrencyFactory, code="USD")

    currency = factory.SelfAttribute("known.code")
    date = date(2000, 1, 1)
    rate = Decimal("0.90")


class UnitFactory(_Keyed):
    class Meta:
        model = models.Unit
        django_get_or_create = ("code",)

    code = "H87"
    name = "piece"
    symbol = "pc"
    decimals = 0


class TaxCodeFactory(_Keyed):
    """A tax code with its rate (19 %); categories that are never taxed have none."""

    class Meta:
        model = models.TaxCode
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "S19"
    name = "Standard rate 19 %"
    category = "S"

    @factory.post_generation
    def percent(self, create, extracted, **kwargs):
        if create and self.category in TAXED_CATEGORIES and not self.rates.exists():
            models.TaxRate.objects.create(tax_code=self, percent=extracted or Decimal(19))


class TaxProfileFactory(_Keyed):
    """Domestic taxes: 19 %, 7 %, zero rated, exempt. Pass `rules={}` to begin with none."""

    class Meta:
        model = models.TaxProfile
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "DOMESTIC"
    name = "Domestic"

    @factory.post_generation
    def rules(self, create, extracted, **kwargs):
        if not create or self.rules.exists():
            return
        for tax_class, tax_code in (domestic_taxes() if extracted is None else extracted).items():
            models.TaxRule.objects.create(profile=self, tax_class=tax_class, tax_code=tax_code)


def german_rates():
    """19 %, in the second half of 2020 16 %."""
    code = TaxCodeFactory()
    code.rates.update(valid_to=date(2020, 6, 30))
    for percent, valid_from, valid_to in (
        (16, date(2020, 7, 1), date(2020, 12, 31)),
        (19, date(2021, 1, 1), None),
    ):
        models.TaxRate.objects.create(
            tax_code=code, percent=percent, valid_from=valid_from, valid_to=valid_to
        )
    return code


def domestic_taxes():
    """Tax class -> tax code of the domestic profile."""
    return {
        "standard": TaxCodeFactory(),
        "reduced": TaxCodeFactory(code="S7", name="Reduced rate 7 %", percent=Decimal(7)),
        "zero": TaxCodeFactory(code="Z", name="Zero rated", category="Z"),
        "exempt": TaxCodeFactory(
            code="E", name="Exempt", category="E", exemption_reason="Exempt from VAT"
        ),
    }


class PaymentTermsFactory(_Keyed):
    """Net 30. Other terms: `PaymentTermsFactory(code="...", lines=[dict(days=14), ...])`."""

    class Meta:
        model = models.PaymentTerms
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "NET30"
    name = "30 days net"

    @factory.post_generation
    def lines(self, create, extracted, **kwargs):
        if not create or self.lines.exists():
            return
        for sequence, line in enumerate(extracted or [{"days": 30}], start=1):
            whole = {} if {"share_percent", "fixed_amount"} & set(line) else {"remainder": True}
            models.PaymentTermsLine.objects.create(terms=self, sequence=sequence, **whole, **line)


class PriceListFactory(_Keyed):
    class Meta:
        model = models.PriceList
        django_get_or_create = ("code",)

    class Params:
        known = factory.SubFactory(CurrencyFactory, code=factory.SelfAttribute("..iso"))
        iso = "EUR"

    code = factory.LazyAttribute(lambda o: f"STANDARD-{o.currency}")
    name = factory.LazyAttribute(lambda o: f"Standard prices {o.currency}")
    currency = factory.SelfAttribute("known.code")


class ItemCategoryFactory(_Keyed):
    class Meta:
        model = models.ItemCategory
        django_get_or_create = ("code",)

    code = "GENERAL"
    name = "General"


class ItemFactory(DjangoModelFactory):
    """Goods on stock at a cost of 6.00. `price="10.00"` puts it on the standard EUR price list."""

    class Meta:
        model = models.Item
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"ITEM-{n:04d}")
    name = factory.LazyAttribute(lambda o: f"Item {o.code}")
    category = factory.SubFactory(ItemCategoryFactory)
    unit = factory.SubFactory(UnitFactory)
    weight_kg = Decimal("0.500")
    standard_cost = Decimal("6.00")

    @factory.post_generation
    def price(self, create, extracted, **kwargs):
        if create and extracted is not None:
            PriceListItemFactory(item=self, price=Decimal(extracted))


class ServiceFactory(ItemFactory):
    code = factory.Sequence(lambda n: f"SERVICE-{n:04d}")
    kind = models.ItemKind.SERVICE
    unit = factory.SubFactory(UnitFactory, code="HUR", name="hour", symbol="h", decimals=2)
    weight_kg = Decimal(0)
    standard_cost = Decimal(0)


class ItemUnitFactory(DjangoModelFactory):
    """A box of twelve."""

    class Meta:
        model = models.ItemUnit

    item = factory.SubFactory(ItemFactory)
    unit = factory.SubFactory(UnitFactory, code="XBX", name="box", symbol="box")
    factor = Decimal(12)


class PriceListItemFactory(DjangoModelFactory):
    class Meta:
        model = models.PriceListItem

    price_list = factory.SubFactory(PriceListFactory)
    item = factory.SubFactory(ItemFactory)
    price = Decimal("10.00")


class CustomerFactory(DjangoModelFactory):
    """A customer who can order at once. `currency="USD"` brings a USD rate and price list."""

    class Meta:
        model = models.Customer
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"C{n:05d}")
    name = factory.LazyAttribute(lambda o: f"Customer {o.code}")
    legal_name = factory.LazyAttribute(lambda o: f"{o.name} GmbH")
    email = factory.LazyAttribute(lambda o: f"{o.code.lower()}@customers.example")
    currency = "EUR"
    terms = factory.SubFactory(PaymentTermsFactory)
    price_list = factory.SubFactory(PriceListFactory, iso=factory.SelfAttribute("..currency"))
    tax_profile = factory.SubFactory(TaxProfileFactory)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        company = CompanyFactory()
        CurrencyFactory(code=kwargs["currency"])
        if kwargs["currency"] != company.base_currency:
            ExchangeRateFactory(known__code=kwargs["currency"])
        return super()._create(model_class, *args, **kwargs)

    @factory.post_generation
    def address(self, create, extracted, **kwargs):
        if create and extracted is not False:
            AddressFactory(customer=self, **kwargs)


class AddressFactory(DjangoModelFactory):
    """The customer's default address for goods and bills."""

    class Meta:
        model = models.Address

    customer = factory.SubFactory(CustomerFactory, address=False)
    code = "MAIN"
    name = factory.SelfAttribute("customer.legal_name")
    street = "Marktplatz 5"
    postcode = "80331"
    city = "München"
    country = "DE"
    is_default = True


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = models.Contact

    customer = factory.SubFactory(CustomerFactory)
    role = models.ContactRole.ACCOUNTS_PAYABLE
    name = "Petra Beispiel"
    email = factory.LazyAttribute(lambda o: f"ap@{o.customer.code.lower()}.example")


class CustomerItemFactory(DjangoModelFactory):
    class Meta:
        model = models.CustomerItem

    customer = factory.SubFactory(CustomerFactory)
    item = factory.SubFactory(ItemFactory)
    code = factory.Sequence(lambda n: f"THEIRS-{n}")


class WarehouseFactory(_Keyed):
    """The main warehouse with two storage bins, receiving, shipping, quarantine and scrap.

    `bins=5` makes five storage bins; walking order is 10, 20, ...
    """

    class Meta:
        model = models.Warehouse
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "MAIN"
    name = "Main warehouse"
    street = "Kai 7"
    postcode = "20457"
    city = "Hamburg"
    country = "DE"

    @factory.post_generation
    def bins(self, create, extracted, **kwargs):
        if not create or self.locations.exists():
            return
        for number in range(1, (2 if extracted is None else extracted) + 1):
            LocationFactory(warehouse=self, code=f"A-{number:02d}", walk_order=number * 10)
        for kind in ("receiving", "shipping", "quarantine", "scrap"):
            LocationFactory(warehouse=self, code=kind.upper(), kind=kind, walk_order=0)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        CompanyFactory()
        return super()._create(model_class, *args, **kwargs)


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = models.Location

    warehouse = factory.SubFactory(WarehouseFactory)
    code = factory.Sequence(lambda n: f"B-{n:03d}")
    walk_order = factory.Sequence(lambda n: 1000 + n)


class CarrierFactory(_Keyed):
    """A carrier with a tracking link and one service, next day."""

    class Meta:
        model = models.Carrier
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "SWIFT"
    name = "Swift Parcel"
    scac = "SWPA"
    tracking_url = "https://track.swift.example/{tracking}"

    @factory.post_generation
    def service(self, create, extracted, **kwargs):
        if create and extracted is not False and not self.services.exists():
            CarrierServiceFactory(carrier=self)


class CarrierServiceFactory(DjangoModelFactory):
    class Meta:
        model = models.CarrierService

    carrier = factory.SubFactory(CarrierFactory, service=False)
    code = "NEXTDAY"
    name = "Next day"
    transit_days = 1


class BankAccountFactory(_Keyed):
    class Meta:
        model = models.BankAccount
        django_get_or_create = ("code",)

    class Params:
        known = factory.SubFactory(CurrencyFactory)

    code = "BANK"
    name = "Main account"
    iban = "DE89370400440532013000"
    bic = "COBADEFFXXX"
    bank_name = "Commerzbank"
    currency = factory.SelfAttribute("known.code")
