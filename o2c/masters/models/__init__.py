"""The masters, in the order they build on each other."""

from o2c.masters.models.base import Coded, Dated, PostalAddress, Recorded, valid_on
from o2c.masters.models.company import BankAccount, Company, Currency, ExchangeRate
from o2c.masters.models.customers import (
    Address,
    AddressKind,
    BillingPolicy,
    Contact,
    ContactRole,
    Customer,
    CustomerItem,
    DeliveryPolicy,
    InvoiceChannel,
    PoPolicy,
)
from o2c.masters.models.items import Item, ItemCategory, ItemKind, ItemUnit, Unit
from o2c.masters.models.places import (
    Carrier,
    CarrierService,
    Location,
    LocationKind,
    Warehouse,
)
from o2c.masters.models.prices import PriceList, PriceListItem
from o2c.masters.models.tax import (
    SupplyKind,
    TaxCategory,
    TaxClass,
    TaxCode,
    TaxProfile,
    TaxRate,
    TaxRule,
)
from o2c.masters.models.terms import DiscountTaxMode, PaymentTerms, PaymentTermsLine

__all__ = [
    "Address",
    "AddressKind",
    "BankAccount",
    "BillingPolicy",
    "Carrier",
    "CarrierService",
    "Coded",
    "Company",
    "Contact",
    "ContactRole",
    "Currency",
    "Customer",
    "CustomerItem",
    "Dated",
    "DeliveryPolicy",
    "DiscountTaxMode",
    "ExchangeRate",
    "InvoiceChannel",
    "Item",
    "ItemCategory",
    "ItemKind",
    "ItemUnit",
    "Location",
    "LocationKind",
    "PaymentTerms",
    "PaymentTermsLine",
    "PoPolicy",
    "PostalAddress",
    "PriceList",
    "PriceListItem",
    "Recorded",
    "SupplyKind",
    "TaxCategory",
    "TaxClass",
    "TaxCode",
    "TaxProfile",
    "TaxRate",
    "TaxRule",
    "Unit",
    "Warehouse",
    "valid_on",
]
