"""Posting: the number for good, the entry, the frozen snapshot."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db import DatabaseError, IntegrityError
from django.utils.translation import gettext as _

from invoicing import queries
from invoicing.commands.completeness import refuse_incomplete
from invoicing.commands.locking import lock_invoice
from invoicing.commands.outdated import refuse_outdated
from invoicing.commands.snapshot import Billed, take_snapshot
from invoicing.models import Invoice, InvoiceKind, InvoiceLine
from invoicing.models.triggers import DATE_RAN_BACK
from invoicing.queries import PostingFacts
from invoicing.rules.billing import cost_of_billed
from invoicing.rules.posting import Figures, postings
from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import add_to_counters
from o2c.core.commands import command
from o2c.core.days import PastDay
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ZERO, round_amount
from o2c.core.numbering import draw_number
from o2c.core.transitions import refuse_blocked, transition
from o2c.ledger.commands import post_entry
from o2c.masters.models.tax import tax_text
from o2c.masters.queries import TaxCodeRate, Taxes
from o2c.web.formats import date_text
from orders.commands import lock_order, record_invoiced
from orders.commands.locking import lock_order_of
from orders.models import Order, OrderLine
from orders.models.states import HoldKind
from shipping.models import ShipmentLine

PARTIES = ("customer", "bill_to", "payer", "terms")
SOURCE = Invoice._meta.label_lower
PREFIXES = {InvoiceKind.INVOICE.value: "INV", InvoiceKind.CREDIT_NOTE.value: "CN"}


class BilledTwice(RuleViolation):
    """More is to be billed than was shipped: somebody else has billed it."""

    status = 409


class DateRanBack(RuleViolation):
    """A later invoice of the same number series is dated after this one would be."""

    status = 409


@command
def post_invoice(invoice_id: int, *, actor: Actor, invoice_date: PastDay | None = None) -> Invoice:
    """Post a draft under `invoice_date`, today by default: it is owed from now on.

    Refused when more would be billed than was shipped and kept, when the order's prices or
    discounts changed since, when mandatory content is missing, when the order is held by hand,
    when the date lies before the last one of the number series, before the supply or in a closed
    month. Thirteen statements at most, one more for a part that carries a share of the order's
    discount or a rounding.
    """
    order = lock_order_of(Invoice, invoice_id, related=PARTIES)
    lines = queries.lines_to_post(invoice_id)
    draft = lines[0].invoice
    day = invoice_date or clock.today()
    require(actor, draft.permission("post"))
    refuse_blocked(draft, "post")
    _order, order_lines = lock_order(order.pk)
    _refuse_unpostable(order, draft, day)
    facts = queries.posting_facts(draft, order.terms, day)
    refuse_outdated(order, lines, order_lines)
    _refuse_other_tax(draft, lines, order_lines, facts)
    _refuse_other_terms(draft, facts)
    refuse_incomplete(order, draft, facts)
    record_invoiced(order.pk, {line.order_line_id: line.quantity for line in lines}, actor=actor)
    counted = count_invoiced({line.shipment_line_id: line.quantity for line in lines})
    invoice = lock_invoice(order, invoice_id)
    invoice.invoice_date = day
    invoice.exchange_rate = facts.rate
    cost = cost_of(lines, counted, facts.company.base_currency)
    billed = Billed(invoice, lines, order, draft.shipment, facts)
    return book(billed, "post", cost=cost, actor=actor)


def count_invoiced(deltas: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Add to the billed quantities of shipment lines; the new ones.

    The table's CHECK is what refuses to bill a unit twice; it becomes a sentence here.
    """
    changes = {pk: {"invoiced": delta} for pk, delta in deltas.items() if delta}
    try:
        counted = add_to_counters(ShipmentLine, changes)
    except IntegrityError as error:
        raise BilledTwice(
            _("More would be billed than was shipped. Look at the other invoices of the shipment.")
        ) from error
    return {pk: values["invoiced"] for pk, values in counted.items()}


def cost_of(
    lines: Sequence[InvoiceLine], counted: Mapping[int, Decimal], base_currency: str
) -> Decimal:
    """What the goods on these lines cost, in base currency, whether billed or credited.

    `counted` are the billed quantities of their shipment lines after it.
    """
    costs = (
        cost_of_billed(
            line.shipment_line.cost,
            line.shipment_line.quantity,
            line.shipment_line.invoiced,
            counted[line.shipment_line_id],
            base_currency,
        )
        for line in lines
        if line.shipment_line_id in counted
    )
    return abs(sum(costs, ZERO))


def book(billed: Billed, verb: str, *, cost: Decimal, actor: Actor) -> Invoice:
    """Post the entry, draw the number, freeze the snapshot, move the document by verb."""
    invoice, company = billed.invoice, billed.facts.company
    figures = Figures(
        invoice.net,
        invoice.tax,
        invoice.gross,
        invoice.currency,
        invoice.exchange_rate,
        company.base_currency,
        cost,
    )
    invoice.entry = post_entry(
        (SOURCE, invoice.pk),
        "post",
        invoice.invoice_date,
        postings(figures, invoice.payer_id, sign=invoice.sign),
        description=f"{billed.order} {billed.order.customer.name}"[:200],
        actor=actor,
    )
    snapshot = take_snapshot(billed)
    year = invoice.invoice_date.year
    invoice.series = f"{invoice.kind}:{year}"
    invoice.number = draw_number(invoice.series, f"{PREFIXES[invoice.kind]}-{year}-")
    invoice.snapshot = {"number": invoice.number, **snapshot}
    invoice.posted_at = clock.now()
    try:
        return transition(
            invoice,
            verb,
            actor=actor,
            number=invoice.number,
            gross=round_amount(invoice.gross, invoice.currency),
            currency=invoice.currency,
            **({"credits": str(invoice.corrects)} if invoice.corrects_id else {}),
            **({} if invoice.gross else {"nothing_owed": True}),
        )
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != DATE_RAN_BACK:
            raise
        raise DateRanBack(
            _("A later document has been numbered already: %(day)s is too early a date.")
            % {"day": date_text(invoice.invoice_date)},
            field="invoice_date",
        ) from error


def _refuse_unpostable(order: Order, draft: Invoice, day: date) -> None:
    if order.hold_kind == HoldKind.MANUAL:
        raise RuleViolation(
            _("%(order)s is on hold: %(reason)s") % {"order": order, "reason": order.hold_reason}
        )
    if draft.delivery_date and day < draft.delivery_date:
        raise RuleViolation(
            _("The goods were supplied on %(day)s; the invoice cannot be dated earlier.")
            % {"day": date_text(draft.delivery_date)},
            field="invoice_date",
        )


def _refuse_other_tax(
    draft: Invoice,
    lines: Sequence[InvoiceLine],
    order_lines: Sequence[OrderLine],
    facts: PostingFacts,
) -> None:
    """Refuse a draft whose tax is not that of the day of supply, as the masters are now."""
    ordered = {line.pk: line for line in order_lines}
    day = draft.delivery_date or draft.invoice_date
    taxes = Taxes(day, draft.shipment.ship_to.get("country", ""), facts.tax_rules)
    refuse_if(
        [
            RuleViolation(_other_tax_sentence(line, tax))
            for line in lines
            for tax in [taxes.of(ordered[line.order_line_id].item)]
            if (line.tax_category, line.tax_percent) != (tax.category, tax.percent)
        ]
    )


def _refuse_other_terms(draft: Invoice, facts: PostingFacts) -> None:
    """Refuse a draft whose tax leaves out another discount than its terms offer now."""
    if draft.untaxed_percent != facts.terms.untaxed_percent:
        raise RuleViolation(
            _("The payment terms have changed, and the tax with them. ")
            + _("Cancel this draft and bill the shipment again.")
        )


def _other_tax_sentence(line: InvoiceLine, tax: TaxCodeRate) -> str:
    return " ".join(
        [
            _("Line %(line)s has %(old)s tax, but it is %(new)s now.")
            % {
                "line": line,
                "old": tax_text(line.tax_category, line.tax_percent),
                "new": tax_text(tax.category, tax.percent),
            },
            _("Cancel this draft and bill the shipment again."),
        ]
    )
