"""Lists of credit checks and accounts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.models import AccountState, CheckState, CreditAccount, CreditCheck, RiskClass
from credit.queries import WaterfallLine, rule_sentences
from o2c.web.tables import (
    ActorColumn,
    AmountColumn,
    BooleanColumn,
    ChoiceColumn,
    ChoiceFilter,
    Column,
    DateColumn,
    DetailTable,
    ForeignKeyFilter,
    LinkColumn,
    MomentColumn,
    MoneyColumn,
    NumberColumn,
    SearchFilter,
    StateColumn,
    Sum,
    Tab,
    Table,
)


class CheckTable(Table):
    title = _("Credit checks")
    model = CreditCheck
    detail = "credit:check_detail"
    default_sort = "number"
    empty = _("No order waits for credit.")
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        LinkColumn("order__number", _("Order"), to="order", sort="order"),
        LinkColumn("account__customer__name", _("Payer"), to="account"),
        Column(
            "rules",
            _("Rules that fired"),
            value=lambda check: " ".join(rule_sentences(check.rules, check.currency)),
        ),
        MoneyColumn("amount", _("This order"), currency="currency"),
        MoneyColumn("exposure", _("Exposure"), currency="currency", total=False),
        MoneyColumn("limit_amount", _("Limit"), currency="currency", total=False),
        DateColumn("order__requested_date", _("Requested"), optional=True),
        MomentColumn("created_at", _("Since"), optional=True),
        ChoiceColumn("account__risk_class", _("Risk class"), optional=True),
        ActorColumn("requested_by", _("Entered by"), optional=True),
        ActorColumn("decided_by", _("Decided by"), optional=True),
        Column("reason", _("Reason"), optional=True),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "order__number", "account__customer__name", amounts=("amount",)),
        ChoiceFilter("state", CheckState),
        ForeignKeyFilter("account__customer", _("Payer")),
    ]
    tabs = [
        Tab("held", _("Held"), lambda checks: checks.filter(state=CheckState.HELD)),
        Tab(
            "overridden",
            _("Approved by a person"),
            lambda checks: checks.filter(overridden=True),
        ),
        Tab("rejected", _("Rejected"), lambda checks: checks.filter(state=CheckState.REJECTED)),
        Tab("all", _("All")),
    ]


class LimitColumn(MoneyColumn):
    """The limit of today. Nothing on record is not nothing to spend: it is no limit."""

    def show(self, row: Any, table: Any) -> str:
        return str(_("no limit")) if self.raw(row) is None else super().show(row, table)


class AccountTable(Table):
    title = _("Credit accounts")
    model = CreditAccount
    detail = "credit:account_detail"
    new = "credit:account_new"
    new_label = _("Open an account")
    new_permission = "credit.open_account"
    default_sort = "customer__name"
    empty = _("No credit accounts yet. They open with a payer's first order.")
    columns = [
        LinkColumn("number", _("Number"), sort="pk"),
        LinkColumn("customer__name", _("Payer"), to="customer"),
        LimitColumn("limit_today", _("Limit today"), total=False),
        MoneyColumn("overdue_amount", _("Overdue")),
        DateColumn("oldest_due_date", _("Oldest due")),
        NumberColumn("overdue_days_allowed", _("Days allowed"), optional=True),
        NumberColumn("held", _("Orders held")),
        ChoiceColumn("risk_class", _("Risk class")),
        BooleanColumn("first_order_cleared", _("Known customer"), optional=True),
        Column("stop_reason", _("Why it is blocked"), optional=True),
        StateColumn(),
    ]
    filters = [
        SearchFilter("number", "customer__name", "customer__code"),
        ChoiceFilter("state", AccountState),
        ChoiceFilter("risk_class", RiskClass),
    ]
    tabs = [
        Tab("all", _("All")),
        Tab(
            "blocked",
            _("Blocked"),
            lambda accounts: accounts.filter(state=AccountState.BLOCKED),
        ),
        Tab("overdue", _("Overdue"), lambda accounts: accounts.filter(overdue_amount__gt=0)),
        Tab("held", _("With orders held"), lambda accounts: accounts.filter(held__gt=0)),
        Tab("new", _("New customers"), lambda rows: rows.filter(first_order_cleared=False)),
    ]


class CeilingColumn(AmountColumn):
    """The most somebody may grant."""

    def show(self, row: Any, table: Any) -> str:
        return super().show(row, table) if row.amount is not None else str(_("no ceiling"))


class Waterfall(DetailTable):
    """An exposure part by part, and the limit below it; None: no limit."""

    columns = [
        Column("label", _("Part")),
        AmountColumn("amount", _("Amount")),
        Column(
            "counts",
            _("Counts"),
            value=lambda line: _("yes") if line.counts else _("no, by policy"),
        ),
        AmountColumn("total", _("Sum")),
    ]


def waterfall(
    lines: Sequence[WaterfallLine],
    total: Decimal,
    limit: Decimal | None,
    currency: str,
    title: str | Promise,
) -> Waterfall:
    """The table of these parts, with exposure and limit in their currency below."""
    below = [
        Sum(_("Exposure"), {"total": total}),
        Sum(_("Limit"), {"total": _("none") if limit is None else limit}),
    ]
    return Waterfall(lines, currency=currency, below=below, title=title)


class Limits(DetailTable):
    title = _("Limits")
    empty = _("No limit: this payer may owe any amount.")
    columns = [
        ChoiceColumn("kind", _("Kind")),
        MoneyColumn("amount", _("Amount"), currency="amount__currency"),
        DateColumn("valid_from", _("Valid from")),
        DateColumn("valid_to", _("Valid to")),
        ActorColumn("approved_by", _("Set by")),
        Column("reason", _("Reason"), wide=True),
    ]


class OrdersOnCredit(DetailTable):
    title = _("Orders that use credit")
    empty = _("None.")
    sums = True
    columns = [
        LinkColumn("order", _("Order"), value=str),
        Column("customer__name", _("Customer")),
        DateColumn("order_date", _("Ordered")),
        MoneyColumn("gross", _("Total")),
        StateColumn(),
    ]


class LatestChecks(DetailTable):
    title = _("Latest checks")
    empty = _("None.")
    columns = [
        LinkColumn("check", _("Check"), value=str),
        LinkColumn("order", _("Order"), to="order"),
        MoneyColumn("amount", _("This order")),
        MoneyColumn("exposure", _("Exposure")),
        StateColumn(),
        ActorColumn("decided_by", _("Decided by")),
    ]


class Authorities(DetailTable):
    """Who may decide up to which amount; its currency is the company's."""

    title = _("Authority")
    empty = _("Nobody may approve credit yet.")
    columns = [
        Column("role", _("Role")),
        CeilingColumn("amount", _("Up to")),
    ]
