"""Where a supply is taxed, by who sells what to whom and where it goes.

The rules of Directive 2006/112/EC: goods are taxed where they are delivered, services where the
buyer is (articles 32, 44, 138, 146). Countries are ISO 3166 alpha-2 codes.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

DOMESTIC = "domestic"  # taxed at the seller's own rates
INTRA_COMMUNITY = "intra_community"  # goods to a business in another member state
REVERSE_CHARGE = "reverse_charge"  # services to a business in another member state
EXPORT = "export"  # what leaves the EU, or the country of a seller outside it

#: Members of the EU by the first day of their membership.
_MEMBERS: Mapping[date, str] = {
    date(1995, 1, 1): "AT BE DE DK ES FI FR GB GR IE IT LU NL PT SE",
    date(2004, 5, 1): "CY CZ EE HU LT LV MT PL SI SK",
    date(2007, 1, 1): "BG RO",
    date(2013, 7, 1): "HR",
    date(2021, 1, 1): "XI",  # Northern Ireland, for its VAT ids
}
#: The last day on which the tax rules of the EU applied in a country that left.
_LEFT = {"GB": date(2020, 12, 31)}
_JOINED = {country: day for day, countries in _MEMBERS.items() for country in countries.split()}
#: Prefixes of VAT ids that are not the country's code.
_PREFIXES = {"EL": "GR"}


class Trade(NamedTuple):
    """Between whom and to where. `vat_id` is that of who gets the bill, or empty.

    `is_business` says that who gets the bill is known as a business of another member state,
    whether or not its VAT id is known yet.
    """

    seller: str
    bill_to: str
    ship_to: str
    vat_id: str = ""
    is_business: bool = False


def supply_of(trade: Trade, day: date, *, is_service: bool) -> str:
    """How a supply on a day is taxed: one of the four kinds above.

    A buyer in another member state without a VAT id of any other state is a consumer and pays
    the seller's tax, unless it is known as a business: then its id is missing.
    """
    place = trade.bill_to if is_service else trade.ship_to
    if place == trade.seller:
        return DOMESTIC
    if not (is_member(trade.seller, day) and is_member(place, day)):
        return EXPORT
    if not _is_business_elsewhere(trade, day):
        return DOMESTIC
    return REVERSE_CHARGE if is_service else INTRA_COMMUNITY


def is_member(country: str, day: date) -> bool:
    """Whether the tax rules of the EU apply in a country on a day."""
    joined = _JOINED.get(country)
    return joined is not None and joined <= day <= _LEFT.get(country, date.max)


def country_of_vat_id(vat_id: str) -> str:
    """The country that gave a VAT id, by its first two letters; empty when it has none."""
    prefix = vat_id[:2]
    return _PREFIXES.get(prefix, prefix) if prefix.isalpha() else ""


def _is_business_elsewhere(trade: Trade, day: date) -> bool:
    if not trade.vat_id:
        return trade.is_business
    country = country_of_vat_id(trade.vat_id)
    return country != trade.seller and is_member(country, day)
