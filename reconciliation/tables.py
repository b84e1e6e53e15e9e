"""The lists of the last stage."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from o2c.core.addresses import row_address
from o2c.web.tables import (
    AmountColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    DetailTable,
    ForeignKeyFilter,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    PriceColumn,
    QuantityColumn,
    SearchFilter,
    StateColumn,
    Tab,
    Table,
    TemplateColumn,
)
from orders.models import OrderLine, OrderState
from reconciliation import queries
from reconciliation.models import (
    BankLine,
    BankStatement,
    Match,
    MatchState,
    MatchTier,
    StatementState,
)
from reconciliation.queries import LineMatch
from reconciliation.rules import BreakKind

OPEN = {"payment": None, "ignored_reason": ""}
TIERS = ("exact", "strong", "possible", "none")


def _open_of(tier: str) -> Callable[[QuerySet], QuerySet]:
    return lambda lines: lines.filter(**OPEN, tier=tier)


def _to_work(lines: QuerySet) -> QuerySet:
    return lines.filter(pk__in=queries.lines_to_work().values("pk"))


def tier_label(line: BankLine) -> str:
    """The tier of a line's live match in words."""
    return str(MatchTier(line.tier).label) if line.tier else ""  # type: ignore[attr-defined]  # annotated


class BankStatementTable(Table):
    title = _("Bank statements")
    model = BankStatement
    detail = "reconciliation:bank_statement_detail"
    imports = "reconciliation:bank_statement_import"
    new_permission = "reconciliation.import_bank_statement"
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        Column("account__code", _("Account")),
        DateColumn("closing_date", _("To")),
        Column("statement_id", _("Bank's number"), optional=True),
        MoneyColumn("opening", _("Opening"), currency="currency", total=False),
        MoneyColumn("closing", _("Closing"), currency="currency", total=False),
        NumberColumn("line_count", _("Lines")),
        NumberColumn("open_lines", _("Open")),
        Column("problem", _("Problem"), sort=False),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "statement_id", "file_name"),
        ForeignKeyFilter("account"),
        ChoiceFilter("state", StatementState),
        DateFilter("closing_date"),
    ]
    tabs = [
        Tab("open", _("With open lines"), lambda statements: statements.filter(open_lines__gt=0)),
        Tab(
            "problem",
            _("Balances do not fit"),
            lambda statements: statements.exclude(problem="").filter(
                accepted_reason="", state=StatementState.IMPORTED
            ),
        ),
        Tab("all", _("All")),
    ]
    empty = _("No statement was imported yet.")


class BankLineTable(Table):
    title = _("Bank lines")
    model = BankLine
    detail = "reconciliation:bank_line_detail"
    default_sort = "entry_date"
    columns = [
        LinkColumn("line", _("Line"), value=str, sort="pk"),
        DateColumn("entry_date", _("Booked")),
        Column("counterparty_name", _("From")),
        Column("text", _("Text"), sort=False),
        Column("tier", _("Match"), value=tier_label, sort="tier"),
        MoneyColumn("amount", _("Amount"), currency="currency"),
        Column("ignored_reason", _("Ignored because"), optional=True),
    ]
    filters = [
        SearchFilter("text", "counterparty_name", "bank_reference", amounts=("amount",)),
        ForeignKeyFilter("account"),
        DateFilter("entry_date", _("Booked")),
    ]
    tabs = [
        Tab("open", _("Open"), _to_work),
        *(Tab(tier, MatchTier(tier).label, _open_of(tier)) for tier in TIERS),
        Tab("out", _("Money out"), lambda lines: lines.filter(**OPEN, amount__lt=0)),
        Tab("applied", _("Applied"), lambda lines: lines.exclude(payment=None)),
        Tab("ignored", _("Ignored"), lambda lines: lines.exclude(ignored_reason="")),
    ]
    empty = _("No bank line was imported yet.")


class MatchTable(Table):
    title = _("Matches")
    model = Match
    detail = "reconciliation:match_detail"
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        Column("payer__name", _("Payer")),
        MoneyColumn("bank_line__amount", _("Amount"), currency="bank_line__currency"),
        MoneyColumn("on_account", _("On account"), currency="bank_line__currency"),
        StateColumn("tier", _("Tier")),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "payer__name", "bank_line__text"),
        ChoiceFilter("tier", MatchTier),
        ChoiceFilter("state", MatchState),
    ]
    tabs = [
        Tab("proposed", _("Proposed"), lambda matches: matches.filter(state=MatchState.PROPOSED)),
        Tab("applied", _("Applied"), lambda matches: matches.filter(state=MatchState.APPLIED)),
        Tab("all", _("All")),
    ]
    empty = _("Nothing was matched yet.")


class OrderMatchColumn(Column):
    """The order of a line, leading to the match of all its lines."""

    css = "identifier"

    def show(self, row: Any, table: Any) -> str:
        url = row_address("reconciliation:order_match_detail", row.order_id)
        return format_html('<a href="{}">{}</a>', url, self.raw(row))


def _broken(*kinds: BreakKind) -> Callable[[QuerySet], QuerySet]:
    return lambda lines: queries.with_break(lines, *kinds)


def break_text(line: OrderLine) -> str:
    """Every break of a line in one cell."""
    return "; ".join(queries.break_words(line))


class OrderMatchTable(Table):
    """The lines of all promised orders, as `queries.matched_lines` gives them."""

    title = _("Four-way match")
    model = OrderLine
    default_sort = "-order__number"
    columns = [
        OrderMatchColumn("order__number", _("Order"), sort="order_id"),
        NumberColumn("line_number", _("Line")),
        Column("order__customer__name", _("Customer"), sort=False),
        Column("item__code", _("Item"), sort=False),
        QuantityColumn("wanted_quantity", _("Ordered"), value=lambda line: line.wanted_quantity),
        QuantityColumn("shipped", _("Shipped"), sort=False),
        QuantityColumn("returned", _("Returned"), sort=False, optional=True),
        QuantityColumn("invoiced", _("Invoiced"), sort=False),
        QuantityColumn("credited", _("Credited"), sort=False, optional=True),
        PriceColumn(
            "ordered_price", _("Price ordered"), value=queries.ordered_price, optional=True
        ),
        PriceColumn("billed_price", _("Price billed"), value=queries.billed_price, optional=True),
        PercentColumn("paid", _("Paid"), value=queries.paid_percent),
        MoneyColumn(
            "open_amount",
            _("Open of its invoices"),
            currency="order__currency",
            total=False,
            sort=False,
            optional=True,
        ),
        Column("breaks", _("Breaks"), value=break_text),
        StateColumn("order__state", optional=True, sort=False),
    ]
    filters = [
        SearchFilter("order__number", "order__customer_reference", "item__code", "description"),
        ForeignKeyFilter("order__customer", _("Customer")),
        ChoiceFilter("order__state", OrderState, _("State")),
        DateFilter("order__order_date", _("Ordered on")),
    ]
    tabs = [
        Tab("breaks", _("Any break"), _broken()),
        Tab("shipping", _("Not shipped"), _broken(BreakKind.NOT_SHIPPED)),
        Tab("billing", _("Not billed"), _broken(BreakKind.NOT_INVOICED)),
        # More shipped or billed than may be is refused by the database and has no tab of its own.
        Tab("crediting", _("Not credited"), _broken(BreakKind.RETURN_NOT_CREDITED)),
        Tab("price", _("Other price"), _broken(BreakKind.PRICE_ABOVE, BreakKind.PRICE_BELOW)),
        Tab("unpaid", _("Not paid"), _broken(BreakKind.UNPAID)),
        Tab("owed_back", _("To give back"), _broken(BreakKind.OWED_BACK)),
        Tab("all", _("All")),
    ]
    empty = _("Ordered, shipped, invoiced and paid agree.")


class StatementLines(DetailTable):
    """The lines of a bank statement in its currency, and what we make of them."""

    title = _("Lines")
    empty = _("The bank booked nothing on this statement.")
    columns = [
        LinkColumn("line_number", _("Line")),
        DateColumn("entry_date", _("Booked")),
        Column("counterparty_name", _("From")),
        Column("text", _("Text"), value=lambda line: _start_of(line.text), wide=True),
        AmountColumn("amount", _("Amount")),
        TemplateColumn("match", _("Match"), "reconciliation/_matched.html"),
    ]


def _start_of(text: str) -> str:
    return Truncator(text).chars(70)


class BatchLines(DetailTable):
    """The transactions that the bank booked as one line."""

    title = _("Booked together")
    sums = True
    columns = [
        Column("counterparty_name", _("From")),
        Column("text", _("Text"), value=lambda part: _said(part), wide=True),
        MoneyColumn("amount", _("Amount")),
    ]


def _said(part: Mapping[str, Any]) -> str:
    """What the bank says of one transaction: text, references, why it came back."""
    returned = f"({part['return_reason']} {part.get('return_text', '')})"
    said = [
        part.get("text", ""),
        ", ".join(part.get("references", ())),
        part.get("end_to_end_id", ""),
        returned if part.get("return_reason") else "",
    ]
    return " ".join(filter(None, said))


class MatchedLines(DetailTable):
    """Ordered, shipped, invoiced and paid of each line of an order."""

    title = _("Lines")
    names_row = "line__item__code"
    columns = [
        NumberColumn("line__line_number", _("No.")),
        LinkColumn("line__item__code", _("Item"), to="line__item"),
        Column("line__description", _("Description"), wide=True),
        QuantityColumn("line__quantity", _("Ordered"), unit="line__unit__sign"),
        QuantityColumn("line__cancelled", _("Cancelled"), sparse=True),
        QuantityColumn("line__shipped", _("Shipped")),
        QuantityColumn("line__returned", _("Returned"), sparse=True),
        QuantityColumn("line__invoiced", _("Invoiced")),
        QuantityColumn("line__credited", _("Credited"), sparse=True),
        PriceColumn("ordered_price", _("Price")),
        PriceColumn("billed", _("Billed at"), value=lambda match: _other_price(match), sparse=True),
        PercentColumn("paid_percent", _("Paid")),
        Column("breaks", _("Breaks"), value=lambda match: _breaks(match), wide=True),
    ]


def _other_price(match: LineMatch) -> Decimal | None:
    return match.billed_price if match.billed_price != match.ordered_price else None


def _breaks(match: LineMatch) -> str:
    """Each in a line of its own, as HTML."""
    lines = format_html_join("", "<div>{}</div>", ((words,) for words in match.breaks))
    return lines or format_html('<span class="muted">{}</span>', _("none"))


class ExactSums(DetailTable):
    title = _("Sums")
    columns = [
        Column("currency", _("Currency")),
        NumberColumn("count", _("Matches")),
        AmountColumn("money_in", _("Money in"), currency="currency"),
        AmountColumn("money_out", _("Money out"), currency="currency"),
    ]


class ExactMatches(DetailTable):
    title = _("The oldest of them")
    columns = [
        LinkColumn("bank_line", _("Line"), to="bank_line"),
        DateColumn("bank_line__entry_date", _("Booked")),
        Column("payer", _("Payer")),
        Column("text", _("Text"), value=lambda match: _start_of(match.bank_line.text), wide=True),
        MoneyColumn("bank_line__amount", _("Amount"), currency="bank_line__currency"),
    ]
