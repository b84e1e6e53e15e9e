"""Invoices and their lines, as commands and pages need them."""

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from invoicing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceState, TaxLine
from o2c.core.compiled import compiled
from o2c.core.models import Attachment, Event, OutgoingMessage
from o2c.core.money import ZERO
from o2c.masters.models import ContactRole, Customer
from o2c.masters.models.tax import tax_text
from orders.models import Order
from shipping.models import Return, ReturnLine


def invoices_with_parties() -> QuerySet[Invoice]:
    """Invoices and credit notes with all they name at hand."""
    return Invoice.objects.select_related(
        *("order", "shipment", "customer", "bill_to", "payer", "terms"),
        *("corrects", "entry", "goods_return"),
    )


def credit_notes_of(invoice: Invoice) -> QuerySet[Invoice]:
    """The credit notes about an invoice, oldest first."""
    return invoice.credit_notes.order_by("pk")


def is_credit_note(invoice_id: int) -> bool:
    """Whether it takes back, not asks. False of what is not there."""
    return Invoice.objects.filter(pk=invoice_id, kind=InvoiceKind.CREDIT_NOTE).exists()


@compiled
def billing_lines(order_id: int) -> QuerySet[InvoiceLine]:
    """The lines of an order's draft and posted invoices, with their invoice.

    `conceded` is what posted credit notes gave back of a line as an amount, in the price basis.
    """
    conceding = InvoiceLine.objects.filter(
        corrects_line=OuterRef("pk"), quantity=0, invoice__state=InvoiceState.POSTED
    )
    given = conceding.values("corrects_line").annotate(
        given=Sum(F("amount") - F("document_discount"))
    )
    return (
        InvoiceLine.objects.filter(
            invoice__order=order_id,
            invoice__kind=InvoiceKind.INVOICE,
            invoice__state__in=(InvoiceState.DRAFT, InvoiceState.POSTED),
        )
        .select_related("invoice", "shipment_line")
        .annotate(conceded=Coalesce(Subquery(given.values("given")), ZERO))
    )


@compiled
def lines_to_post(invoice_id: int) -> QuerySet[InvoiceLine]:
    """The lines of a draft with what posting reads of them."""
    return (
        InvoiceLine.objects.filter(invoice=invoice_id)
        .select_related("invoice__shipment", "shipment_line", "corrects_line", "unit")
        .order_by("line_number")
    )


@compiled
def tax_lines_of(invoice_id: int) -> QuerySet[TaxLine]:
    """The tax of an invoice by rate."""
    return TaxLine.objects.filter(invoice=invoice_id).order_by("pk")


class TaxChange(NamedTuple):
    """So many lines are billed with another tax than they were ordered with."""

    ordered: str
    supplied: str
    lines: int


def tax_changes_of(invoice_id: int) -> list[TaxChange]:
    """Where the tax of the day of supply is not that of the order, in words."""
    lines = InvoiceLine.objects.filter(invoice=invoice_id)
    same = Q(tax_category=F("order_line__tax_category"), tax_percent=F("order_line__tax_percent"))
    taxes = ("order_line__tax_category", "order_line__tax_percent", "tax_category", "tax_percent")
    groups = lines.exclude(same).values_list(*taxes).annotate(Count("pk")).order_by(*taxes)
    return [TaxChange(tax_text(*group[:2]), tax_text(*group[2:4]), group[4]) for group in groups]


def lines_of(invoice_id: int) -> QuerySet[InvoiceLine]:
    """The lines of an invoice as a page shows them."""
    return (
        InvoiceLine.objects.filter(invoice=invoice_id)
        .select_related("unit", "shipment_line__shipment", "corrects_line__invoice")
        .order_by("line_number")
    )


def pdf_of(invoice_id: int) -> Attachment | None:
    """The kept PDF of an invoice."""
    return Attachment.objects.filter(
        document_type=Invoice._meta.label_lower,
        document_id=invoice_id,
        purpose="canonical_pdf",
    ).first()


def order_with_parties(order_id: int) -> Order:
    """An order with what a document names of it."""
    return Order.objects.select_related("customer", "bill_to", "payer", "terms").get(pk=order_id)


def mail_addresses(customer: Customer) -> list[str]:
    """Where a customer wants invoices: its payables contacts, else its own address."""
    contacts = customer.contacts.filter(role=ContactRole.ACCOUNTS_PAYABLE, active=True).exclude(
        email=""
    )
    found = list(contacts.order_by("pk").values_list("email", flat=True))
    return found or [address for address in [customer.email] if address]


def messages_about(invoice_id: int) -> QuerySet[OutgoingMessage]:
    """The messages an invoice went out with, newest first."""
    return OutgoingMessage.objects.filter(
        document_type=Invoice._meta.label_lower, document_id=invoice_id
    ).order_by("-pk")


def messages_with_files() -> QuerySet[OutgoingMessage]:
    """Outgoing messages with what is attached to them at hand."""
    return OutgoingMessage.objects.prefetch_related("attachments")


class Claim(NamedTuple):
    """What proposed credit notes will take back of an invoice line."""

    quantity: Decimal
    amount: Decimal


def proposed_credits(invoice_ids: Collection[int]) -> dict[int, Claim]:
    """By invoice line, what its proposed credit notes claim."""
    claims = (
        InvoiceLine.objects.filter(
            corrects_line__invoice__in=invoice_ids, invoice__state=InvoiceState.PROPOSED
        )
        .values_list("corrects_line")
        .annotate(Sum("quantity"), Sum("amount"))
    )
    return {line_id: Claim(quantity, amount) for line_id, quantity, amount in claims}


def received_lines(return_id: int) -> list[ReturnLine]:
    """What of a return has arrived, with the return."""
    return list(
        ReturnLine.objects.filter(goods_return=return_id, received__gt=0).select_related(
            "goods_return"
        )
    )


def posted_lines_of(shipment_line_ids: Collection[int]) -> list[InvoiceLine]:
    """The posted invoice lines over shipment lines, newest invoice first."""
    return list(
        InvoiceLine.objects.filter(
            shipment_line__in=shipment_line_ids,
            invoice__state=InvoiceState.POSTED,
            invoice__kind=InvoiceKind.INVOICE,
        )
        .select_related("shipment_line")
        .order_by("-invoice", "pk")
    )


def has_returned(return_id: int, username: str) -> bool:
    """Whether this person announced a return or took its goods in."""
    return Event.objects.filter(
        document_type=Return._meta.label_lower,
        document_id=return_id,
        name__in=("return.announced", "return.received"),
        actor=username,
    ).exists()
