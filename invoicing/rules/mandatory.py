"""What an invoice must say before it may be posted, by the tax it charges and the countries.

Article 226 of Directive 2006/112/EC, and the rules of EN 16931 on VAT ids, deliveries and reasons
(BR-S-02, BR-AE-02, BR-IC-02, BR-IC-11, BR-IC-12, BR-G-02, BR-E-10 and their like).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from o2c.masters.rules.supply import country_of_vat_id, is_member

# Where a missing field is entered.
SELLER, BUYER, ADDRESS, ORDER, TERMS, TAX, SHIPMENT = (
    *("seller", "buyer", "address", "order", "terms", "tax", "shipment"),
)
#: Categories of EN 16931 (UNCL 5305), as text: reverse charge, intra-community, export, no tax.
_REVERSE, _INTRA, _EXPORT, _OUTSIDE = "AE", "K", "G", "O"
#: These state no reason on the invoice.
_SILENT = ("S", "L", "M", "Z")
#: The seller's VAT id is a must; a tax number will not do.
_UNTAXED_ABROAD = (_REVERSE, _INTRA, _EXPORT)
#: The buyer owes the tax: nobody but a business with a VAT id.
_BUSINESS_ONLY = (_REVERSE, _INTRA)


@dataclass(frozen=True)
class Party:
    """Who sells or buys, as printed. The country is ISO 3166 alpha-2."""

    name: str
    street: str
    city: str
    country: str
    vat_id: str
    tax_number: str = ""


@dataclass(frozen=True)
class Content:
    """What of an invoice is mandatory. `reasons` are the words on untaxed groups by category."""

    seller: Party
    buyer: Party
    ship_to: str
    delivery_date: date | None
    terms: str
    reasons: Mapping[str, str]
    reference: str
    reference_required: bool


class Missing(NamedTuple):
    """A field that is missing (or wrong) and where it is entered."""

    where: str
    field: str


def missing_of(content: Content) -> list[Missing]:
    """Every mandatory field that the content lacks; empty when it may be posted."""
    return [*_of_seller(content), *_of_buyer(content), *_of_supply(content)]


def _of_seller(content: Content) -> Iterator[Missing]:
    seller = content.seller
    for field in ("name", "street", "city", "country"):
        if not getattr(seller, field):
            yield Missing(SELLER, field)
    day = content.delivery_date or date.max
    abroad = any(category in content.reasons for category in _UNTAXED_ABROAD)
    outside = set(content.reasons) <= {_OUTSIDE}
    if seller.vat_id or outside or not is_member(seller.country, day):
        return
    if abroad or not seller.tax_number:
        yield Missing(SELLER, "vat_id" if abroad else "vat_id_or_tax_number")


def _of_buyer(content: Content) -> Iterator[Missing]:
    buyer = content.buyer
    if not buyer.name:
        yield Missing(BUYER, "name")
    for field in ("street", "city", "country"):
        if not getattr(buyer, field):
            yield Missing(ADDRESS, field)
    if any(category in content.reasons for category in _BUSINESS_ONLY) and not buyer.vat_id:
        yield Missing(BUYER, "vat_id")
    elif _INTRA in content.reasons and country_of_vat_id(buyer.vat_id) == content.seller.country:
        yield Missing(BUYER, "vat_id_of_another_state")


def _of_supply(content: Content) -> Iterator[Missing]:
    if content.delivery_date is None:
        yield Missing(SHIPMENT, "delivery_date")
    crossing = (_INTRA, _EXPORT)
    if any(category in content.reasons for category in crossing) and not content.ship_to:
        yield Missing(SHIPMENT, "ship_to_country")
    if not content.terms:
        yield Missing(TERMS, "terms")
    if content.reference_required and not content.reference.strip():
        yield Missing(ORDER, "reference")
    for category, reason in content.reasons.items():
        if category not in _SILENT and not reason:
            yield Missing(TAX, "reason")
