"""The lists of the money book."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.ledger.models import Account, AccountKind, Entry, Line, Period, PeriodState
from o2c.web.sources import SourceColumn
from o2c.web.tables import (
    ActorColumn,
    BooleanFilter,
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
    SearchFilter,
    StateColumn,
    Tab,
    Table,
)


class AccountTable(Table):
    title = gettext_lazy("Chart of accounts")
    model = Account
    default_sort = "code"
    detail = "ledger:account_detail"
    new, new_permission = "ledger:account_new", "ledger.add_account"
    columns = [
        LinkColumn("code", gettext_lazy("Code")),
        Column("name", gettext_lazy("Name")),
        ChoiceColumn("kind", gettext_lazy("Kind")),
        ChoiceColumn("role", gettext_lazy("Role")),
        Column("bank_account__name", gettext_lazy("Bank account")),
    ]
    filters = [
        SearchFilter("code", "name"),
        ChoiceFilter("kind", AccountKind),
        BooleanFilter("active"),
    ]


class SpanFilter(DateFilter):
    """The days a trial balance spans. It narrows the sums, which the view makes, not the rows."""

    def __init__(self) -> None:
        super().__init__("posted", gettext_lazy("Posted"))

    def label(self, model: type[models.Model]) -> str:
        return _("Posted")

    def bound(self, model: type[models.Model], lookup: str, value: Any) -> Q:
        return Q()

    def days(self, params: Any) -> tuple[Any, Any]:
        """The first and the last day that were asked for; None where the span is open."""
        first, last = (self.parse(params.get(name, "").strip()) for name in self.parameters)
        return first, last


SPAN = SpanFilter()


class TrialBalanceTable(Table):
    title = gettext_lazy("Trial balance")
    model = Account
    default_sort = "code"
    detail = "ledger:account_detail"
    page_size = 200
    columns = [
        LinkColumn("code", gettext_lazy("Account")),
        Column("name", gettext_lazy("Name")),
        MoneyColumn("opening", gettext_lazy("Opening"), currency="base_currency"),
        MoneyColumn("debit", gettext_lazy("Debit"), currency="base_currency"),
        MoneyColumn("credit", gettext_lazy("Credit"), currency="base_currency"),
        MoneyColumn("closing", gettext_lazy("Closing"), currency="base_currency"),
    ]
    filters = [SPAN, ChoiceFilter("kind", AccountKind)]


#: What an entry was posted for. The stages count their postings behind these words.
_PURPOSES = {
    "allocation": gettext_lazy("Applied"),
    "apply": gettext_lazy("Applied"),
    "assign": gettext_lazy("Payer found"),
    "charges": gettext_lazy("Late charges"),
    "dispatch": gettext_lazy("Dispatched"),
    "opening": gettext_lazy("Opening balance"),
    "post": gettext_lazy("Posted"),
    "receive": gettext_lazy("Received back"),
    "record": gettext_lazy("Recorded"),
    "reverse": gettext_lazy("Reversed"),
    "stock": gettext_lazy("Stock value"),
    "take back": gettext_lazy("Taken back"),
    "write off": gettext_lazy("Written off"),
}


def purpose_words(entry: Entry) -> str:
    """`allocation 2 2026-11-20` as `Applied`: the number and the day only tell postings apart."""
    purpose = entry.purpose.rstrip("0123456789- ")
    return str(_PURPOSES.get(purpose) or capfirst(purpose))


class EntryTable(Table):
    title = gettext_lazy("Journal entries")
    model = Entry
    detail = "ledger:entry_detail"
    columns = [
        LinkColumn("number", gettext_lazy("Number"), sort="pk"),
        DateColumn("posting_date", gettext_lazy("Posting date")),
        SourceColumn("source", gettext_lazy("Document")),
        Column("purpose", gettext_lazy("Purpose"), value=purpose_words, sort="purpose"),
        Column("description", gettext_lazy("Description")),
        NumberColumn("line_count", gettext_lazy("Lines")),
        Column("period__code", gettext_lazy("Period"), optional=True),
        MomentColumn("recorded_at", gettext_lazy("Recorded"), optional=True),
        ActorColumn("recorded_by", gettext_lazy("By"), optional=True),
    ]
    filters = [
        SearchFilter("number", "description", "purpose", "source_type"),
        DateFilter("posting_date"),
        ForeignKeyFilter("period"),
    ]


class LineTable(Table):
    """The lines of one account."""

    title = gettext_lazy("Journal lines")
    model = Line
    columns = [
        LinkColumn("entry__number", gettext_lazy("Entry"), to="entry", sort="pk"),
        DateColumn("posting_date", gettext_lazy("Posting date")),
        Column("entry__description", gettext_lazy("Description")),
        Column("customer__name", gettext_lazy("Customer")),
        MoneyColumn("amount", gettext_lazy("Amount")),
        MoneyColumn("base_amount", gettext_lazy("Base amount"), currency="base_currency"),
    ]
    filters = [
        SearchFilter("entry__number", "entry__description", "customer__name", "customer__code"),
        DateFilter("posting_date"),
        ForeignKeyFilter("customer"),
    ]


class PeriodTable(Table):
    title = gettext_lazy("Periods")
    model = Period
    default_sort = "-code"
    new, new_permission = "ledger:period_new", "ledger.open_period"
    new_label = gettext_lazy("Open a month")
    columns = [
        LinkColumn("code", gettext_lazy("Period")),
        DateColumn("start_date", gettext_lazy("From")),
        DateColumn("end_date", gettext_lazy("To")),
        StateColumn(),
        ActorColumn("closed_by", gettext_lazy("Closed by")),
        NumberColumn("entry_count", gettext_lazy("Entries when closed")),
    ]
    filters = [ChoiceFilter("state", PeriodState)]
    tabs = [
        Tab("open", gettext_lazy("Open"), lambda rows: rows.filter(state=PeriodState.OPEN)),
        Tab("all", gettext_lazy("All")),
    ]


class EntryLines(DetailTable):
    title = gettext_lazy("Lines")
    columns = [
        LinkColumn("account", gettext_lazy("Account"), to="account"),
        LinkColumn("customer", gettext_lazy("Customer"), to="customer"),
        MoneyColumn("amount", gettext_lazy("Amount")),
        MoneyColumn("base_amount", gettext_lazy("Base amount"), currency="base_currency"),
    ]


class PostedByKind(DetailTable):
    """Entries of a month by the kind of their document."""

    title = gettext_lazy("Posted")
    empty = gettext_lazy("Nothing was posted into this month.")
    sums = True
    columns = [
        Column(
            "source_type",
            gettext_lazy("Kind of document"),
            value=lambda row: _kind(row["source_type"]),
        ),
        NumberColumn("entries", gettext_lazy("Entries"), total=True),
    ]


def _kind(label: str) -> str:
    """`shipping.shipment` as `Shipments`; a label nobody knows stays as it is."""
    try:
        return capfirst(str(apps.get_model(label)._meta.verbose_name_plural))
    except (LookupError, ValueError):
        return label
