"""What letters to customers say: plain contexts for the PDF templates."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.forms import model_to_dict
from django.utils.translation import gettext as _
from django.utils.translation import override

from o2c.core import clock
from o2c.core.money import ZERO
from o2c.masters.models import BankAccount, Company, Customer
from o2c.masters.queries import company
from o2c.web.formats import date_text, iban_text
from receivables.models import DunningLetter, DunningNotice
from receivables.queries.statements import Statement
from receivables.rules.aging import Bucket


class DunnedLine(NamedTuple):
    """One item in a dunning letter."""

    document: str
    document_date: date
    due_date: date
    days_overdue: int
    original: Decimal
    amount: Decimal
    interest: Decimal


class DunnedCurrency(NamedTuple):
    """The items of a letter in one currency, and what they come to with the charges."""

    currency: str
    lines: Sequence[DunnedLine]
    amount: Decimal
    interest: Decimal
    fee: Decimal

    @property
    def claim(self) -> Decimal:
        """All that is asked for."""
        return self.amount + self.interest + self.fee


def dunning_document(
    letter: DunningLetter, notices: Sequence[DunningNotice], amounts: Mapping[int, Decimal]
) -> dict[str, Any]:
    """The context of pdf/dunning_letter.html: `amounts` are asked for, by notice."""
    today, ours = clock.today(), company()
    with override(letter.customer.language):
        facts = [
            (_("Letter"), letter.number),
            (_("Date"), date_text(today)),
            (_("Customer number"), letter.customer.code),
        ]
    return {
        **letterhead(ours, letter.customer, ours.base_currency),
        "facts": facts,
        "letter": letter,
        "level": letter.level,
        "currencies": dunned_currencies(letter, notices, amounts, ours.base_currency, today),
        "title": in_words_of(letter.customer, letter.level.title),
        "text": in_words_of(letter.customer, letter.level.text),
        "pay_by": today + timedelta(days=letter.level.policy.charge_days),
    }


def in_words_of(customer: Customer, words: str) -> str:
    """What a level says, in the customer's language: the words the product comes with are in its
    catalogue, others stay as somebody wrote them."""
    with override(customer.language):
        return _(words) if words else ""


def dunned_currencies(
    letter: DunningLetter,
    notices: Sequence[DunningNotice],
    amounts: Mapping[int, Decimal],
    base_currency: str,
    today: date,
) -> list[DunnedCurrency]:
    """The letter's items per currency; the fee stands with the base currency."""
    lines: dict[str, list[DunnedLine]] = {}
    for notice in notices:
        item = notice.open_item
        lines.setdefault(item.currency, []).append(
            DunnedLine(
                str(item),
                item.document_date,
                item.due_date,
                item.days_overdue(today),
                item.original,
                amounts[notice.pk],
                notice.interest,
            )
        )
    if letter.fee:
        lines.setdefault(base_currency, [])
    return [
        DunnedCurrency(
            currency,
            rows,
            sum((row.amount for row in rows), ZERO),
            sum((row.interest for row in rows), ZERO),
            letter.fee if currency == base_currency else ZERO,
        )
        for currency, rows in lines.items()
    ]


def statement_document(customer: Customer, statement: Statement) -> dict[str, Any]:
    """The context of pdf/statement.html; addresses prefetched."""
    ours, as_of = company(), statement.request.as_of
    currency = statement.currencies[0].currency if statement.currencies else customer.currency
    with override(customer.language):
        facts = [
            (_("As of"), date_text(as_of)),
            (_("Printed"), date_text(clock.today())),
            (_("Customer number"), customer.code),
        ]
        labels = [bucket_label(bucket) for bucket in statement.request.buckets]
    return {
        **letterhead(ours, customer, currency),
        "facts": facts,
        "statement": statement,
        "bucket_labels": labels,
        "owes": any(part.balance > 0 for part in statement.currencies),
        "customer_code": customer.code,
    }


def bucket_label(bucket: Bucket) -> str:
    """`Not due`, `1–30`, `91+`."""
    if bucket.first is None:
        return _("Not due")
    if bucket.last is None:
        return f"{bucket.first}+"
    return f"{bucket.first}–{bucket.last}"


def letterhead(ours: Company, customer: Customer, currency: str) -> dict[str, Any]:
    """Who writes to whom, and where money goes."""
    banks = list(BankAccount.objects.filter(active=True).order_by("pk"))
    bank = next((bank for bank in banks if bank.currency == currency), next(iter(banks), None))
    address = customer.bill_to_address
    with override(customer.language):  # countries have names
        town = address.address_lines if address else []
    name = customer.legal_name or customer.name
    return {
        "seller": ours,
        "recipient": [name, *town],
        "bank": bank and {**model_to_dict(bank), "iban": iban_text(bank.iban)},
    }
