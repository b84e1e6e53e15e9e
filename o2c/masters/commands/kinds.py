"""What can be imported, column by column. The page and the command line show this as help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.masters import models as m
from o2c.masters.commands.columns import Identifier
from o2c.tabular import Choice, Code, Column, Day, Flag, Number, Text, Whole

_LARGEST = Decimal("999999999999.999999")


@dataclass(frozen=True)
class Reference:
    """A column that names another master by its code (`by`); `store` keeps the code itself."""

    model: type[m.Recorded]
    by: str = "code"
    store: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file: its columns, the ones that identify a row, and those naming other rows.

    A second import of the same file finds each row again by `key` and changes nothing.
    """

    name: str
    model: type[m.Recorded]
    title: str | Promise
    key: Sequence[str]
    columns: Sequence[Column]
    references: Mapping[str, Reference] = field(default_factory=dict)

    @property
    def self_references(self) -> set[str]:
        """Columns naming rows of the same kind, perhaps of the same file."""
        return {name for name, to in self.references.items() if to.model is self.model}


def _code(name: str = "code", **options: Any) -> Code:
    return Code(name=name, required=True, **options)


def _name(**options: Any) -> Text:
    return Text(name="name", required=True, **options)


def _to(name: str, *, required: bool = False, **options: Any) -> Code:
    """A column that names another master; empty means none."""
    return Code(name=name, required=required, empty=None, **options)


#: what documents can be written in, by the word in the file
_LANGUAGES = {code: code for code, _name in settings.LANGUAGES}


def _choice(name: str, choices: type[TextChoices], **options: Any) -> Choice:
    return Choice(name=name, choices={value.lower(): value for value in choices.values}, **options)


def _number(name: str, decimals: int, **options: Any) -> Number:
    options = {"minimum": Decimal(0), "maximum": _LARGEST, "empty": Decimal(0), **options}
    return Number(name=name, decimals=decimals, **options)


def _percent(name: str = "percent", **options: Any) -> Number:
    return _number(name, 4, maximum=Decimal(100), **options)


ACTIVE = Flag(name="active", empty=True)
CODED = (_code(), _name(), ACTIVE)
DATED = (Day(name="valid_from", kind=DayKind.ANY), Day(name="valid_to", kind=DayKind.ANY))
ADDRESS = (
    Text(name="street"),
    Text(name="street2"),
    Text(name="postcode", max_length=20, aliases=("zip", "postal_code")),
    Text(name="city", max_length=100),
    Text(name="region", max_length=100, aliases=("state",)),
    Text(
        name="country",
        required=True,
        max_length=2,
        pattern="[A-Z]{2}",
        right=_("Two capital letters by ISO 3166, such as DE."),
    ),
)
CURRENCY = Reference(m.Currency, store=True)
CUSTOMER, ITEM, UNIT = Reference(m.Customer), Reference(m.Item), Reference(m.Unit)

_KINDS = [
    Kind(
        "currencies",
        m.Currency,
        _("Currencies"),
        ["code"],
        [_code(max_length=3), _name(), Whole(name="minor_units", required=True), ACTIVE],
    ),
    Kind(
        "exchange-rates",
        m.ExchangeRate,
        _("Exchange rates"),
        ["currency", "date"],
        [
            _to("currency", required=True),
            Day(name="date", kind=DayKind.PLANNED, required=True),
            _number("rate", 8, required=True, maximum=Decimal(10**9)),
            Text(name="source", max_length=100),
        ],
        {"currency": CURRENCY},
    ),
    Kind(
        "bank-accounts",
        m.BankAccount,
        _("Bank accounts"),
        ["code"],
        [
            *CODED,
            Identifier(name="iban"),
            Identifier(name="bic"),
            Code(name="account_number"),
            Text(name="bank_name", max_length=100),
            _to("currency", required=True),
        ],
        {"currency": CURRENCY},
    ),
    Kind(
        "units",
        m.Unit,
        _("Units"),
        ["code"],
        [*CODED, Text(name="symbol", max_length=10), Whole(name="decimals", empty=0)],
    ),
    Kind(
        "item-categories",
        m.ItemCategory,
        _("Item categories"),
        ["code"],
        [*CODED, _to("parent")],
        {"parent": Reference(m.ItemCategory)},
    ),
    Kind(
        "items",
        m.Item,
        _("Items"),
        ["code"],
        [
            *CODED,
            Text(name="description", max_length=2000, multiline=True),
            _to("category"),
            _choice("kind", m.ItemKind, empty=m.ItemKind.STOCKED),
            _to("unit", required=True),
            Code(name="barcode", aliases=("ean", "gtin")),
            _number("weight_kg", 3, aliases=("weight",)),
            _number("standard_cost", 6, aliases=("cost",)),
            _choice("tax_class", m.TaxClass, empty=m.TaxClass.STANDARD),
        ],
        {"category": Reference(m.ItemCategory), "unit": UNIT},
    ),
    Kind(
        "item-units",
        m.ItemUnit,
        _("Item units"),
        ["item", "unit"],
        [
            _to("item", required=True),
            _to("unit", required=True),
            _number("factor", 8, required=True, maximum=Decimal(10**9)),
            Code(name="barcode", aliases=("ean", "gtin")),
        ],
        {"item": ITEM, "unit": UNIT},
    ),
    Kind(
        "tax-codes",
        m.TaxCode,
        _("Tax codes"),
        ["code"],
        [
            *CODED,
            _choice("category", m.TaxCategory, required=True),
            Code(name="exemption_code", max_length=30),
            Text(name="exemption_reason"),
        ],
    ),
    Kind(
        "tax-rates",
        m.TaxRate,
        _("Tax rates"),
        ["tax_code", "valid_from"],
        [_to("tax_code", required=True), _percent(required=True), *DATED],
        {"tax_code": Reference(m.TaxCode)},
    ),
    Kind(
        "tax-profiles",
        m.TaxProfile,
        _("Tax profiles"),
        ["code"],
        [*CODED, _choice("supply", m.SupplyKind)],
    ),
    Kind(
        "tax-rules",
        m.TaxRule,
        _("Tax rules"),
        ["profile", "tax_class"],
        [
            _to("profile", required=True),
            _choice("tax_class", m.TaxClass, required=True),
            _to("tax_code", required=True),
        ],
        {"profile": Reference(m.TaxProfile), "tax_code": Reference(m.TaxCode)},
    ),
    Kind(
        "terms",
        m.PaymentTerms,
        _("Payment terms"),
        ["code"],
        [
            *CODED,
            _percent("discount_percent"),
            Whole(name="discount_days"),
            _choice(
                "discount_tax_mode",
                m.DiscountTaxMode,
                empty=m.DiscountTaxMode.REDUCED_WHEN_TAKEN,
            ),
        ],
    ),
    Kind(
        "terms-lines",
        m.PaymentTermsLine,
        _("Payment terms lines"),
        ["terms", "sequence"],
        [
            _to("terms", required=True),
            Whole(name="sequence", required=True),
            _percent("share_percent", empty=None),
            _number("fixed_amount", 4, empty=None),
            Flag(name="remainder"),
            Whole(name="days", empty=0),
            Whole(name="months", empty=0),
            Flag(name="end_of_month"),
            Whole(name="extra_days", empty=0),
            Whole(name="day_of_month"),
        ],
        {"terms": Reference(m.PaymentTerms)},
    ),
    Kind(
        "price-lists",
        m.PriceList,
        _("Price lists"),
        ["code"],
        [*CODED, _to("currency", required=True), Flag(name="tax_included"), _to("customer")],
        {"currency": CURRENCY, "customer": CUSTOMER},
    ),
    Kind(
        "prices",
        m.PriceListItem,
        _("Prices"),
        ["price_list", "item", "min_quantity", "valid_from"],
        [
            _to("price_list", required=True),
            _to("item", required=True),
            _number("min_quantity", 3),
            _number("price", 6, required=True),
            _percent("discount_percent"),
            *DATED,
        ],
        {"price_list": Reference(m.PriceList), "item": ITEM},
    ),
    Kind(
        "customers",
        m.Customer,
        _("Customers"),
        ["code"],
        [
            *CODED,
            Text(name="legal_name"),
            Identifier(name="vat_id"),
            Text(name="registration", max_length=100),
            Text(name="email", max_length=254),
            Text(name="phone", max_length=40),
            Choice(name="language", choices=_LANGUAGES, empty=settings.LANGUAGE_CODE),
            _to("currency", required=True),
            _to("terms", required=True),
            _to("price_list"),
            _to("tax_profile", required=True),
            _to("bill_to"),
            _to("payer"),
            _choice("po_policy", m.PoPolicy, empty=m.PoPolicy.REFUSE),
            Flag(name="reference_required"),
            _choice("billing_policy", m.BillingPolicy, empty=m.BillingPolicy.DISPATCHED),
            _choice("delivery_policy", m.DeliveryPolicy, empty=m.DeliveryPolicy.PARTIAL),
            _choice("invoice_channel", m.InvoiceChannel, empty=m.InvoiceChannel.EMAIL),
            Text(name="note", max_length=2000, multiline=True),
        ],
        {
            "currency": CURRENCY,
            "terms": Reference(m.PaymentTerms),
            "price_list": Reference(m.PriceList),
            "tax_profile": Reference(m.TaxProfile),
            "bill_to": CUSTOMER,
            "payer": CUSTOMER,
        },
    ),
    Kind(
        "addresses",
        m.Address,
        _("Addresses"),
        ["customer", "code"],
        [
            _to("customer", required=True),
            _code(),
            _choice("kind", m.AddressKind, empty=m.AddressKind.BOTH),
            _name(),
            *ADDRESS,
            Identifier(name="gln", max_length=13),
            Text(name="instructions", max_length=500),
            Flag(name="is_default", aliases=("default",)),
            ACTIVE,
        ],
        {"customer": CUSTOMER},
    ),
    Kind(
        "contacts",
        m.Contact,
        _("Contacts"),
        ["customer", "role", "name"],
        [
            _to("customer", required=True),
            _choice("role", m.ContactRole, required=True),
            _name(),
            Text(name="email", max_length=254),
            Text(name="phone", max_length=40),
            ACTIVE,
        ],
        {"customer": CUSTOMER},
    ),
    Kind(
        "customer-items",
        m.CustomerItem,
        _("Customers' item codes"),
        ["customer", "item"],
        [
            _to("customer", required=True),
            _to("item", required=True),
            _code(),
            Text(name="name"),
        ],
        {"customer": CUSTOMER, "item": ITEM},
    ),
    Kind("warehouses", m.Warehouse, _("Warehouses"), ["code"], [*CODED, *ADDRESS]),
    Kind(
        "locations",
        m.Location,
        _("Locations"),
        ["warehouse", "code"],
        [
            _to("warehouse", required=True),
            _code(),
            _choice("kind", m.LocationKind, empty=m.LocationKind.STORAGE),
            Whole(name="walk_order", empty=0, maximum=Decimal(2**31 - 1)),
            Code(name="barcode"),
            ACTIVE,
        ],
        {"warehouse": Reference(m.Warehouse)},
    ),
    Kind(
        "carriers",
        m.Carrier,
        _("Carriers"),
        ["code"],
        [*CODED, Code(name="scac", max_length=4), Text(name="tracking_url", max_length=300)],
    ),
    Kind(
        "carrier-services",
        m.CarrierService,
        _("Carrier services"),
        ["carrier", "code"],
        [
            _to("carrier", required=True),
            _code(),
            _name(),
            Whole(name="transit_days", empty=1),
            ACTIVE,
        ],
        {"carrier": Reference(m.Carrier)},
    ),
]

#: By name, in an order in which a company is set up: what is referred to comes first.
KINDS = {kind.name: kind for kind in _KINDS}
