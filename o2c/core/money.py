"""Money as exact decimals. Pure: no framework, no clock, no settings, and never a float.

The rule of rounding, in one place (EN 16931): the net amount of a line is rounded to the
currency's minor unit before it is summed; tax is computed once per group of category and rate;
a half is rounded away from zero, so that a credit note is the exact mirror of its invoice.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache
from math import floor
from typing import NamedTuple

# Enough digits for the largest quantity times the largest price times a rate, without loss.
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN)

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

#: ISO 4217 codes by the number of digits behind the decimal point.
_CODES_BY_MINOR_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_UNITS = {
    code: places for places, codes in _CODES_BY_MINOR_UNITS.items() for code in codes.split()
}


class UnknownCurrency(ValueError):
    """The text is not an ISO 4217 currency code that has amounts."""


def minor_units(currency: str) -> int:
    """How many decimals amounts in currency have. Raises UnknownCurrency."""
    try:
        return MINOR_UNITS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


@cache
def smallest_amount(places: int) -> Decimal:
    """One minor unit: 0.01 for two places."""
    return Decimal(1).scaleb(-places)


def round_to(amount: Decimal, places: int) -> Decimal:
    """Amount with exactly that many decimals, halves away from zero. Raises ValueError on NaN."""
    if not amount.is_finite():
        raise ValueError(f"not an amount: {amount}")
    rounded = amount.quantize(smallest_amount(places), context=_EXACT)
    return rounded if rounded else abs(rounded)  # no minus zero


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Amount in the minor unit of currency, halves away from zero."""
    return round_to(amount, minor_units(currency))


def line_net(
    quantity: Decimal,
    price: Decimal,
    discount_percent: Decimal,
    currency: str,
    price_per: Decimal = ONE,
) -> Decimal:
    """The rounded net amount of one line: quantity x price less discount (4 means 4 %).

    The price is for `price_per` units (EN 16931 BT-149, the price base quantity).
    """
    full = _EXACT.multiply(quantity, price)
    kept = _EXACT.subtract(HUNDRED, discount_percent)
    net = _EXACT.multiply(full, kept).scaleb(-2, _EXACT)
    return round_amount(net if price_per == ONE else _EXACT.divide(net, price_per), currency)


def percent_of(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """Percent (19 means 19 %) of amount, rounded to the minor unit of currency."""
    return round_amount(_EXACT.multiply(amount, percent).scaleb(-2, _EXACT), currency)


def convert(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Amount times rate, rounded to the minor unit of currency, the one converted to."""
    return round_amount(_EXACT.multiply(amount, rate), currency)


def spread(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split total in proportion to weights so that the parts add up to it exactly.

    Largest remainder: every part is its exact share rounded down or up to the minor unit; equal
    remainders favour the earlier part. Raises ValueError when total has fractions of a minor
    unit, a weight is negative, or there is nothing to spread over.
    """
    places = minor_units(currency)
    if round_to(total, places) != total:
        raise ValueError(f"{total} has more decimals than {currency}")
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    whole = sum(map(Fraction, weights))
    if not whole:
        if total:
            raise ValueError("nothing to spread over")
        return [ZERO] * len(weights)
    units = int(abs(total).scaleb(places, _EXACT))
    shares = [Fraction(weight) * units / whole for weight in weights]
    parts = [floor(share) for share in shares]
    left = units - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i] - shares[i])
    for index in by_remainder[:left]:
        parts[index] += 1
    assert sum(parts) == units
    sign = -1 if total < 0 else 1
    return [Decimal(sign * part).scaleb(-places, _EXACT) for part in parts]


class TaxLine(NamedTuple):
    """Tax of one group of a document. `percent` 19 means 19 %; base and tax are rounded."""

    category: str
    percent: Decimal
    base: Decimal
    tax: Decimal


class Totals(NamedTuple):
    """The sums of a document, in its currency, with the tax groups they are made of."""

    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_lines: list[TaxLine]


#: One line as the tax computation sees it: category, percent, amount (net, or gross if included).
TaxedAmount = tuple[str, Decimal, Decimal]


def tax_breakdown(
    lines: Iterable[TaxedAmount], currency: str, untaxed_percent: Decimal = ZERO
) -> list[TaxLine]:
    """Tax once per (category, percent) group of net line amounts, in order of first appearance.

    `untaxed_percent` of every group's base is left out of the tax, as `taxable` says.
    """
    return [
        TaxLine(
            category,
            percent,
            base,
            percent_of(taxable(base, untaxed_percent, currency), percent, currency),
        )
        for (category, percent), base in _grouped(lines).items()
    ]


def taxable(base: Decimal, untaxed_percent: Decimal, currency: str) -> Decimal:
    """What of a group's base is taxed when so many percent of it are not."""
    return base - percent_of(base, untaxed_percent, currency)


def tax_breakdown_included(
    lines: Iterable[TaxedAmount], currency: str, untaxed_percent: Decimal = ZERO
) -> list[TaxLine]:
    """The tax contained in gross line amounts, once per group; base + tax is the group's gross."""
    breakdown = []
    for (category, percent), gross in _grouped(lines).items():
        divisor = _gross_percent(percent, untaxed_percent)
        base = round_amount(_EXACT.divide(gross.scaleb(2, _EXACT), divisor), currency)
        breakdown.append(TaxLine(category, percent, base, gross - base))
    return breakdown


def tax_totals(
    lines: Iterable[TaxedAmount],
    currency: str,
    *,
    tax_included: bool = False,
    untaxed_percent: Decimal = ZERO,
) -> Totals:
    """Net, tax and gross of a document. The price basis is explicit: tax_included or not."""
    by_basis = tax_breakdown_included if tax_included else tax_breakdown
    breakdown = by_basis(lines, currency, untaxed_percent)
    net = sum((line.base for line in breakdown), ZERO)
    tax = sum((line.tax for line in breakdown), ZERO)
    return Totals(net, tax, net + tax, breakdown)


def nets_of_included(
    lines: Sequence[TaxedAmount], currency: str, untaxed_percent: Decimal = ZERO
) -> list[Decimal]:
    """Net amounts of lines whose amounts include tax; per group they add up to its tax base."""
    groups: dict[tuple[str, Decimal], list[int]] = {}
    for index, (category, percent, _) in enumerate(lines):
        groups.setdefault((category, percent), []).append(index)
    nets = [ZERO] * len(lines)
    for tax_line in tax_breakdown_included(lines, currency, untaxed_percent):
        indexes = groups[tax_line.category, tax_line.percent]
        divisor = _gross_percent(tax_line.percent, untaxed_percent)
        for index in indexes:
            exact = _EXACT.divide(lines[index][2].scaleb(2, _EXACT), divisor)
            nets[index] = round_amount(exact, currency)
        off = tax_line.base - sum((nets[index] for index in indexes), ZERO)
        largest = max(indexes, key=lambda index: abs(nets[index]))
        nets[largest] += off  # the rounding cents sit where they weigh least
    return nets


def _gross_percent(percent: Decimal, untaxed_percent: Decimal) -> Decimal:
    """The gross in percent of its net: 119 at 19 %; 117.1 when a tenth is not taxed."""
    taxed = _EXACT.subtract(HUNDRED, untaxed_percent)
    return _EXACT.add(HUNDRED, _EXACT.multiply(percent, taxed).scaleb(-2, _EXACT))


def _grouped(lines: Iterable[TaxedAmount]) -> dict[tuple[str, Decimal], Decimal]:
    groups: dict[tuple[str, Decimal], Decimal] = {}
    for category, percent, amount in lines:
        groups[category, percent] = groups.get((category, percent), ZERO) + amount
    return groups


class NotADecimal(ValueError):
    """A text is not a plain decimal number. `code` says why: `empty`, `invalid` or `decimals`."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(f"{text!r} is not a plain decimal number ({code})")
        self.code = code


def parse_decimal(
    text: str, *, decimals: int | None = None, decimal_mark: str = ".", group_mark: str = ""
) -> Decimal:
    """Read a plain decimal number; blanks around it are all that is forgiven.

    Refused: exponents, NaN, infinity, digits that are not ASCII, underscores, signs other than a
    leading minus, and group marks unless group_mark is given and stands before every three
    digits. At most `decimals` digits may follow the mark (trailing zeros do not count).
    Raises NotADecimal.
    """
    stripped = text.strip()
    if not stripped:
        raise NotADecimal(text, "empty")
    match = _decimal_pattern(decimal_mark, group_mark).fullmatch(stripped)
    if not match:
        raise NotADecimal(text, "invalid")
    sign, whole, fraction = match.groups(default="")
    if decimals is not None:
        if len(fraction.rstrip("0")) > decimals:
            raise NotADecimal(text, "decimals")
        fraction = fraction[:decimals]
    digits = whole.replace(group_mark, "") if group_mark else whole
    number = Decimal(f"{digits}.{fraction}" if fraction else digits)
    return -number if sign and number else number


@cache
def _decimal_pattern(decimal_mark: str, group_mark: str) -> re.Pattern[str]:
    whole = r"[0-9]+"
    if group_mark:
        whole += rf"|[0-9]{{1,3}}(?:{re.escape(group_mark)}[0-9]{{3}})+"
    return re.compile(rf"(-?)({whole})(?:{re.escape(decimal_mark)}([0-9]+))?", re.ASCII)
