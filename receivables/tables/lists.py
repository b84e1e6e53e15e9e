"""The list pages of receivables."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.web.tables import (
    ActorColumn,
    ChoiceColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    ForeignKeyFilter,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    NumberFilter,
    SearchFilter,
    StateColumn,
    Tab,
    Table,
)
from receivables.models import (
    CreditApplication,
    CreditApplicationState,
    Dispute,
    DisputeReason,
    DisputeState,
    DunningRun,
    DunningRunState,
    ItemKind,
    OpenItem,
    Payment,
    PaymentMethod,
    PaymentState,
    Promise,
    PromiseState,
    WriteOff,
    WriteOffReason,
    WriteOffState,
)
from receivables.models.items import item_words
from receivables.queries import worklists

CUSTOMER = _("Customer")


def _overdue(items: Any) -> QuerySet:
    return items.overdue(clock.today())


def _days_late(due_date: date, open_amount: Decimal) -> int | None:
    days = (clock.today() - due_date).days
    return days if days > 0 and open_amount > 0 else None


class OpenItemTable(Table):
    title = _("Open items")
    model = OpenItem
    imports = "receivables:open_item_import"
    new_permission = "receivables.take_over_items"
    default_sort = "due_date"
    columns = [
        LinkColumn(
            "document_number",
            _("Document"),
            value=item_words,
            of=["document_number", "sequence"],
            sort="document_number",
        ),
        ChoiceColumn("kind", _("Kind"), optional=True),
        Column("customer__name", CUSTOMER),
        DateColumn("document_date", _("Date"), optional=True),
        DateColumn("due_date", _("Due")),
        NumberColumn(
            "late",
            _("Days late"),
            value=_days_late,
            of=["due_date", "open_amount"],
            sort="due_date",
        ),
        MoneyColumn("original", _("Amount")),
        MoneyColumn("open_amount", _("Open")),
        DateColumn("discount_date", _("Discount until"), optional=True),
        LinkColumn("order__number", _("Order"), to="order", optional=True),
        LinkColumn("invoice__number", _("Invoice"), to="invoice", optional=True),
    ]
    filters = [
        SearchFilter("document_number", "customer__name", amounts=("open_amount", "original")),
        ChoiceFilter("kind", ItemKind),
        ForeignKeyFilter("customer"),
        DateFilter("due_date"),
        NumberFilter("open_amount"),
    ]
    tabs = [
        Tab("overdue", _("Overdue"), _overdue),
        Tab("open", _("Owed to us"), lambda items: items.debts()),  # type: ignore[attr-defined]
        Tab("credits", _("Credits"), lambda items: items.credits()),  # type: ignore[attr-defined]
        Tab("settled", _("Settled"), lambda items: items.filter(open_amount=0)),
        Tab("all", _("All")),
    ]
    empty = _("Nothing is owed yet. A posted invoice opens the first item.")


class AgedItemTable(Table):
    """What makes a figure of the aging report."""

    title = _("Items behind the figure")
    model = OpenItem
    default_sort = "due_date"
    columns = [
        LinkColumn(
            "document_number",
            _("Document"),
            value=item_words,
            of=["document_number", "sequence"],
            sort="document_number",
        ),
        Column("customer__name", CUSTOMER),
        DateColumn("document_date", _("Date")),
        DateColumn("due_date", _("Due")),
        NumberColumn("age", _("Age in days"), value=lambda item: item.age.days, sort=False),
        MoneyColumn("original", _("Amount")),
        MoneyColumn("then_open", _("Open on the day")),
    ]
    filters = [SearchFilter("document_number", "customer__name", amounts=("then_open",))]


class PaymentTable(Table):
    title = _("Payments")
    model = Payment
    new, new_label = "receivables:payment_new", _("Record a payment")
    new_permission = "receivables.record_payment"
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        Column("customer__name", CUSTOMER),
        Column("payer_name", _("Payer’s name"), optional=True),
        DateColumn("value_date", _("Value date")),
        ChoiceColumn("direction", _("Direction"), optional=True),
        ChoiceColumn("method", _("Method"), optional=True),
        MoneyColumn("amount", _("Amount")),
        MoneyColumn("allocated", _("Applied")),
        MoneyColumn("left", _("Unapplied"), value=lambda p: p.unapplied, total=False),
        Column("reference", _("Reference")),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "reference", "payer_name", "customer__name", amounts=("amount",)),
        ChoiceFilter("state", PaymentState),
        ChoiceFilter("method", PaymentMethod),
        ForeignKeyFilter("customer"),
        DateFilter("value_date"),
    ]
    tabs = [
        Tab("unapplied", _("To apply"), worklists.unapplied),
        Tab(
            "unassigned",
            _("Payer unknown"),
            lambda payments: payments.filter(state=PaymentState.UNASSIGNED),
        ),
        Tab(
            "waiting",
            _("To approve"),
            lambda payments: payments.filter(state=PaymentState.WAITING),
        ),
        Tab("all", _("All")),
    ]


class CreditApplicationTable(Table):
    title = _("Applied credits")
    model = CreditApplication
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        Column("customer__name", CUSTOMER),
        LinkColumn("credit_item__document_number", _("Credit"), to="credit_item"),
        MoneyColumn("amount", _("Amount")),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "credit_item__document_number", "customer__name"),
        ChoiceFilter("state", CreditApplicationState),
        ForeignKeyFilter("customer"),
    ]


class WriteOffTable(Table):
    title = _("Write-offs")
    model = WriteOff
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        Column("customer__name", CUSTOMER),
        LinkColumn("open_item__document_number", _("Document"), to="open_item"),
        ChoiceColumn("reason", _("Reason")),
        MoneyColumn("amount", _("Amount")),
        ActorColumn("created_by", _("Asked by")),
        ActorColumn("decided_by", _("Decided by")),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "open_item__document_number", "customer__name"),
        ChoiceFilter("state", WriteOffState),
        ChoiceFilter("reason", WriteOffReason),
        ForeignKeyFilter("customer"),
    ]
    tabs = [
        Tab(
            "requested",
            _("To decide"),
            lambda rows: rows.filter(state=WriteOffState.REQUESTED),
        ),
        Tab("all", _("All")),
    ]
    empty = _("Nothing was given up. Write-offs are asked for on an open item.")


class DisputeTable(Table):
    title = _("Disputes")
    model = Dispute
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        Column("customer__name", CUSTOMER),
        LinkColumn("open_item__document_number", _("Document"), to="open_item"),
        ChoiceColumn("reason", _("Reason")),
        MoneyColumn("amount", _("Disputed")),
        ActorColumn("created_by", _("By"), optional=True),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "open_item__document_number", "customer__name"),
        ChoiceFilter("state", DisputeState),
        ChoiceFilter("reason", DisputeReason),
        ForeignKeyFilter("customer"),
    ]
    tabs = [
        Tab("open", _("Open"), lambda rows: rows.filter(state=DisputeState.OPEN)),
        Tab("all", _("All")),
    ]
    empty = _("Nothing is contested. A dispute is opened on an open item.")


def _broken(promises: QuerySet) -> QuerySet:
    return worklists.not_kept(promises).filter(promised_date__lt=clock.today())


class PromiseTable(Table):
    title = _("Promises to pay")
    model = Promise
    default_sort = "promised_date"
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        Column("customer__name", CUSTOMER),
        LinkColumn("open_item__document_number", _("Document"), to="open_item"),
        DateColumn("promised_date", _("By")),
        MoneyColumn("amount", _("Promised")),
        MoneyColumn("open_item__open_amount", _("Still open")),
        StateColumn(sort=False),
    ]
    filters = [
        SearchFilter("number", "open_item__document_number", "customer__name"),
        ForeignKeyFilter("customer"),
        DateFilter("promised_date"),
    ]
    tabs = [
        Tab("overdue", _("Day passed, not paid"), _broken),
        Tab("open", _("Open"), worklists.not_kept),
        Tab("kept", _("Kept"), worklists.kept),
        Tab(
            "withdrawn",
            _("Withdrawn"),
            lambda rows: rows.filter(state=PromiseState.WITHDRAWN),
        ),
        Tab("all", _("All")),
    ]
    empty = _("Nobody has promised anything. A promise is noted on an open item.")


class DunningRunTable(Table):
    title = _("Dunning")
    model = DunningRun
    new, new_label = "receivables:dunning_run_new", _("Propose a run")
    new_permission = "receivables.propose_dunning"
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        DateColumn("run_date", _("Date")),
        NumberColumn("letter_count", _("Letters")),
        NumberColumn("notice_count", _("Items")),
        NumberColumn("excluded_count", _("Left alone")),
        DateColumn("bank_date", _("Bank data up to"), optional=True),
        ActorColumn("created_by", _("Proposed by"), optional=True),
        StateColumn(),
    ]
    filters = [ChoiceFilter("state", DunningRunState), DateFilter("run_date")]
    tabs = [
        Tab(
            "proposed",
            _("To approve"),
            lambda runs: runs.filter(state=DunningRunState.PROPOSED),
        ),
        Tab("all", _("All")),
    ]
    empty = _("The first run is proposed in the morning, once there is a dunning policy.")
