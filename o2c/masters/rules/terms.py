"""When which part of an invoice is due, and what paying early is worth."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import (
    HUNDRED,
    ZERO,
    TaxLine,
    percent_of,
    round_amount,
    round_to,
    spread,
    tax_breakdown,
)

# What an early-payment discount does to the tax (EU VAT directive, articles 79 and 90).
ALWAYS_REDUCED = "always"  # tax is charged on the discounted amount, discount taken or not
REDUCED_WHEN_TAKEN = "when_taken"  # tax is corrected when the discount is taken
NEVER_REDUCED = "never"  # the discount is on the net amount only


@dataclass(frozen=True)
class TermsPart:
    """One instalment of terms: a share in percent, a fixed amount, or (neither) the rest."""

    share_percent: Decimal | None = None
    fixed_amount: Decimal | None = None
    days: int = 0
    months: int = 0
    end_of_month: bool = False
    extra_days: int = 0
    day_of_month: int | None = None

    @property
    def is_remainder(self) -> bool:
        return self.share_percent is None and self.fixed_amount is None


@dataclass(frozen=True)
class Terms:
    """Payment terms as plain values. No lines: all is due at once."""

    discount_percent: Decimal = ZERO
    discount_days: int | None = None
    discount_tax_mode: str = REDUCED_WHEN_TAKEN
    lines: Sequence[TermsPart] = field(default_factory=tuple)

    @property
    def untaxed_percent(self) -> Decimal:
        """How much of every amount the tax of a document leaves out: 10 means 10 %."""
        return self.discount_percent if self.discount_tax_mode == ALWAYS_REDUCED else ZERO


class Instalment(NamedTuple):
    """A part of an invoice with its own due date; `amount` has the invoice's sign and currency."""

    sequence: int
    due_date: date
    amount: Decimal
    discount_date: date | None
    discount_percent: Decimal


def due_schedule(
    terms: Terms, invoice_date: date, gross: Decimal, minor_units: int
) -> list[Instalment]:
    """Split gross into instalments that add up to it exactly, in the order of the terms.

    Shares and fixed amounts are rounded and never exceed what is left; the last line takes the
    rest, whatever its kind. Parts of nothing are dropped, but at least one instalment remains.
    A credit (negative gross) is the mirror of its invoice.
    """
    assert gross == round_to(gross, minor_units), f"{gross} is not a rounded amount"
    lines = terms.lines or (TermsPart(),)
    sign = -1 if gross < 0 else 1
    whole = left = abs(gross)
    parts: list[tuple[date, Decimal]] = []
    for line in lines[:-1]:
        amount = min(_part_of(whole, line, minor_units), left)
        left -= amount
        parts.append((due_date(line, invoice_date), amount))
    parts.append((due_date(lines[-1], invoice_date), left))
    kept = [part for part in parts if part[1]] or parts[-1:]
    discount_date = _discount_date(terms, invoice_date)
    schedule = [
        Instalment(sequence, due, sign * amount, discount_date, terms.discount_percent)
        for sequence, (due, amount) in enumerate(kept, start=1)
    ]
    assert sum((instalment.amount for instalment in schedule), ZERO) == gross
    return schedule


def due_date(part: TermsPart, start: date) -> date:
    """The due date counted from start, in this order and no other:

    months are added (the day clipped to the month's end), days are added, the date moves to the
    end of its month, extra days are added, then the date moves to the day of month. After
    "end of month" that is the day in the following month, otherwise the next such day on or
    after the date; a month too short for the day uses its last day.
    """
    due = _add_months(start, part.months) + timedelta(days=part.days)
    if part.end_of_month:
        due = _day_in_month(due, 31) + timedelta(days=part.extra_days)
    if part.day_of_month is not None:
        moved = _day_in_month(due, part.day_of_month)
        if moved < due or (part.end_of_month and not part.extra_days):
            moved = _day_in_month(_add_months(due.replace(day=1), 1), part.day_of_month)
        due = moved
    return due


def terms_faults(terms: Terms) -> list[str]:
    """Why these terms cannot split every amount; empty when they can.

    `share_total`: the shares make more than 100 %, or not 100 % although no line takes the rest.
    `no_remainder`: there is a fixed amount and no last line for the rest.
    `remainder_not_last`: a line follows the one that takes the rest.
    """
    faults = []
    shares = sum((line.share_percent or ZERO for line in terms.lines), ZERO)
    has_remainder = any(line.is_remainder for line in terms.lines)
    if any(line.is_remainder for line in terms.lines[:-1]):
        faults.append("remainder_not_last")
    if not has_remainder and any(line.fixed_amount is not None for line in terms.lines):
        faults.append("no_remainder")
    elif shares > HUNDRED or (terms.lines and not has_remainder and shares != HUNDRED):
        faults.append("share_total")
    return faults


class EarlyPayment(NamedTuple):
    """What an invoice comes to when paid early and when paid late, in its currency."""

    net: Decimal
    discounted_net: Decimal
    early_tax: Decimal
    late_tax: Decimal

    @property
    def early_gross(self) -> Decimal:
        return self.discounted_net + self.early_tax

    @property
    def late_gross(self) -> Decimal:
        return self.net + self.late_tax

    @property
    def discount(self) -> Decimal:
        """What the payer may deduct from the invoice's gross amount when paying early."""
        return self.late_gross - self.early_gross

    @property
    def tax_correction(self) -> Decimal:
        """The part of the discount that lowers tax; the rest lowers revenue."""
        return self.late_tax - self.early_tax


def early_payment(tax_lines: Sequence[TaxLine], terms: Terms, currency: str) -> EarlyPayment:
    """Both totals of a document under the terms' discount and tax mode.

    Takes the tax groups of the document. Under ALWAYS_REDUCED the discount is what their tax
    leaves out, group by group; only their bases are read.
    """
    net = sum((line.base for line in tax_lines), ZERO)
    if terms.untaxed_percent:
        return _always_reduced(tax_lines, net, terms.untaxed_percent, currency)
    full_tax = sum((line.tax for line in tax_lines), ZERO)
    reduced = taxed_at_discount(tax_lines, terms.discount_percent, currency)
    discounted_net = sum((line.base for line in reduced), ZERO)
    when_taken = terms.discount_tax_mode == REDUCED_WHEN_TAKEN
    early_tax = sum((line.tax for line in reduced), ZERO) if when_taken else full_tax
    return EarlyPayment(net, discounted_net, early_tax, full_tax)


def _always_reduced(
    tax_lines: Sequence[TaxLine], net: Decimal, percent: Decimal, currency: str
) -> EarlyPayment:
    amounts = [(line.category, line.percent, line.base) for line in tax_lines]
    tax = sum((line.tax for line in tax_breakdown(amounts, currency, percent)), ZERO)
    discount = sum((percent_of(line.base, percent, currency) for line in tax_lines), ZERO)
    return EarlyPayment(net, net - discount, tax, tax)


def taxed_at_discount(
    tax_lines: Sequence[TaxLine], discount_percent: Decimal, currency: str
) -> list[TaxLine]:
    """The tax groups after the discount, which is spread over them by their bases to the cent."""
    net = sum((line.base for line in tax_lines), ZERO)
    discount = round_amount(net * discount_percent / HUNDRED, currency)
    parts = (
        spread(discount, [abs(line.base) for line in tax_lines], currency)
        if discount
        else [ZERO] * len(tax_lines)
    )
    return tax_breakdown(
        [
            (line.category, line.percent, line.base - part)
            for line, part in zip(tax_lines, parts, strict=True)
        ],
        currency,
    )


def _part_of(whole: Decimal, line: TermsPart, minor_units: int) -> Decimal:
    if line.fixed_amount is not None:
        return round_to(line.fixed_amount, minor_units)
    if line.share_percent is not None:
        return round_to(whole * line.share_percent / HUNDRED, minor_units)
    return whole


def _discount_date(terms: Terms, invoice_date: date) -> date | None:
    if not terms.discount_percent or terms.discount_days is None:
        return None
    return invoice_date + timedelta(days=terms.discount_days)


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return _day_in_month(first, day.day)


def _day_in_month(day: date, wanted: int) -> date:
    """The wanted day of day's month, or its last day where the month is shorter."""
    return day.replace(day=min(wanted, monthrange(day.year, day.month)[1]))
