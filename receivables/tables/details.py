"""The tables of detail pages: what money was used for, reminders, a customer's account, aging."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from o2c.core.addresses import row_address
from o2c.web.formats import UNKNOWN, moment_text, value_text
from o2c.web.tables import (
    ActorColumn,
    AmountColumn,
    ChoiceColumn,
    Column,
    DateColumn,
    DetailTable,
    LinkColumn,
    MomentColumn,
    MoneyColumn,
    NumberColumn,
    Sum,
    TemplateColumn,
)
from o2c.web.tables.columns import amount_cell
from o2c.web.tables.paths import follow
from receivables.models import Allocation, DunningLetter, Payment, Repayment
from receivables.queries.aging import AgingRow
from receivables.queries.statements import CurrencyStatement


class AccountColumn(Column):
    """A customer's name, leading to the customer's account."""

    def __init__(self, key: str, label: Any, *, customer: str = "customer_id") -> None:
        super().__init__(key, label)
        self.customer = customer

    def show(self, row: Any, table: Any) -> str:
        url = row_address("receivables:customer_account", follow(row, self.customer))
        return format_html('<a href="{}">{}</a>', url, self.raw(row))


# -- what money was used for ----------------------------------------------------------------------


class Allocations(DetailTable):
    """What money, a credit or a write-off was used for."""

    empty = _("Nothing yet.")
    sums = True
    columns = [
        LinkColumn("open_item", _("Document"), to="open_item"),
        DateColumn("effective_date", _("Counts from")),
        AmountColumn("amount", _("Amount"), total=True),
        AmountColumn("discount", _("Discount"), total=True, sparse=True),
        ActorColumn("recorded_by", _("By")),
        MomentColumn("recorded_at", _("Recorded")),
        LinkColumn("entry", _("Journal entry"), to="entry"),
        Column("note", _("Note"), value=lambda row: _note(row), sparse=True, wide=True),
    ]


class Meeting(NamedTuple):
    """Where a payment met one of the other direction."""

    row: Repayment
    other: Payment


class Meetings(DetailTable):
    title = _("Met by")
    columns = [
        LinkColumn("other", _("Payment"), to="other"),
        ChoiceColumn("other__direction", _("Direction")),
        DateColumn("row__effective_date", _("Counts from")),
        AmountColumn("row__amount", _("Amount")),
        ActorColumn("row__recorded_by", _("By")),
        MomentColumn("row__recorded_at", _("Recorded")),
        Column("note", _("Note"), value=lambda met: _note(met.row), sparse=True, wide=True),
    ]


def _note(row: Allocation | Repayment) -> str:
    """What is special about it: that it takes one back, what the exchange rate made of it."""
    difference = _now("exchange difference %(amount)s") % {
        "amount": value_text(row.exchange_difference)
    }
    said = (
        _now("taken back") if row.reverses_id else "",
        difference if row.exchange_difference else "",
    )
    return ", ".join(filter(None, said))


class ItemMoves(DetailTable):
    """Everything that raised or lowered an item, which is what the table is `about`."""

    title = _("What changed it")
    empty = _("Nothing yet: it is open as it was posted.")
    columns = [
        TemplateColumn("by", _("By"), "receivables/_changed_by.html"),
        DateColumn("effective_date", _("Counts from")),
        AmountColumn("amount", _("Amount")),
        AmountColumn("discount", _("Discount"), sparse=True),
        MomentColumn("recorded_at", _("Recorded")),
        ActorColumn("recorded_by", _("Recorded by")),
        LinkColumn("entry", _("Journal entry"), to="entry"),
    ]


# -- reminders ------------------------------------------------------------------------------------


class Letters(DetailTable):
    """The letters of a run; its currency is that of the fees."""

    title = _("Letters")
    empty = _("Nobody is to be reminded.")
    columns = [
        LinkColumn("letter", _("Letter"), value=str),
        AccountColumn("customer__name", _("Customer")),
        Column("level", _("Level")),
        TemplateColumn("items", _("Items"), "receivables/_reminded.html"),
        AmountColumn("fee", _("Fee"), sparse=True),
        Column("sent", _("Sent"), value=lambda letter: _sent(letter)),
    ]


def _sent(letter: DunningLetter) -> str:
    if letter.sent_at:
        return moment_text(letter.sent_at)
    return _now("not sent") if letter.dropped_at else ""


class Exclusions(DetailTable):
    title = _("Left alone, and why")
    columns = [
        LinkColumn("open_item", _("Document"), to="open_item"),
        AccountColumn("customer__name", _("Customer")),
        ChoiceColumn("reason", _("Why")),
        MoneyColumn("amount", _("Amount"), currency="open_item__currency"),
    ]


class Notices(DetailTable):
    """What one letter asks for."""

    title = _("Items")
    columns = [
        LinkColumn("open_item", _("Document"), to="open_item"),
        DateColumn("open_item__due_date", _("Due")),
        NumberColumn("days_overdue", _("Days late")),
        NumberColumn("level", _("Level")),
        MoneyColumn("amount", _("Amount"), currency="open_item__currency"),
        MoneyColumn("interest", _("Interest"), currency="open_item__currency", sparse=True),
        ChoiceColumn("dropped_reason", _("Left out"), sparse=True),
    ]


# -- a customer's account -------------------------------------------------------------------------


class AccountRow(NamedTuple):
    """An open item, or a payment that is not applied yet, with the balance up to it."""

    document: Any
    dated: date
    due: date | None
    days: int
    note: str
    amount: Decimal
    open_amount: Decimal
    balance: Decimal


def account_rows(part: CurrencyStatement) -> Iterator[AccountRow]:
    """What is open in one currency: items, then payments."""
    for line in part.lines:
        item = line.item
        yield AccountRow(
            item,
            item.document_date,
            item.due_date,
            line.days if line.days > 0 and line.open_amount > 0 else 0,
            "",
            item.original,
            line.open_amount,
            line.balance,
        )
    for one in part.unapplied:
        yield AccountRow(
            one.payment,
            one.payment.value_date,
            None,
            0,
            _now("Payment, not applied yet"),
            one.payment.amount,
            one.amount,
            one.balance,
        )


class AccountLines(DetailTable):
    title = _("Open items")
    names_currency = False
    columns = [
        LinkColumn("document", _("Document"), to="document"),
        DateColumn("dated", _("Date")),
        DateColumn("due", _("Due")),
        NumberColumn("days", _("Days late"), sparse=True),
        Column("note", _("Note"), sparse=True),
        AmountColumn("amount", _("Amount")),
        AmountColumn("open_amount", _("Open")),
        AmountColumn("balance", _("Balance")),
    ]


class Ages(DetailTable):
    """How old the debts of a customer are, in one row: a column for each of the `labels`."""

    names_currency = False

    def __init__(self, part: CurrencyStatement, labels: Sequence[str]) -> None:
        words = _now("Aging in %(currency)s") % {"currency": part.currency}
        super().__init__([part.aged], currency=part.currency, title=words)
        self.labels = labels

    def declared(self) -> Sequence[Column]:
        buckets = [
            AmountColumn(f"bucket_{at}", label, value=_bucket(at))
            for at, label in enumerate(self.labels)
        ]
        return [
            Column("currency", _("Currency")),
            *buckets,
            AmountColumn("total", _("Total")),
            AmountColumn("unapplied", _("Unapplied")),
            AmountColumn("balance", _("Balance")),
        ]


def _bucket(at: int) -> Callable[[AgingRow], Decimal]:
    return lambda row: row.amounts[at]


# -- the aging report -----------------------------------------------------------------------------


class AgedRow(NamedTuple):
    """A row of the report with its bucket figures, each of (amount, count, url)."""

    row: AgingRow
    cells: Sequence[dict[str, Any]]


class FigureColumn(NumberColumn):
    """An amount in its row's currency; `found` says it with the address of what makes it."""

    css = "num money"

    def __init__(
        self, key: str, label: Any, found: Callable[[AgedRow], tuple[Decimal | None, str]]
    ) -> None:
        super().__init__(key, label, sort=False)
        self.found = found

    def show(self, row: Any, table: Any) -> str:
        amount, url = self.found(row)
        if amount is None:
            return UNKNOWN
        text = amount_cell(amount, row.row.currency)
        return format_html('<a href="{}">{}</a>', url, text) if url else text


class AgingLines(DetailTable):
    title = _("Aging")

    def __init__(
        self, rows: Sequence[AgedRow], totals: Sequence[AgedRow], labels: Sequence[str]
    ) -> None:
        super().__init__(rows)
        self.figures = [
            *[FigureColumn(f"bucket_{at}", label, _aged(at)) for at, label in enumerate(labels)],
            FigureColumn("total", _("Total"), lambda aged: (aged.row.total, "")),
            FigureColumn("unapplied", _("Unapplied"), _unapplied),
            FigureColumn("balance", _("Balance"), lambda aged: (aged.row.balance, "")),
        ]
        self.below = [self._total(one) for one in totals]

    def declared(self) -> Sequence[Column]:
        return [
            AccountColumn("row__customer_name", _("Customer"), customer="row__customer_id"),
            Column("row__currency", _("Currency")),
            *self.figures,
        ]

    def _total(self, aged: AgedRow) -> Sum:
        words = _now("Total %(currency)s") % {"currency": aged.row.currency}
        return Sum(words, {column.key: column.show(aged, self) for column in self.figures})


def _aged(at: int) -> Callable[[AgedRow], tuple[Decimal | None, str]]:
    def found(aged: AgedRow) -> tuple[Decimal | None, str]:
        cell = aged.cells[at]
        return (cell["amount"], cell["url"]) if cell["count"] else (None, "")

    return found


def _unapplied(aged: AgedRow) -> tuple[Decimal | None, str]:
    if not aged.row.unapplied:
        return None, ""
    address = f"{reverse('receivables:payment_list')}?tab=unapplied&customer="
    customer = aged.row.customer_id
    return aged.row.unapplied, f"{address}{customer}" if customer else ""
