"""The PDF: made from the snapshot once, kept by its hash, served ever after."""

from typing import Any

from django.db import IntegrityError
from django.utils import translation
from django.utils.translation import gettext as _

from invoicing import queries
from invoicing.commands.snapshot import Billed, take_snapshot
from invoicing.models import Invoice, InvoiceKind, InvoiceState
from invoicing.rules.printing import printed
from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor, require
from o2c.core.attachments import Attachment, CorruptFile, read_file, restore_file, store_file
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.idempotency import no_form
from o2c.core.money import ZERO, taxable
from o2c.core.pdf import render_pdf
from o2c.web.formats import date_text, iban_text

PDF_PURPOSE = "canonical_pdf"
TEMPLATE = "pdf/invoice.html"


def render_invoice_pdf(invoice_id: int, *, actor: Actor = SYSTEM) -> Attachment:
    """The PDF of a posted document; made when it is asked for the first time.

    Call it outside any transaction: rendering takes its time. Raises PdfUnavailable where the
    machine lacks what it takes.
    """
    invoice = Invoice.objects.get(pk=invoice_id)
    if invoice.state != InvoiceState.POSTED or invoice.snapshot is None:
        raise RuleViolation(_("%(invoice)s is not posted yet.") % {"invoice": invoice})
    kept = queries.pdf_of(invoice_id)
    if kept:
        return kept
    try:
        with no_form():
            return _keep_pdf(invoice, _rendered(invoice.snapshot), actor=SYSTEM)
    except IntegrityError:  # somebody else was quicker; theirs is the one
        twin = queries.pdf_of(invoice_id)
        if twin is None:
            raise
        return twin


@command
def restore_invoice_pdf(invoice_id: int, *, actor: Actor) -> Attachment:
    """Render a PDF whose stored file is lost or damaged anew, from the same snapshot.

    It locks nothing, so nobody waits for the rendering. Only the very bytes that were stored are
    put back. Raises RuleViolation when there is nothing
    to restore, or when the rendering differs, as after an upgrade: then a backup has the file.
    """
    require(actor, "invoicing.send_invoice")
    invoice, kept = Invoice.objects.get(pk=invoice_id), queries.pdf_of(invoice_id)
    if kept is None or invoice.snapshot is None:
        raise RuleViolation(_("%(invoice)s has no stored PDF.") % {"invoice": invoice})
    if _is_intact(kept):
        return kept
    try:
        restore_file(kept, _rendered(invoice.snapshot))
    except CorruptFile as error:
        raise RuleViolation(
            _("“%(file)s” comes out differently today. Restore the stored file from a backup.")
            % {"file": kept.name}
        ) from error
    return kept


def _is_intact(kept: Attachment) -> bool:
    try:
        return bool(read_file(kept))
    except CorruptFile:
        return False


def _rendered(snapshot: dict[str, Any]) -> bytes:
    return render_pdf(TEMPLATE, document_context(snapshot), language=snapshot["language"])


def preview_pdf(invoice_id: int) -> bytes:
    """What a draft would look like if it were posted today, marked as a draft. Not kept."""
    invoice = Invoice.objects.select_related("corrects", "shipment").get(pk=invoice_id)
    order = queries.order_with_parties(invoice.order_id)
    invoice.invoice_date = clock.today()
    billed = Billed(
        invoice,
        list(queries.lines_of(invoice_id)),
        order,
        invoice.shipment,
        queries.posting_facts(invoice, order.terms, invoice.invoice_date),
    )
    snapshot = {"number": "", **take_snapshot(billed)}
    context = {**document_context(snapshot), "is_draft": True}
    return render_pdf(TEMPLATE, context, language=snapshot["language"])


@command
def _keep_pdf(invoice: Invoice, data: bytes, *, actor: Actor) -> Attachment:
    return store_file(
        invoice,
        data,
        name=f"{invoice.number}.pdf",
        content_type="application/pdf",
        purpose=PDF_PURPOSE,
        actor=actor,
    )


def document_context(snapshot: dict[str, Any]) -> dict[str, Any]:
    """What the template is given: the snapshot and nothing else, in the customer's language."""
    content = printed(snapshot)
    buyer = content["bill_to"]
    untaxed = content.get("untaxed_percent", ZERO)  # older documents do not know it
    for tax in content["taxes"]:
        base = tax["base"] + tax.get("untaxed_discount", ZERO)
        tax["taxable"] = taxable(base, untaxed, content["currency"])
    with translation.override(snapshot["language"]):
        return {
            "content": content,
            "is_credit_note": content["kind"] == InvoiceKind.CREDIT_NOTE,
            "has_discounts": any(line["discount_percent"] for line in content["lines"]),
            "seller": content["seller"],
            "bank": content["bank"]
            and {**content["bank"], "iban": iban_text(content["bank"]["iban"])},
            "negative_discount": -content["document_discount"],
            "negative_carried": -content.get("discount_carried", ZERO),
            "recipient": [buyer["name"], *buyer["address_lines"]],
            "facts": _facts(content),
        }


def _facts(content: dict[str, Any]) -> list[tuple[str, str]]:
    """The right-hand column: what a payables clerk looks for first."""
    order, corrects = content["order"], content["corrects"]
    is_credit = content["kind"] == InvoiceKind.CREDIT_NOTE
    due = [part["due_date"] for part in content["instalments"]]
    facts = [
        (_("Credit note date") if is_credit else _("Invoice date"), _day(content["invoice_date"])),
        (_("Credits invoice"), corrects and corrects["number"]),
        (_("Supplied on"), _day(content["delivery_date"])),
        (_("Due date"), _day(due[0]) if len(due) == 1 and not is_credit else ""),
        (_("Your order"), order["reference"]),
        (_("Our order"), f"{order['number']}, {_day(order['date'])}"),
        (_("Shipment"), content["shipment"]["number"]),
        (_("Customer number"), content["bill_to"]["code"]),
        (_("Your VAT id"), content["bill_to"]["vat_id"]),
    ]
    return [(label, value or "") for label, value in facts]


def _day(day: Any) -> str:
    return date_text(day) if day else ""
