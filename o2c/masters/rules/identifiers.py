"""Numbers that carry their own proof, such as VAT ids and barcodes; and codes of countries.

Each function returns the identifier in the one spelling we store, or raises NotValid.
"""

from typing import Any

from stdnum import bic, ean, iban
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

from o2c.core.spellings import compacted, plain

#: Lengths of a GTIN; a barcode of another length is one of our own or a supplier's free code.
_GTIN_LENGTHS = {8, 12, 13, 14}
#: ISO 3166-1 alpha-2: every assigned code, and XK, as banks and customs write Kosovo.
_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
    "BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ "
    "DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP "
    "GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG "
    "KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
    "MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL "
    "SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM "
    "US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)


class NotValid(ValueError):
    """The identifier's form or check digits are wrong."""


def vat_id(text: str, country: str) -> str:
    """A VAT id with its country prefix, capitals, no separators.

    Ids of EU members (also XI and EL) and of other countries with a known scheme are checked;
    an id of any other country is stored as it is. Country: ISO 3166 alpha-2 of its holder, used
    when the id has no prefix.
    """
    compact = compacted(text)
    if not compact.isascii() or not compact.isalnum():
        raise NotValid(text)
    prefix = compact[:2] if compact[:2].isalpha() else ""
    if prefix in _EU_PREFIXES:
        return _checked(eu_vat, compact)
    if not prefix and (eu_prefix := _eu_prefix(country)):
        return _checked(eu_vat, eu_prefix + compact)
    scheme = get_cc_module(country.lower(), "vat") if prefix in ("", country) else None
    if scheme is not None:
        _checked(scheme, compact)
    return compact


def country_code(text: str) -> str:
    """A country's code by ISO 3166 in capitals."""
    code = compacted(text)
    if code not in _COUNTRIES.split():
        raise NotValid(text)
    return code


def iban_number(text: str) -> str:
    """An IBAN in capitals without blanks, its check digits and country structure right."""
    return _checked(iban, compacted(text))


def bic_code(text: str) -> str:
    """A BIC of 8 or 11 characters in capitals."""
    return _checked(bic, compacted(text))


def barcode(text: str) -> str:
    """A barcode as a scanner reads it; the check digit of a GTIN must fit."""
    text = plain(text)
    if (digits := compacted(text)).isdigit() and len(digits) in _GTIN_LENGTHS:
        return _checked(ean, digits)
    if not text.isascii() or not text.isprintable():
        raise NotValid(text)
    return text


def gln(text: str) -> str:
    """A GS1 location number: 13 digits, the last a check digit."""
    digits = compacted(text)
    if len(digits) != 13:
        raise NotValid(text)
    return _checked(ean, digits)


def _checked(scheme: Any, text: str) -> str:
    try:
        return str(scheme.validate(text))
    except ValidationError as error:
        raise NotValid(text) from error


def _eu_prefix(country: str) -> str:
    prefix = {"GR": "EL"}.get(country, country)
    return prefix if prefix in _EU_PREFIXES else ""


_EU_PREFIXES = frozenset(code.upper() for code in eu_vat.MEMBER_STATES) | {"EL", "XI"}
