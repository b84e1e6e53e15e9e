"""Refusing to post an invoice that lacks what it must say."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from invoicing.models import Invoice
from invoicing.queries import PostingFacts
from invoicing.rules import mandatory
from invoicing.rules.mandatory import Content, Party, missing_of
from o2c.core.errors import RuleViolation, refuse_if
from orders.models import Order

#: What is said of a missing field, by where it is entered and its name.
SENTENCES: Mapping[tuple[str, str], str | Promise] = {
    (mandatory.SELLER, "name"): _("Our legal name is missing."),
    (mandatory.SELLER, "street"): _("Our street is missing."),
    (mandatory.SELLER, "city"): _("Our city is missing."),
    (mandatory.SELLER, "country"): _("Our country is missing."),
    (mandatory.SELLER, "vat_id"): _("Our VAT id is missing; invoices without tax must name it."),
    (mandatory.SELLER, "vat_id_or_tax_number"): _(
        "Our VAT id is missing; a tax number would do as well."
    ),
    (mandatory.BUYER, "name"): _("The buyer's name is missing."),
    (mandatory.BUYER, "vat_id"): _(
        "The buyer's VAT id is missing; only a business that has one is billed without tax here."
    ),
    (mandatory.BUYER, "vat_id_of_another_state"): _(
        "The buyer's VAT id is of our own country; this supply needs one of another member state."
    ),
    (mandatory.ADDRESS, "street"): _("The street of the buyer's address is missing."),
    (mandatory.ADDRESS, "city"): _("The city of the buyer's address is missing."),
    (mandatory.ADDRESS, "country"): _("The country of the buyer's address is missing."),
    (mandatory.SHIPMENT, "delivery_date"): _("The day of supply is missing."),
    (mandatory.SHIPMENT, "ship_to_country"): _("The country of delivery is missing."),
    (mandatory.TERMS, "terms"): _("The payment terms have no name."),
    (mandatory.ORDER, "reference"): _("The customer's order number is missing; it demands it."),
    (mandatory.TAX, "reason"): _("The reason why no tax is charged is missing."),
}


def refuse_incomplete(order: Order, invoice: Invoice, facts: PostingFacts) -> None:
    """Refuse an invoice that lacks mandatory content: a sentence per field, each with its row."""
    missing = missing_of(_content(order, invoice, facts))
    rows: dict[str, Any] = {
        mandatory.SELLER: facts.company,
        mandatory.BUYER: order.bill_to,
        mandatory.ADDRESS: order.bill_to,
        mandatory.ORDER: order,
        mandatory.TERMS: order.terms,
        mandatory.SHIPMENT: invoice.shipment,
        mandatory.TAX: invoice,
    }
    refuse_if([RuleViolation(SENTENCES[each], about=rows[each.where]) for each in missing])


def _content(order: Order, invoice: Invoice, facts: PostingFacts) -> Content:
    company, buyer = facts.company, order.bill_to
    address = facts.bill_to_address
    return Content(
        seller=Party(
            company.legal_name or company.name,
            company.street,
            company.city,
            company.country,
            company.vat_id,
            company.tax_number,
        ),
        buyer=Party(
            buyer.legal_name or buyer.name,
            address.get("street", ""),
            address.get("city", ""),
            address.get("country", ""),
            buyer.vat_id,
        ),
        ship_to=invoice.shipment.ship_to.get("country", ""),
        delivery_date=invoice.delivery_date,
        terms=order.terms.name,
        reasons={tax.category: tax.reason for tax in facts.tax_lines},
        reference=order.customer_reference,
        reference_required=order.customer.reference_required or buyer.reference_required,
    )
