"""Everything outside the order that a posted invoice freezes, read at once."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext as _

from invoicing.models import Invoice, TaxLine
from o2c.core.compiled import compiled
from o2c.masters.models import (
    BankAccount,
    Company,
    ExchangeRate,
    PaymentTerms,
    PaymentTermsLine,
)
from o2c.masters.queries import MasterMissing, billing_addresses, tax_rules_for
from o2c.masters.rules.terms import Terms, TermsPart
from o2c.web.formats import date_text


class PostingFacts(NamedTuple):
    """Our company, the rate of the day, where to pay, where to send, and when it is due.

    `rate` is the base currency for one unit of the invoice's. `tax_lines` are the invoice's tax
    by rate, `tax_rules` the rows for `Taxes` on the day of supply.
    """

    company: Company
    rate: Decimal
    bank: dict[str, str]
    bill_to_address: dict[str, str]
    terms: Terms
    tax_lines: list[TaxLine]
    tax_rules: list[dict[str, Any]]


def posting_facts(invoice: Invoice, terms: PaymentTerms, day: date) -> PostingFacts:
    """What posting this invoice on a day freezes; `terms` are the invoice's.

    Raises MasterMissing when the company or the rate of the day is missing.
    """
    supplied = invoice.delivery_date or day
    found = _facts(invoice.currency, day, supplied, invoice.bill_to_id, terms.pk, invoice.pk)
    company: Any = next(iter(found), None)
    if company is None:
        raise MasterMissing(_("The company is not set up yet."))
    rate = Decimal(1) if company.base_currency == invoice.currency else company.rate
    if rate is None:
        raise MasterMissing(
            _("There is no exchange rate for %(currency)s on or before %(day)s.")
            % {"currency": invoice.currency, "day": date_text(day)}
        )
    return PostingFacts(
        company,
        rate,
        company.bank or {},
        company.bill_to_address or {},
        _terms(terms, company.parts),
        [
            TaxLine(
                **{name: Decimal(row[name]) for name in _TAX_FIGURES},
                **{n: row[n] for n in _TAX_WORDS},
            )
            for row in company.tax_lines
        ],
        company.tax_rules,
    )


@compiled
def _facts(
    currency: str, day: date, supplied: date, bill_to_id: int, terms_id: int, invoice_id: int
) -> QuerySet[Company]:
    return Company.objects.annotate(
        rate=Subquery(_rates(currency, day)),
        bank=Subquery(_banks(currency)),
        bill_to_address=Subquery(_addresses(bill_to_id)),
        parts=ArraySubquery(_parts(terms_id)),
        tax_lines=ArraySubquery(_tax_lines(invoice_id)),
        tax_rules=ArraySubquery(tax_rules_for(bill_to_id, supplied)),
    )


def _rates(currency: str, day: date) -> QuerySet:
    rates = ExchangeRate.objects.filter(currency=currency, date__lte=day)
    return rates.order_by("-date").values("rate")[:1]


def _banks(currency: str) -> QuerySet:
    """Our account in this currency, else in any: the customer's bank converts."""
    fields = ("bank_name", "iban", "bic", "account_number", "currency")
    own_first = Case(When(currency=currency, then=Value(0)), default=Value(1))
    return (
        BankAccount.objects.filter(active=True)
        .order_by(own_first, "pk")
        .values(found=JSONObject(**{name: F(name) for name in fields}))[:1]
    )


def _addresses(customer_id: int) -> QuerySet:
    """Where the bill goes."""
    fields = ("name", "street", "street2", "postcode", "city", "region", "country", "gln")
    return billing_addresses(customer_id).values(
        found=JSONObject(**{name: F(name) for name in fields})
    )[:1]


_TAX_FIGURES = ("percent", "base", "tax", "discount", "discount_tax")
_TAX_WORDS = ("category", "reason", "reason_code")


def _tax_lines(invoice_id: int) -> QuerySet:
    """The tax of an invoice by rate. Figures travel as text, as below."""
    figures = {name: Cast(name, TextField()) for name in _TAX_FIGURES}
    words = {name: F(name) for name in _TAX_WORDS}
    rows = TaxLine.objects.filter(invoice=invoice_id).order_by("pk")
    return rows.values(found=JSONObject(**words, **figures))


_PART_FIELDS = ("days", "months", "end_of_month", "extra_days", "day_of_month")


def _parts(terms_id: int) -> QuerySet:
    """The lines of payment terms. Figures travel as text: JSON numbers are floats."""
    figures = {name: Cast(name, TextField()) for name in ("share_percent", "fixed_amount")}
    return (
        PaymentTermsLine.objects.filter(terms=terms_id)
        .order_by("sequence")
        .values(found=JSONObject(**{name: F(name) for name in _PART_FIELDS}, **figures))
    )


def _terms(terms: PaymentTerms, parts: list[dict[str, Any]]) -> Terms:
    return Terms(
        discount_percent=terms.discount_percent,
        discount_days=terms.discount_days,
        discount_tax_mode=terms.discount_tax_mode,
        lines=[
            TermsPart(
                share_percent=_figure(part["share_percent"]),
                fixed_amount=_figure(part["fixed_amount"]),
                **{name: part[name] for name in _PART_FIELDS},
            )
            for part in parts
        ],
    )


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
