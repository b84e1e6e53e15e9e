"""The lists of the last stage."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from o2c.core.tables import (
    ChoiceFilter,
    Column,
    DateColumn,
    DateFilter,
    ForeignKeyFilter,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    SearchFilter,
    StateColumn,
    Tab,
    Table,
)
from reconciliation.models import (
    BankLine,
    BankStatement,
    Match,
    MatchState,
    MatchTier,
    StatementState,
)

OPEN = {"payment": None, "ignored_reason": ""}
TIERS = ("exact", "strong", "possible", "none")


def _open_of(tier: str) -> Callable[[QuerySet], QuerySet]:
    return lambda lines: lines.filter(**OPEN, amount__gt=0, tier=tier)


def tier_label(line: BankLine) -> str:
    """The tier of a line's live match in words."""
    return str(MatchTier(line.tier).label) if line.tier else ""  # type: ignore[attr-defined]  # annotated


class BankStatementTable(Table):
    title = _("Bank statements")
    model = BankStatement
    detail = "reconciliation:bank_statement_detail"
    imports = "reconciliation:bank_statement_import"
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
        Tab("problem", _("Balances do not fit"), lambda statements: statements.exclude(problem="")),
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
        DateFilter("entry_date"),
    ]
    tabs = [
        Tab("open", _("Open"), lambda lines: lines.filter(**OPEN, amount__gt=0)),
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
        Tab("proposed", _("Proposed"), lambda matches: matches.filter(state="proposed")),
        Tab("applied", _("Applied"), lambda matches: matches.filter(state="applied")),
        Tab("all", _("All")),
    ]
    empty = _("Nothing was matched yet.")
