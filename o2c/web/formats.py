"""How figures and dates read on screen and in print: one voice, in the reader's language.

Negative figures carry a true minus (U+2212). Files for machines never use these.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from o2c.core.day_checks import date_text as date_text
from o2c.core.money import minor_units

MINUS = "\N{MINUS SIGN}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
UNKNOWN = "\N{EN DASH}"


def number_text(value: Decimal | int, decimals: int | None = None) -> str:
    """`-1240.5` as `−1,240.50` (decimals=2); with None, as many decimals as the value has."""
    return _number_text(Decimal(value), decimals, get_language())


@lru_cache(maxsize=10_000)
def _number_text(figure: Decimal, decimals: int | None, language: str | None) -> str:
    """Kept, since the same few figures stand on a page again and again."""
    if decimals is None:
        figure = _without_trailing_zeros(figure)
    text = number_format(abs(figure), decimals, force_grouping=True)
    return f"{MINUS}{text}" if figure < 0 else text


def amount_text(value: Decimal, currency: str) -> str:
    """An amount with its currency's decimals and no code: `1,240.00`."""
    return number_text(value, minor_units(currency))


def money_text(value: Decimal, currency: str) -> str:
    """An amount with its currency: `1,240.00 EUR`, never broken over two lines."""
    return f"{amount_text(value, currency)}{NO_BREAK_SPACE}{currency}"


def price_text(value: Decimal) -> str:
    """A unit price: at least two decimals, at most the six it carries."""
    shortest = _without_trailing_zeros(value)
    return number_text(shortest, max(2, -int(shortest.as_tuple().exponent)))


def percent_text(value: Decimal) -> str:
    """`19.00000000` as `19 %`."""
    return f"{number_text(value)}{NO_BREAK_SPACE}%"


def moment_text(moment: datetime) -> str:
    """`21 Nov 2026, 14:05` in the reader's time zone."""
    return date_format(timezone.localtime(moment), _("j M Y, H:i"))


def country_text(code: str) -> str:
    """`DE` as `Germany`, in the reader's language; a code nobody knows stays as it is."""
    try:
        countries = Locale.parse(to_locale(get_language() or "en")).territories
    except UnknownLocaleError:
        return code
    return str(countries.get(code, code))


def language_text(code: str) -> str:
    """`de` as `German`; a language documents are not written in stays as it is."""
    return str(dict(settings.LANGUAGES).get(code, code))


def actor_text(name: str) -> str:
    """`system:PL-000069` as `System (PL-000069)`; a user keeps the name."""
    system, _sep, job = name.partition(":")
    if system != "system":
        return name
    return f"{_('System')} ({job.replace('_', ' ')})" if job else _("System")


#: Fields whose values are codes by an international list, by name: how the codes are read.
CODES: Mapping[str, Callable[[str], str]] = {"country": country_text, "language": language_text}


def value_text(value: Any) -> str:
    """Any value of a field as people read it."""
    if value is None or value == "" or value == []:
        return UNKNOWN
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, list):
        return ", ".join(map(value_text, value))
    return str(value)


def address_lines(address: Mapping[str, str]) -> list[str]:
    """An address as printed, without the name: street, town, region, country; no blank lines."""
    town = f"{address.get('postcode') or ''} {address.get('city') or ''}".strip()
    country = country_text(address.get("country") or "")
    lines = [address.get("street"), address.get("street2"), town, address.get("region"), country]
    return [line for line in lines if line]


def iban_text(iban: str) -> str:
    """An IBAN in groups of four: `DE89 3704 0044 ...`."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _without_trailing_zeros(value: Decimal) -> Decimal:
    """`5.000` -> `5`, `0.250` -> `0.25`, and `100` stays `100`."""
    shortest = value.normalize()
    return shortest.quantize(Decimal(1)) if shortest == shortest.to_integral_value() else shortest
