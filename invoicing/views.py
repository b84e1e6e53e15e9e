"""The pages of billing and the outbox."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from invoicing import commands, forms, queries, tables
from invoicing.models import CreditKind, Invoice, InvoiceState
from invoicing.rules.printing import printed
from o2c.core import mail
from o2c.core.actors import Actor
from o2c.core.addresses import row_address
from o2c.core.errors import RuleViolation
from o2c.core.models import OutgoingMessage
from o2c.core.pdf import pdf_problem
from o2c.core.states import condition
from o2c.web import (
    Action,
    act,
    detail_page,
    excerpt_of,
    form_page,
    list_page,
    part_of,
    require_right,
    show,
    thing_page,
)
from o2c.web.files import DamagedFile, stored_bytes
from o2c.web.forms import ReasonForm
from o2c.web.refusals import linked
from o2c.web.sources import name_of
from o2c.web.timeline import events_of, happenings

VIEW_RIGHT = "invoicing.view_invoicing"
OUTBOX_RIGHT = "core.view_outbox"


@condition(gettext_lazy("Everything is credited already."))
def is_creditable(invoice: Invoice) -> bool:
    return invoice.credited + invoice.discount_carried < invoice.gross or not invoice.gross


CANCEL = Action(commands.cancel_invoice, ReasonForm, icon="ban", danger=True)
SEND = Action(
    commands.mail_invoice,
    forms.MailForm,
    label=gettext_lazy("Send by mail"),
    icon="send",
    permission="invoicing.send_invoice",
    states=[InvoiceState.POSTED],
    minor=True,
    done=gettext_lazy("It leaves within a minute."),
)
PDF_ACTIONS = {
    "restore": Action(
        commands.restore_invoice_pdf,
        label=gettext_lazy("Render it anew"),
        icon="rotate-ccw",
        permission="invoicing.send_invoice",
        states=[InvoiceState.POSTED],
        done=gettext_lazy("its PDF is whole again"),
    ),
}
INVOICE_ACTIONS = {
    "post": Action(
        commands.post_invoice,
        forms.PostForm,
        icon="stamp",
        confirm=gettext_lazy(
            "It gets its number and is owed from then on. It cannot be changed afterwards, only "
            "credited."
        ),
    ),
    "send": SEND,
    "credit": Action(
        commands.draft_credit_note,
        forms.CreditForm,
        label=gettext_lazy("Credit"),
        icon="rotate-ccw",
        permission="invoicing.draft_credit_note",
        states=[InvoiceState.POSTED],
        conditions=[is_creditable],
        minor=True,
        template="invoicing/credit_form.html",
    ),
    "cancel": CANCEL,
}
CREDIT_NOTE_ACTIONS = {
    "approve": Action(
        commands.approve_credit_note,
        forms.PostForm,
        icon="stamp",
        confirm=gettext_lazy("It gets its number and is owed to the customer from then on."),
    ),
    "send": SEND,
    "bill_again": Action(
        commands.bill_again,
        label=gettext_lazy("Bill again"),
        icon="receipt-text",
        permission="invoicing.draft_invoice",
        states=[InvoiceState.POSTED],
    ),
    "cancel": CANCEL,
}
MESSAGE_ACTIONS = {
    "resend": Action(mail.resend_message, icon="send"),
    "confirm": Action(mail.confirm_message, icon="check", minor=True),
}


def invoice_list(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        tables.InvoiceTable,
        queries.listed_invoices(),
        template="invoicing/invoice_list.html",
        may_post=request.user.has_perm("invoicing.post_invoice"),
    )


def invoice_new(request: HttpRequest) -> HttpResponse:
    """Bill a shipment by hand, where the flow has not."""
    return form_page(
        request,
        forms.BillForm,
        _bill,
        title=_("Bill a shipment"),
        permission="invoicing.draft_invoice",
        initial={"shipment": request.GET.get("shipment")},
        submit=gettext_lazy("Draft the invoice"),
        done=gettext_lazy("drafted"),
        back=reverse("invoicing:invoice_list"),
        back_title=_("Invoices"),
    )


def _bill(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Invoice | None:
    return commands.draft_invoice(cleaned["shipment"].pk, actor=actor)


def invoice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = get_object_or_404(queries.invoices_with_parties(), pk=pk)
    excerpt = excerpt_of(request, invoice.line_count, invoice.get_absolute_url())
    frozen = invoice.snapshot
    return detail_page(
        request,
        invoice,
        "invoicing/invoice_detail.html",
        actions=actions_of(invoice),
        lines=tables.InvoiceLines(
            queries.lines_of(pk)[excerpt.span], currency=invoice.currency, excerpt=excerpt
        ),
        tax=tables.TaxGroups(
            queries.tax_lines_of(pk), currency=invoice.currency, below=tables.sums_of(invoice)
        ),
        tax_changes=queries.tax_changes_of(pk) if invoice.state == InvoiceState.DRAFT else [],
        instalments=tables.Instalments(
            printed({"instalments": frozen["instalments"]})["instalments"] if frozen else [],
            currency=invoice.currency,
        ),
        e_mails=part_of(request, queries.messages_about(pk), name="e_mails"),
        credit_notes=tables.CreditNotes(
            part_of(request, queries.credit_notes_of(invoice), name="credit_notes")
        ),
        pdf_problem=pdf_problem(),
    )


def invoice_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actions = CREDIT_NOTE_ACTIONS if queries.is_credit_note(pk) else INVOICE_ACTIONS
    return act(request, Invoice, actions, pk, verb, page=invoice_detail)


def actions_of(invoice: Invoice) -> dict[str, Action]:
    """The verbs of an invoice, or of a credit note; only a correction is billed again."""
    if not invoice.is_credit_note:
        return INVOICE_ACTIONS
    is_correction = invoice.credit_kind == CreditKind.CORRECTION
    left_out = set() if is_correction else {"bill_again"}
    return {verb: a for verb, a in CREDIT_NOTE_ACTIONS.items() if verb not in left_out}


@require_safe
def invoice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The kept PDF of a posted document; a preview of a draft."""
    require_right(request, VIEW_RIGHT)
    invoice = get_object_or_404(Invoice, pk=pk)
    if invoice.state == InvoiceState.POSTED:
        try:
            data = stored_bytes(commands.render_invoice_pdf(pk))
        except DamagedFile as damage:
            return _damaged_pdf(request, invoice, damage)
    else:
        data = commands.preview_pdf(pk)
    name = f"{invoice.number or _('draft')}.pdf"
    as_file = "download" in request.GET
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(as_file, name) or "inline",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _damaged_pdf(request: HttpRequest, invoice: Invoice, damage: DamagedFile) -> HttpResponse:
    """What became of the file, and the offer to render the same bytes again."""
    offer = ""
    if request.user.has_perm("invoicing.send_invoice"):
        offer = reverse("invoicing:invoice_pdf_act", args=[invoice.pk, "restore"])
    template = "invoicing/damaged_pdf.html"
    context = {"title": str(invoice), "invoice": invoice, "damage": damage, "restore_url": offer}
    return show(request, template, context, status=damage.status)


def invoice_pdf_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Render a lost PDF anew; offered where it cannot be handed out."""
    at = row_address("invoicing:invoice_detail", pk)
    return act(request, Invoice, PDF_ACTIONS, pk, verb, page=invoice_detail, at=at)


def drafts_post(request: HttpRequest) -> HttpResponse:
    """Post all drafts up to a day; each on its own, so that a bad one stops nobody."""

    def post(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> str:
        run = commands.post_drafts(cleaned["on_date"], actor=actor)
        for invoice_id, refusal in run.refused:
            messages.warning(request, _refused_draft(invoice_id, refusal))
        done = ngettext(
            "%(count)s invoice is posted.", "%(count)s invoices are posted.", len(run.posted)
        )
        messages.success(request, done % {"count": len(run.posted)})
        return f"{reverse('invoicing:invoice_list')}?tab={'drafts' if run.refused else 'posted'}"

    return form_page(
        request,
        forms.PostDraftsForm,
        post,
        title=_("Post drafts"),
        permission="invoicing.post_invoice",
        submit=gettext_lazy("Post"),
        done=gettext_lazy("Done."),
        back=reverse("invoicing:invoice_list"),
        back_title=_("Invoices"),
    )


def _refused_draft(invoice_id: int, refusal: RuleViolation) -> SafeString:
    """Why a draft was not posted, with links to it and to where each problem is mended."""
    return format_html(
        '<a href="{}">{}</a>: {}',
        row_address("invoicing:invoice_detail", invoice_id),
        _("Draft %(id)s") % {"id": invoice_id},
        format_html_join(" ", "{}", ((linked(error),) for error in refusal.errors)),
    )


def message_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.MessageTable, permission=OUTBOX_RIGHT)


def message_detail(request: HttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(queries.messages_with_files(), pk=pk)
    events = part_of(request, events_of(message), name="events")
    return thing_page(
        request,
        message,
        "invoicing/message_detail.html",
        actions=MESSAGE_ACTIONS,
        permission=OUTBOX_RIGHT,
        message=message,
        about=name_of(message.document_type, message.document_id).link,
        timeline=happenings(message, events),
        events=events.excerpt,
    )


def message_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Send a stuck message again, or note that it arrived."""
    page, right = message_detail, OUTBOX_RIGHT
    return act(request, OutgoingMessage, MESSAGE_ACTIONS, pk, verb, page=page, permission=right)
