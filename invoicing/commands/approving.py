"""Posting a credit note: another person's approval, then the mirror of what was billed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import IntegrityError
from django.utils.translation import gettext as _

from invoicing import queries
from invoicing.commands.crediting import Wanted, credited_figures
from invoicing.commands.drafting import draft_invoice
from invoicing.commands.posting import PARTIES, book, cost_of, count_invoiced
from invoicing.commands.snapshot import Billed
from invoicing.models import CreditKind, Invoice, InvoiceLine, InvoiceState, TaxLine
from invoicing.rules.crediting import Credit
from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor, require
from o2c.core.bulk import add_to_counters, update_rows
from o2c.core.commands import command, lock_all, lock_where
from o2c.core.days import PastDay
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.money import ZERO
from o2c.core.transitions import refuse_blocked
from o2c.web.formats import date_text
from orders.commands import record_credited
from orders.commands.locking import lock_order_of


class CreditedTwice(RuleViolation):
    """More is to be credited than was billed: somebody else has credited it."""

    status = 409


@command
def approve_credit_note(
    invoice_id: int, *, actor: Actor, invoice_date: PastDay | None = None
) -> Invoice:
    """Post a proposed credit note; not by who proposed it, or took in the goods it is for.

    The figures are those of the present moment: what other notes took back meanwhile is left
    out, so that all notes of an invoice together mirror it to the cent.
    """
    order = lock_order_of(Invoice, invoice_id, related=PARTIES)
    lines = queries.lines_to_post(invoice_id)
    tax_lines = queries.tax_lines_of(invoice_id)
    proposal = lines[0].invoice
    day = invoice_date or clock.today()
    require(actor, proposal.permission("approve"))
    refuse_blocked(proposal, "approve")
    _refuse_own(proposal, actor)
    counted = _take_back_quantities(lines, actor)
    corrected_id = proposal.corrected_id
    held = lock_all(Invoice, [invoice_id, corrected_id])
    note, invoice = held[invoice_id], held[corrected_id]
    note.order = invoice.order = order
    note.corrects = invoice
    _refuse_bad_date(invoice, day)
    note.invoice_date = day
    _mirror(note, invoice, lines, tax_lines)
    facts = queries.posting_facts(note, order.terms, day)
    cost = cost_of(lines, counted, facts.company.base_currency)
    billed = Billed(note, lines, order, proposal.shipment, facts)
    return book(billed, "approve", cost=cost, actor=actor)


@command
def bill_again(invoice_id: int, *, actor: Actor) -> Invoice:
    """Draft the right invoice after a posted correction took the wrong one back.

    Raises RuleViolation when nothing is to be billed.
    """
    note = Invoice.objects.filter(pk=invoice_id).first()
    if note is None:
        raise NotFound(_("Credit note %(pk)s does not exist.") % {"pk": invoice_id})
    if note.credit_kind != CreditKind.CORRECTION or note.state != InvoiceState.POSTED:
        raise RuleViolation(_("Only what a posted correction took back is billed again."))
    draft = draft_invoice(note.shipment_id, actor=actor)
    if draft is None:
        raise RuleViolation(_("Nothing of this shipment is to be billed."))
    return draft


def _refuse_own(note: Invoice, actor: Actor) -> None:
    """Four eyes. What the product proposes for returned goods goes back to who said they came."""
    if actor == SYSTEM:
        return
    if note.created_by == actor.get_username():
        raise NotPermitted(_("You proposed this credit note; somebody else has to approve it."))
    if note.goods_return_id and queries.has_returned(note.goods_return_id, actor.get_username()):
        raise NotPermitted(
            _("You announced or took in these goods; somebody else has to approve their credit.")
        )


def _refuse_bad_date(invoice: Invoice, day: date) -> None:
    if not invoice.invoice_date <= day <= clock.today():
        raise RuleViolation(
            _("The date lies between %(day)s, the date of %(invoice)s, and today.")
            % {"day": date_text(invoice.invoice_date), "invoice": invoice},
            field="invoice_date",
        )


def _take_back_quantities(lines: Sequence[InvoiceLine], actor: Actor) -> dict[int, Decimal]:
    """Count quantities as no longer billed, on the order and the shipment."""
    back = [line for line in lines if line.quantity]
    if not back:
        return {}
    order_id = lines[0].invoice.order_id
    record_credited(order_id, {line.order_line_id: line.quantity for line in back}, actor=actor)
    return count_invoiced({line.shipment_line_id: -line.quantity for line in back})


def _mirror(
    note: Invoice, invoice: Invoice, lines: Sequence[InvoiceLine], tax_lines: Sequence[TaxLine]
) -> None:
    """Bring the note's figures up to date and count them on the invoice."""
    billed = lock_where(InvoiceLine, invoice_id=invoice.pk)
    wanted = {
        line.corrected_id: Wanted(line.quantity, line.charged if not line.quantity else ZERO)
        for line in lines
    }
    figures = credited_figures(invoice, billed, {}, wanted)
    if figures.totals[:3] != (note.net, note.tax, note.gross):
        _rewrite(note, lines, tax_lines, billed, figures)
    deltas = {
        line.corrected_id: {
            "credited_quantity": line.quantity,
            "credited_amount": line.charged,
        }
        for line in lines
    }
    try:
        add_to_counters(InvoiceLine, deltas)
        counts = {
            "credited": note.gross,
            "discount_carried": note.discount_carried,
            "discount_tax_carried": note.discount_tax_carried,
        }
        counted = add_to_counters(Invoice, {invoice.pk: counts})
    except IntegrityError as error:
        raise CreditedTwice(
            _("More would be credited than %(invoice)s charged.") % {"invoice": invoice}
        ) from error
    for name, value in counted[invoice.pk].items():
        setattr(invoice, name, value)


def _rewrite(
    note: Invoice,
    lines: Sequence[InvoiceLine],
    tax_lines: Sequence[TaxLine],
    billed: Sequence[InvoiceLine],
    figures: Credit,
) -> None:
    """Write figures that other credit notes have changed since the proposal."""
    by_line = {line.pk: part for line, part in zip(billed, figures.lines, strict=True)}
    for line in lines:
        line.amount, line.document_discount, line.net = by_line[line.corrected_id]
    groups = zip(figures.totals.tax_lines, figures.discounts, strict=True)
    by_group = {group[:2]: (*group[2:], *discount) for group, discount in groups}
    for tax_line in tax_lines:
        (tax_line.base, tax_line.tax, tax_line.discount, tax_line.discount_tax) = by_group.get(
            (tax_line.category, tax_line.percent), (ZERO, ZERO, ZERO, ZERO)
        )
    update_rows(lines, ["amount", "document_discount", "net"])
    update_rows(tax_lines, ["base", "tax", "discount", "discount_tax"])
    note.net, note.tax, note.gross = figures.totals[:3]
    note.discount_carried, note.discount_tax_carried = figures.discount.gross, figures.discount.tax
