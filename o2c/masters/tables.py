"""The lists of the masters, by kind (see `o2c.masters.commands.KINDS`)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from o2c.core.states import snake_case
from o2c.masters import models as m
from o2c.masters.commands import KINDS
from o2c.web.formats import country_text, iban_text
from o2c.web.tables import (
    BooleanColumn,
    ChoiceColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    DetailTable,
    ForeignKeyFilter,
    LinkColumn,
    NumberColumn,
    PercentColumn,
    PriceColumn,
    QuantityColumn,
    SearchFilter,
    Tab,
    Table,
)
from o2c.web.tables.filters import Filter

ACTIVE_TABS = (
    Tab("active", _("Active"), lambda rows: rows.filter(active=True)),
    Tab("inactive", _("Switched off"), lambda rows: rows.filter(active=False)),
    Tab("all", _("All")),
)
_CODE, _NAME = LinkColumn("code", _("Code")), Column("name", _("Name"))
_CURRENCY = Column("currency", _("Currency"))
_DATED = (DateColumn("valid_from", _("Valid from")), DateColumn("valid_to", _("Valid to")))


def _of(path: str, label: object) -> LinkColumn:
    """A column that names another master by its code and leads there."""
    return LinkColumn(f"{path}__code", label, to=path)  # type: ignore[arg-type]  # lazy text


#: kind -> columns behind the identifier, filters beside the search, fields that are searched
_LISTS: dict[str, tuple[Sequence[Column], Sequence[Filter], Sequence[str]]] = {
    "currencies": (
        [_CODE, _NAME, NumberColumn("minor_units", _("Decimals"))],
        [],
        ["code", "name"],
    ),
    "exchange-rates": (
        [
            LinkColumn("currency", _("Currency")),
            DateColumn("date", _("Date")),
            PriceColumn("rate", _("Rate")),
            Column("source", _("Source")),
        ],
        [DateFilter("date")],
        ["currency", "source"],
    ),
    "bank-accounts": (
        [
            _CODE,
            _NAME,
            Column("iban", _("IBAN"), value=lambda account: iban_text(account.iban), sort="iban"),
            Column("bank_name", _("Bank")),
            _CURRENCY,
        ],
        [],
        ["code", "name", "iban"],
    ),
    "units": (
        [_CODE, _NAME, Column("symbol", _("Symbol")), NumberColumn("decimals", _("Decimals"))],
        [],
        ["code", "name"],
    ),
    "item-categories": ([_CODE, _NAME, _of("parent", _("Parent"))], [], ["code", "name"]),
    "items": (
        [
            _CODE,
            _NAME,
            Column("category__name", _("Category")),
            ChoiceColumn("kind", _("Kind")),
            Column("unit__code", _("Unit")),
            PriceColumn("standard_cost", _("Standard cost")),
            ChoiceColumn("tax_class", _("Tax class")),
            Column("barcode", _("Barcode"), optional=True),
            QuantityColumn("weight_kg", _("Weight, kg"), optional=True),
        ],
        [ChoiceFilter("kind", m.ItemKind), ForeignKeyFilter("category")],
        ["code", "name", "barcode"],
    ),
    "item-units": (
        [
            LinkColumn("unit__code", _("Unit")),
            _of("item", _("Item")),
            QuantityColumn("factor", _("Factor")),
            Column("barcode", _("Barcode")),
        ],
        [ForeignKeyFilter("item")],
        ["item__code", "barcode"],
    ),
    "tax-codes": (
        [
            _CODE,
            _NAME,
            ChoiceColumn("category", _("Category")),
            Column("exemption_reason", _("Exemption reason")),
        ],
        [ChoiceFilter("category", m.TaxCategory)],
        ["code", "name"],
    ),
    "tax-rates": (
        [
            LinkColumn("percent", _("Percent"), value=lambda rate: f"{rate.percent:.2f} %"),
            _of("tax_code", _("Tax code")),
            *_DATED,
        ],
        [ForeignKeyFilter("tax_code")],
        ["tax_code__code"],
    ),
    "tax-profiles": (
        [_CODE, _NAME, ChoiceColumn("supply", _("For supplies"))],
        [ChoiceFilter("supply", m.SupplyKind)],
        ["code", "name"],
    ),
    "tax-rules": (
        [
            LinkColumn(
                "tax_class", _("Tax class"), value=lambda rule: rule.get_tax_class_display()
            ),
            _of("profile", _("Tax profile")),
            _of("tax_code", _("Tax code")),
        ],
        [ForeignKeyFilter("profile")],
        ["profile__code", "tax_code__code"],
    ),
    "terms": (
        [
            _CODE,
            _NAME,
            PercentColumn("discount_percent", _("Early discount")),
            NumberColumn("discount_days", _("Discount days")),
        ],
        [],
        ["code", "name"],
    ),
    "terms-lines": (
        [
            LinkColumn("sequence", _("Line")),
            _of("terms", _("Payment terms")),
            PercentColumn("share_percent", _("Share")),
            NumberColumn("fixed_amount", _("Fixed amount")),
            BooleanColumn("remainder", _("The rest")),
            NumberColumn("days", _("Days")),
            NumberColumn("months", _("Months")),
            BooleanColumn("end_of_month", _("End of month")),
        ],
        [ForeignKeyFilter("terms")],
        ["terms__code"],
    ),
    "price-lists": (
        [
            _CODE,
            _NAME,
            _CURRENCY,
            BooleanColumn("tax_included", _("Prices include tax")),
            _of("customer", _("Only for")),
        ],
        [ForeignKeyFilter("customer")],
        ["code", "name"],
    ),
    "prices": (
        [
            LinkColumn("item__code", _("Item")),
            Column("item__name", _("Name")),
            _of("price_list", _("Price list")),
            QuantityColumn("min_quantity", _("From quantity")),
            PriceColumn("price", _("Price")),
            PercentColumn("discount_percent", _("Discount")),
            *_DATED,
        ],
        [ForeignKeyFilter("price_list"), ForeignKeyFilter("item")],
        ["item__code", "item__name"],
    ),
    "customers": (
        [
            _CODE,
            _NAME,
            _CURRENCY,
            _of("terms", _("Payment terms")),
            _of("price_list", _("Price list")),
            Column("tax_profile__code", _("Tax profile")),
            Column("vat_id", _("VAT id")),
            Column("email", _("E-mail"), optional=True),
            ChoiceColumn("billing_policy", _("Billing"), optional=True),
        ],
        [
            ForeignKeyFilter("terms"),
            ForeignKeyFilter("price_list"),
            ChoiceFilter("billing_policy", m.BillingPolicy),
        ],
        ["code", "name", "legal_name", "vat_id", "email"],
    ),
    "addresses": (
        [
            _CODE,
            _of("customer", _("Customer")),
            _NAME,
            ChoiceColumn("kind", _("Kind")),
            Column("street", _("Street")),
            Column("postcode", _("Postcode")),
            Column("city", _("City")),
            Column(
                "country",
                _("Country"),
                value=lambda address: country_text(address.country),
                sort="country",
            ),
            BooleanColumn("is_default", _("Default")),
        ],
        [ForeignKeyFilter("customer"), ChoiceFilter("kind", m.AddressKind)],
        ["code", "name", "city", "customer__code", "customer__name"],
    ),
    "contacts": (
        [
            LinkColumn("name", _("Name")),
            _of("customer", _("Customer")),
            ChoiceColumn("role", _("Role")),
            Column("email", _("E-mail")),
            Column("phone", _("Phone")),
        ],
        [ForeignKeyFilter("customer"), ChoiceFilter("role", m.ContactRole)],
        ["name", "email", "customer__code", "customer__name"],
    ),
    "customer-items": (
        [_CODE, _of("customer", _("Customer")), _of("item", _("Item")), _NAME],
        [ForeignKeyFilter("customer"), ForeignKeyFilter("item")],
        ["code", "name", "customer__code", "item__code"],
    ),
    "warehouses": ([_CODE, _NAME, Column("city", _("City"))], [], ["code", "name", "city"]),
    "locations": (
        [
            _CODE,
            _of("warehouse", _("Warehouse")),
            ChoiceColumn("kind", _("Kind")),
            NumberColumn("walk_order", _("Walking order")),
            Column("barcode", _("Barcode")),
        ],
        [ForeignKeyFilter("warehouse"), ChoiceFilter("kind", m.LocationKind)],
        ["code", "barcode"],
    ),
    "carriers": ([_CODE, _NAME, Column("scac", _("SCAC"))], [], ["code", "name", "scac"]),
    "carrier-services": (
        [_CODE, _of("carrier", _("Carrier")), _NAME, NumberColumn("transit_days", _("Days"))],
        [ForeignKeyFilter("carrier")],
        ["code", "name", "carrier__code"],
    ),
}


def _table(name: str) -> type[Table]:
    """The list page of one kind."""
    kind = KINDS[name]
    columns, filters, searched = _LISTS[name]
    noun = snake_case(kind.model.__name__)
    has_active = any(field.name == "active" for field in kind.model._meta.fields)
    active = [BooleanColumn("active", _("Active"), optional=True)] if has_active else []
    return type(
        f"{kind.model.__name__}Table",
        (Table,),
        {
            "title": kind.title,
            "model": kind.model,
            "columns": [*columns, *active],
            "filters": [SearchFilter(*searched), *filters],
            "tabs": ACTIVE_TABS if has_active else (),
            "new": f"masters:{noun}_new" if name != "terms-lines" else "",
            "imports": f"masters:{noun}_import",
            "default_sort": columns[0].key if columns[0].sort_path else "pk",
        },
    )


TABLES = {name: _table(name) for name in KINDS}


class PartTable(DetailTable):
    """Rows that belong to a master, with columns of their own list, whose links they keep."""

    def __init__(
        self, rows: Sequence[Any], listing: type[Table], columns: Sequence[Column], title: Any
    ) -> None:
        super().__init__(rows, title=title)
        self._listing = listing
        self._columns = columns

    @property
    def table(self) -> Any:
        return self._listing

    def declared(self) -> Sequence[Column]:
        return self._columns
