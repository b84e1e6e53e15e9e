"""What makes a master right, beyond what its columns can say. Used by every way in."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from o2c.core.codes import with_codes
from o2c.core.constraints import constraint_name, field_of, guarded, sentence_of
from o2c.core.errors import RuleViolation
from o2c.core.money import MINOR_UNITS
from o2c.core.number_keys import code_key
from o2c.core.spellings import plain
from o2c.masters.models import (
    Address,
    BankAccount,
    Company,
    Currency,
    Customer,
    ExchangeRate,
    Item,
    ItemUnit,
    PostalAddress,
    Recorded,
    TaxRate,
)
from o2c.masters.models.tax import TAXED_CATEGORIES
from o2c.masters.rules import identifiers
from o2c.masters.rules.terms import Terms, terms_faults

Problems = list[RuleViolation]

#: Codes and numbers that people copy from elsewhere, with blanks and marks nobody sees.
_SPELT = (
    *("code", "scac", "exemption_code"),
    *("account_number", "tax_number", "registration", "postcode"),
)


def normalise(instance: Recorded) -> Problems:
    """Bring identifiers into their one spelling; return those that are not valid."""
    problems: Problems = []
    for name in _SPELT:
        if isinstance(text := getattr(instance, name, None), str):
            setattr(instance, name, plain(text))

    def tidy(field: str, spell: Callable[[str], str], message: str) -> None:
        text = getattr(instance, field)
        if not text:
            return
        try:
            setattr(instance, field, spell(text))
        except identifiers.NotValid:
            problems.append(RuleViolation(message % {"text": text[:60]}, field=field))

    if isinstance(instance, PostalAddress):
        tidy(
            "country",
            identifiers.country_code,
            _("“%(text)s” is not the ISO 3166 code of a country, such as DE."),
        )
    if isinstance(instance, Customer | Company):
        tidy(
            "vat_id",
            lambda text: identifiers.vat_id(text, _country_of(instance, text)),
            _("“%(text)s” is not a valid VAT id: its form or check digits are wrong."),
        )
    if isinstance(instance, BankAccount):
        tidy("iban", identifiers.iban_number, _("“%(text)s” is not a valid IBAN."))
        tidy("bic", identifiers.bic_code, _("“%(text)s” is not a valid BIC."))
    if isinstance(instance, Item | ItemUnit):
        tidy("barcode", identifiers.barcode, _("“%(text)s” is not a valid barcode."))
    if isinstance(instance, Address):
        tidy("gln", identifiers.gln, _("“%(text)s” is not a valid GLN."))
    return problems


def contradictions(rows: Sequence[Recorded]) -> list[Problems]:
    """For each of these rows of one model: what contradicts other masters.

    They are asked for together when their references are loaded.
    """
    model = type(rows[0]) if rows else None
    if model in _BULK_CHECKS:
        return _BULK_CHECKS[model](rows)
    check = _CHECKS.get(model)
    return [check(row) if check else [] for row in rows]


def terms_problems(plan: Terms) -> Problems:
    """Why these terms cannot split every invoice."""
    sentences = {
        "share_total": _("The shares must make 100 %, or the last line must take the rest."),
        "no_remainder": _("After fixed amounts the last line must take the rest."),
        "remainder_not_last": _("Only the last line can take the rest."),
    }
    return [RuleViolation(sentences[fault], field="lines") for fault in terms_faults(plan)]


def field_problems(error: ValidationError) -> Problems:
    """Django's problems about an instance, one per sentence, with the field where known."""
    if not hasattr(error, "error_dict"):
        return [RuleViolation(str(message)) for message in error.messages]
    return [
        RuleViolation(str(message), field=None if field == "__all__" else field)
        for field, errors in error.error_dict.items()
        for message in ValidationError(errors).messages
    ]


def constraint_problem(error: IntegrityError, model: type[models.Model]) -> RuleViolation:
    """The sentence of the constraint the database refused a row by. Re-raises what is a bug."""
    name = constraint_name(error)
    if refusal := guarded(error):
        return refusal
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return RuleViolation(sentence_of(constraint, model), field=field_of(constraint))
    for field in model._meta.fields:
        if field.unique and name.startswith(f"{model._meta.db_table}_{field.column}_"):
            return RuleViolation(_("This value is already in use."), field=field.name)
    raise error


def _country_of(instance: Customer | Company, vat_id: str) -> str:
    """The country of a VAT id's holder; only an id without prefix needs it."""
    if isinstance(instance, Company):
        return instance.country
    if vat_id[:2].isalpha():
        return ""
    address = instance.bill_to_address if instance.pk else None
    return address.country if address else ""


def _check_currency(currency: Currency) -> Problems:
    known = MINOR_UNITS.get(currency.code)
    if known is None:
        message = _("%(code)s is not an ISO 4217 currency.") % {"code": currency.code}
        return [RuleViolation(message, field="code")]
    if known != currency.minor_units:
        message = _("%(code)s has %(known)s decimals by ISO 4217.")
        message %= {"code": currency.code, "known": known}
        return [RuleViolation(message, field="minor_units")]
    return []


def _check_customer(customer: Customer) -> Problems:
    if customer.price_list is None:
        return []
    if customer.price_list.currency != customer.currency:
        message = _("The price list is in %(list)s, the customer in %(customer)s.") % {
            "list": customer.price_list.currency,
            "customer": customer.currency,
        }
        return [RuleViolation(message, field="price_list")]
    if customer.price_list.customer_id not in (None, customer.pk):
        return [
            RuleViolation(_("This price list is another customer's contract."), field="price_list")
        ]
    return []


def _check_tax_rate(rate: TaxRate) -> Problems:
    if rate.percent and rate.tax_code.category not in TAXED_CATEGORIES:
        message = _("A tax code of category %(category)s is always 0 %%.")
        message %= {"category": rate.tax_code.category}
        return [RuleViolation(message, field="percent")]
    return []


def _check_exchange_rates(rates: Sequence[ExchangeRate]) -> list[Problems]:
    base = Company.objects.values_list("base_currency", flat=True).first()
    return [
        [RuleViolation(_("The base currency is always 1."), field="currency")]
        if rate.currency == base
        else []
        for rate in rates
    ]


def _check_items(items: Sequence[Item]) -> list[Problems]:
    taken = _barcodes_of(ItemUnit, items)
    message = _("A packaging unit has this barcode.")
    return [
        [RuleViolation(message, field="barcode")] if code_key(item.barcode) in taken else []
        for item in items
    ]


def _check_item_units(units: Sequence[ItemUnit]) -> list[Problems]:
    taken = _barcodes_of(Item, units)
    answer = []
    for packed in units:
        problems = []
        if packed.unit_id == packed.item.unit_id:
            message = _("This is the stock unit of the item already.")
            problems.append(RuleViolation(message, field="unit"))
        if code_key(packed.barcode) in taken:
            problems.append(RuleViolation(_("An item has this barcode."), field="barcode"))
        answer.append(problems)
    return answer


def _barcodes_of(model: type[Any], rows: Sequence[Any]) -> set[str]:
    """The keys of those barcodes of rows that rows of model already have."""
    carrying = model.objects.exclude(barcode="")
    found = with_codes(carrying, {row.barcode for row in rows}, "barcode")
    return {code_key(barcode) for barcode in found.values_list("barcode", flat=True)}


_CHECKS: dict[type[Recorded] | None, Callable[[Any], Problems]] = {
    Currency: _check_currency,
    Customer: _check_customer,
    TaxRate: _check_tax_rate,
}
_BULK_CHECKS: dict[type[Recorded] | None, Callable[[Any], list[Problems]]] = {
    ExchangeRate: _check_exchange_rates,
    Item: _check_items,
    ItemUnit: _check_item_units,
}
