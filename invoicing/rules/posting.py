"""The ledger entry of an invoice or credit note, and how its parts come due."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO, TaxLine, convert, minor_units
from o2c.ledger.rules import Posting, with_base_difference
from o2c.masters.rules.terms import Instalment, Terms, due_schedule, early_payment


class Figures(NamedTuple):
    """What is booked: amounts in `currency`, cost in `base_currency`.

    `rate` is the base currency for one unit of currency.
    """

    net: Decimal
    tax: Decimal
    gross: Decimal
    currency: str
    rate: Decimal
    base_currency: str
    cost: Decimal


def postings(figures: Figures, customer_id: int, *, sign: int) -> list[Posting]:
    """Receivable against revenue and tax, and the cost of goods against what was shipped.

    sign is -1 for a credit note, which is the exact mirror of an invoice. What the conversion
    into base currency leaves over is a rounding line of its own.
    """

    def line(role: str, amount: Decimal, customer: int | None = None) -> Posting:
        base = convert(amount, figures.rate, figures.base_currency)
        return Posting(role, amount, figures.currency, base, customer)

    def base_line(role: str, amount: Decimal) -> Posting:
        return Posting(role, amount, figures.base_currency, amount)

    sale = [
        line("AR", sign * figures.gross, customer_id),
        line("REVENUE", -sign * figures.net),
        line("TAX", -sign * figures.tax),
    ]
    cost = [
        base_line("COGS", sign * figures.cost),
        base_line("SHIPPED_NOT_INVOICED", -sign * figures.cost),
    ]
    return [*with_base_difference(sale, "ROUNDING"), *cost]


def instalments(
    terms: Terms, invoice_date: date, gross: Decimal, currency: str, *, is_credit: bool
) -> list[Instalment]:
    """When which part of gross is due. A credit note is due at once, without discount."""
    if is_credit:
        return [Instalment(1, invoice_date, gross, None, ZERO)]
    return due_schedule(terms, invoice_date, gross, minor_units(currency))


class EarlyDiscount(NamedTuple):
    """What paying the whole invoice by `until` saves, and what then remains to be paid.

    `tax` is the part of `amount` that corrects tax.
    """

    percent: Decimal
    until: date
    amount: Decimal
    payable: Decimal
    tax: Decimal


def early_discount(
    terms: Terms,
    schedule: Sequence[Instalment],
    tax_lines: Sequence[TaxLine],
    gross: Decimal,
    currency: str,
) -> EarlyDiscount | None:
    """The early-payment offer of these terms, or None when they make none."""
    until = schedule[0].discount_date
    if until is None or not gross:
        return None
    early = early_payment(tax_lines, terms, currency)
    return EarlyDiscount(
        terms.discount_percent, until, early.discount, gross - early.discount, early.tax_correction
    )
