"""What a posted document freezes: everything that is printed, mailed or sent to a machine.

PDF and mail are made from this and nothing else, so that a change of a master the day after
changes no document. Figures are text, dates ISO 8601.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import translation

from invoicing.models import Invoice, InvoiceLine, TaxLine
from invoicing.queries import PostingFacts
from invoicing.rules.posting import early_discount, instalments
from o2c.core import money
from o2c.core.money import ZERO
from o2c.masters.models import Customer
from o2c.web.formats import address_lines
from orders.models import Order
from shipping.models import Shipment

#: Raised when the form changes, so that old documents can still be read.
VERSION = 1
SELLER_FIELDS = (
    *("name", "legal_name", "vat_id", "tax_number", "registration", "email", "phone", "website"),
)
LINE_FIELDS = (
    *("line_number", "item_code", "description", "quantity", "unit_price", "price_per"),
    *("discount_percent", "amount", "document_discount", "net", "tax_category", "tax_percent"),
)
TAX_FIELDS = ("category", "percent", "base", "tax", "reason", "reason_code")


@dataclass(frozen=True)
class Billed:
    """What a snapshot is taken of. The order comes with its parties and terms."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]
    order: Order
    shipment: Shipment
    facts: PostingFacts


def take_snapshot(billed: Billed) -> dict[str, Any]:
    """The snapshot, all but the number, which is drawn last."""
    content = {"version": VERSION, **_head(billed), **_parties(billed), **_body(billed)}
    frozen: dict[str, Any] = json.loads(json.dumps(content, cls=_Encoder))
    return frozen


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        """Figures without exponent and needless zeros: `0E-8` is nothing to archive."""
        return f"{o.normalize():f}" if isinstance(o, Decimal) else super().default(o)


def _head(billed: Billed) -> dict[str, Any]:
    invoice, order, shipment = billed.invoice, billed.order, billed.shipment
    corrects = invoice.corrects
    return {
        "kind": invoice.kind,
        "language": order.bill_to.language,
        "currency": invoice.currency,
        "exchange_rate": invoice.exchange_rate,
        "tax_included": invoice.tax_included,
        "untaxed_percent": invoice.untaxed_percent,
        "invoice_date": invoice.invoice_date,
        "delivery_date": invoice.delivery_date,
        "order": {
            "number": order.number,
            "date": order.order_date,
            "reference": order.customer_reference,
        },
        "shipment": {"number": shipment.number, "tracking": shipment.tracking},
        "corrects": corrects and {"number": corrects.number, "date": corrects.invoice_date},
        "credit_kind": invoice.credit_kind,
        "reason": invoice.reason,
    }


def _parties(billed: Billed) -> dict[str, Any]:
    order, facts = billed.order, billed.facts
    seller = {name: getattr(facts.company, name) for name in SELLER_FIELDS}
    with translation.override(order.bill_to.language):  # countries have names
        ours, theirs = facts.company.address_lines, address_lines(facts.bill_to_address)
        ship_to = billed.shipment.ship_to_lines
    return {
        "seller": {**seller, "address_lines": ours},
        "bill_to": {**_party(order.bill_to), "address_lines": theirs},
        "customer": _party(order.customer),
        "payer": _party(order.payer),
        "ship_to": ship_to,
        "bank": facts.bank,
    }


def _party(customer: Customer) -> dict[str, str]:
    return {
        "code": customer.code,
        "name": customer.legal_name or customer.name,
        "vat_id": customer.vat_id,
    }


def _body(billed: Billed) -> dict[str, Any]:
    invoice, terms, taxes = billed.invoice, billed.facts.terms, billed.facts.tax_lines
    schedule = instalments(
        terms,
        invoice.invoice_date,
        invoice.gross,
        invoice.currency,
        is_credit=invoice.is_credit_note,
    )
    groups = [money.TaxLine(t.category, t.percent, t.base, t.tax) for t in taxes]
    offer = early_discount(terms, schedule, groups, invoice.gross, invoice.currency)
    return {
        "lines": [
            {
                **{name: getattr(line, name) for name in LINE_FIELDS},
                "unit": line.unit.sign,
                "unit_code": line.unit.code,
            }
            for line in billed.lines
        ],
        "document_discount": sum((line.document_discount for line in billed.lines), ZERO),
        "taxes": [
            {**{name: getattr(tax, name) for name in TAX_FIELDS}, **_untaxed(tax)}
            for tax in billed.facts.tax_lines
        ],
        **_carried(invoice),
        "net": invoice.net,
        "tax": invoice.tax,
        "gross": invoice.gross,
        "base": _in_base_currency(invoice, billed.facts.company.base_currency),
        "terms": billed.order.terms.name,
        "instalments": [instalment._asdict() for instalment in schedule],
        "early_discount": offer and offer._asdict(),
    }


def _carried(invoice: Invoice) -> dict[str, Any]:
    """The early discount a credit note does not give back, in its price basis."""
    if not invoice.is_credit_note or not invoice.discount_carried:
        return {}
    tax = ZERO if invoice.tax_included else invoice.discount_tax_carried
    return {"discount_carried": invoice.discount_carried - tax}


def _untaxed(tax: TaxLine) -> dict[str, Any]:
    """The early discount a credit note carries where its terms leave the tax as it is."""
    return {"untaxed_discount": tax.discount} if tax.discount and not tax.discount_tax else {}


def _in_base_currency(invoice: Invoice, base_currency: str) -> dict[str, Any] | None:
    """The tax in our own currency, which the law wants on an invoice in another."""
    if base_currency == invoice.currency:
        return None
    tax = money.convert(invoice.tax, invoice.exchange_rate, base_currency)
    return {"currency": base_currency, "rate": invoice.exchange_rate, "tax": tax}
