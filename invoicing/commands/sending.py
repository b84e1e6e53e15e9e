"""Mailing posted documents with their PDF."""

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from invoicing import queries
from invoicing.commands.rendering import document_context, render_invoice_pdf
from invoicing.models import Invoice, InvoiceState
from o2c.core.actors import SYSTEM, Actor, require
from o2c.core.errors import RuleViolation
from o2c.core.mail import queue_message
from o2c.core.models import OutgoingMessage
from o2c.masters.models import InvoiceChannel


def send_invoice(invoice_id: int, *, actor: Actor = SYSTEM) -> OutgoingMessage | None:
    """Queue the mail of a posted document to the customer who gets invoices by mail.

    Runs in the worker, outside any transaction: the PDF takes its time. None for customers with
    another channel. Raises RuleViolation when the customer has no address.
    """
    invoice = Invoice.objects.select_related("bill_to").get(pk=invoice_id)
    if invoice.state != InvoiceState.POSTED:
        raise RuleViolation(_("%(invoice)s is not posted yet.") % {"invoice": invoice})
    if invoice.bill_to.invoice_channel != InvoiceChannel.EMAIL:
        return None
    to = queries.mail_addresses(invoice.bill_to)
    if not to:
        raise RuleViolation(
            _("%(customer)s has no e-mail address for invoices.") % {"customer": invoice.bill_to}
        )
    return _queue(invoice, f"invoice {invoice.pk}", to, "", actor)


def mail_invoice(
    invoice_id: int, *, to: Sequence[str], actor: Actor, note: str = "", op_id: str = ""
) -> Invoice:
    """A person has a posted document mailed (again) to these addresses, with a line of their own.

    The worker sends it within a minute.
    """
    require(actor, "invoicing.send_invoice")
    invoice = Invoice.objects.get(pk=invoice_id)
    if invoice.state != InvoiceState.POSTED:
        raise RuleViolation(_("%(invoice)s is not posted yet.") % {"invoice": invoice})
    again = queries.messages_about(invoice_id).count() + 1
    _queue(invoice, f"invoice {invoice.pk} again {op_id or again}", to, note, actor)
    return invoice


def _queue(
    invoice: Invoice, dedup_key: str, to: Sequence[str], note: str, actor: Actor
) -> OutgoingMessage:
    pdf = render_invoice_pdf(invoice.pk)
    assert invoice.snapshot is not None
    context = {**document_context(invoice.snapshot), "note": note}
    with translation.override(invoice.snapshot["language"]):
        subject = render_to_string("invoicing/mail/subject.txt", context)
        body = render_to_string("invoicing/mail/body.txt", context)
    return queue_message(
        invoice,
        dedup_key=dedup_key,
        to=to,
        subject=subject,
        body=body,
        attachments=[pdf],
        actor=actor,
    )
