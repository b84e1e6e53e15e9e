"""The lists of billing and of the outbox, and the tables of an invoice's page."""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from invoicing import queries
from invoicing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from invoicing.models.invoice import invoice_words
from o2c.core.models import STUCK_STATES, UNSENT_STATES, MessageState, OutgoingMessage
from o2c.web.badges import badge_of
from o2c.web.sources import SourceColumn
from o2c.web.tables import (
    AmountColumn,
    ChoiceColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    DetailTable,
    ForeignKeyFilter,
    LinkColumn,
    MomentColumn,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    PriceColumn,
    QuantityColumn,
    SearchFilter,
    StateColumn,
    Sum,
    Tab,
    Table,
)
from o2c.web.tables.columns import badge_html, money_cell
from o2c.web.tables.filing import Filing


class MailColumn(Column):
    """How far the latest message about the row has come."""

    css = "state"

    def text(self, raw: Any, row: Any) -> str:
        return badge_html(badge_of(MessageState, raw))

    def exported(self, row: Any) -> list[Any]:
        return self._words(self.raw(row))

    def filing(self, model: type[Model]) -> Filing:
        return Filing([self.key], self._words)

    def _words(self, raw: Any) -> list[Any]:
        return [str(MessageState(raw).label) if raw else None]


def _drafts(invoices: QuerySet) -> QuerySet:
    return invoices.filter(state=InvoiceState.DRAFT)


def _to_approve(invoices: QuerySet) -> QuerySet:
    return invoices.filter(state=InvoiceState.PROPOSED)


def _posted(invoices: QuerySet) -> QuerySet:
    return invoices.filter(state=InvoiceState.POSTED, kind=InvoiceKind.INVOICE)


def _credit_notes(invoices: QuerySet) -> QuerySet:
    return invoices.filter(state=InvoiceState.POSTED, kind=InvoiceKind.CREDIT_NOTE)


class InvoiceTable(Table):
    title = _("Invoices")
    model = Invoice
    new, new_label = "invoicing:invoice_new", _("Bill a shipment")
    new_permission = "invoicing.draft_invoice"
    columns = [
        LinkColumn(
            "number",
            _("Number"),
            value=invoice_words,
            of=["number", "kind", "pk"],
            sort="pk",
        ),
        ChoiceColumn("kind", _("Kind"), optional=True),
        Column("customer__name", _("Customer")),
        DateColumn("invoice_date", _("Date")),
        LinkColumn("order__number", _("Order"), to="order"),
        LinkColumn("shipment__number", _("Shipment"), to="shipment", optional=True),
        Column("order__customer_reference", _("Their number"), optional=True),
        MoneyColumn("owed_net", _("Net"), optional=True),
        MoneyColumn("owed_tax", _("Tax"), optional=True),
        MoneyColumn("owed_gross", _("Total")),
        MoneyColumn("credited", _("Credited"), optional=True),
        StateColumn(),
        MailColumn("mail_state", _("Mail"), sort=False),
    ]
    filters = [
        SearchFilter(
            "number",
            "customer__name",
            "order__number",
            "order__customer_reference",
            amounts=("gross", "net"),
        ),
        ChoiceFilter("state", InvoiceState),
        ChoiceFilter("kind", InvoiceKind),
        DateFilter("invoice_date"),
        ForeignKeyFilter("customer"),
    ]
    tabs = [
        Tab("drafts", _("Drafts"), _drafts),
        Tab("approve", _("Credit notes to approve"), _to_approve),
        Tab("posted", _("Posted"), _posted),
        Tab("credit_notes", _("Credit notes"), _credit_notes),
        Tab("unsent", _("Not sent yet"), queries.unsent),
        Tab("all", _("All")),
    ]


class MessageTable(Table):
    title = _("Outbox")
    model = OutgoingMessage
    detail = "invoicing:message_detail"
    columns = [
        LinkColumn("subject", _("Subject")),
        Column("to", _("To")),
        SourceColumn("document", _("Document"), source="document"),
        StateColumn(),
        NumberColumn("attempts", _("Attempts")),
        MomentColumn("created_at", _("Queued")),
        MomentColumn("sent_at", _("Sent")),
        Column("failure", _("Failure"), optional=True),
    ]
    filters = [
        SearchFilter("subject", "to"),
        ChoiceFilter("state", MessageState),
        DateFilter("created_at", _("Queued")),
    ]
    tabs = [
        Tab(
            "stuck",
            _("Needs a person"),
            lambda rows: rows.filter(state__in=STUCK_STATES),
        ),
        Tab(
            "waiting",
            _("Waiting"),
            lambda rows: rows.filter(state__in=UNSENT_STATES),
        ),
        Tab("sent", _("Sent"), lambda rows: rows.filter(state=MessageState.SENT)),
        Tab("all", _("All")),
    ]


class InvoiceLines(DetailTable):
    title = _("Lines")
    names_row = "item_code"
    columns = [
        NumberColumn("line_number", _("No.")),
        Column("item_code", _("Item")),
        Column("description", _("Description"), wide=True),
        QuantityColumn("quantity", _("Quantity"), unit="unit__sign", sparse=True),
        PriceColumn("unit_price", _("Price"), per="price_per"),
        PercentColumn("discount_percent", _("Discount"), sparse=True),
        PercentColumn("tax_percent", _("Tax")),
        AmountColumn("amount", _("Amount")),
        LinkColumn(
            "shipment",
            _("Shipped with"),
            value=lambda line: None if line.corrects_line else line.shipment_line.shipment,
            to="shipment_line__shipment",
            sparse=True,
        ),
        LinkColumn(
            "corrects",
            _("Credits"),
            value=lambda line: _place(line.corrects_line) if line.corrects_line else None,
            to="corrects_line__invoice",
            sparse=True,
        ),
        AmountColumn("credited_amount", _("Credited"), sparse=True),
    ]


def _place(line: InvoiceLine) -> str:
    return f"{line.invoice}, {line.line_number}"


class TaxGroups(DetailTable):
    title = _("Tax and totals")
    columns = [
        Column("category", _("Category")),
        PercentColumn("percent", _("Rate")),
        AmountColumn("base", _("Taxable")),
        AmountColumn("tax", _("Tax")),
        Column("reason", _("Reason"), wide=True),
    ]


def sums_of(invoice: Invoice) -> list[Sum]:
    """The row below the tax groups, in the invoice's currency."""
    gross = money_cell(invoice.gross, invoice.currency)
    total = format_html("<strong>{} {}</strong>", _("Total"), gross)
    figures = {"base": invoice.net, "tax": invoice.tax, "reason": total}
    return [Sum(_("Net and tax"), figures)]


class Instalments(DetailTable):
    title = _("Instalments")
    names_row = "due_date"
    columns = [
        NumberColumn("sequence", _("No.")),
        DateColumn("due_date", _("Due")),
        AmountColumn("amount", _("Amount")),
        DateColumn("discount_date", _("Discount until"), sparse=True),
        PercentColumn("discount_percent", _("Discount"), sparse=True),
    ]


class CreditNotes(DetailTable):
    title = _("Credit notes")
    columns = [
        LinkColumn("number", _("Number"), value=str),
        StateColumn(),
        DateColumn("invoice_date", _("Date")),
        Column("reason", _("Reason"), wide=True),
        MoneyColumn("gross", _("Total")),
    ]
