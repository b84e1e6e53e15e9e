"""Pages of the last stage: statements, their lines, and the matches."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from o2c.core.actors import Actor
from o2c.core.states import condition
from o2c.masters.models import Customer
from o2c.tabular.imports import ImportResult
from o2c.web import (
    Action,
    act,
    detail_page,
    form_page,
    list_page,
    part_of,
    require_right,
    show,
    thing_page,
)
from o2c.web.badges import state_badge
from o2c.web.chain import chain_of
from o2c.web.forms import Form, ReasonForm
from o2c.web.imports import import_page
from orders.queries import orders_with_parties
from reconciliation import commands, forms, queries
from reconciliation.models import BankLine, BankStatement, Match, MatchTier, StatementState
from reconciliation.tables import (
    BankLineTable,
    BankStatementTable,
    BatchLines,
    ExactMatches,
    ExactSums,
    MatchedLines,
    MatchTable,
    OrderMatchTable,
    StatementLines,
)

VIEW = "reconciliation.view_reconciliation"
EXACT_SHOWN = 50
REFUSED_SHOWN = 20

STATEMENT_ACTIONS = {
    "match": Action(
        commands.match_statement,
        label=_("Look for matches"),
        icon="search",
        states=[StatementState.IMPORTED],
        permission="reconciliation.match_bank_statement",
        done=_("Every open line was looked at."),
    ),
    "reconcile": Action(commands.reconcile_bank_statement, icon="badge-check"),
    "accept": Action(
        commands.accept_bank_statement,
        ReasonForm,
        label=_("Accept its balances"),
        states=[StatementState.IMPORTED],
        permission="reconciliation.accept_bank_statement",
        minor=True,
    ),
}


def next_address(line: BankLine) -> str:
    """The clerk keeps the place: the next open line of the statement, else the statement."""
    after = queries.open_line_after(line)
    if after is not None:
        return reverse("reconciliation:bank_line_detail", args=[after.pk])
    return line.statement.get_absolute_url()


def next_after(match: Match) -> str:
    return next_address(match.bank_line)


@condition(_("It is settled already."))
def is_open(line: BankLine) -> bool:
    return not line.is_settled


@condition(_("It is not ignored."))
def is_ignored(line: BankLine) -> bool:
    return bool(line.ignored_reason)


LINE_ACTIONS = {
    "ignore": Action(
        commands.ignore_bank_line,
        ReasonForm,
        label=_("Ignore this line"),
        permission="reconciliation.ignore_bank_line",
        applies=is_open,
        done=_("ignored"),
        then=next_address,
        minor=True,
    ),
    "reopen": Action(
        commands.reopen_bank_line,
        label=_("Open it again"),
        permission="reconciliation.ignore_bank_line",
        applies=is_ignored,
        done=_("open again"),
    ),
}
#: The page has a button for each payment that the line may be, or take back.
KNOWN_ACTIONS = {
    "join": Action(
        commands.join_payment,
        forms.JoinForm,
        label=_("It was entered by hand"),
        permission="reconciliation.apply_match",
        applies=is_open,
        done=_("applied"),
        then=next_address,
    ),
    "return": Action(
        commands.match_return,
        forms.ReturnForm,
        label=_("It takes a payment back"),
        permission="reconciliation.apply_match",
        applies=is_open,
        done=_("applied"),
        then=next_address,
    ),
}
MATCH_ACTIONS = {
    "apply": Action(commands.apply_match, icon="link", then=next_after),
    "dismiss": Action(commands.dismiss_match, minor=True),
    "undo": Action(commands.undo_match, ReasonForm, danger=True),
}


def bank_statement_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, BankStatementTable, queries.statements())


def bank_statement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    statement = get_object_or_404(queries.statements(), pk=pk)
    return detail_page(
        request,
        statement,
        "reconciliation/bank_statement_detail.html",
        actions=STATEMENT_ACTIONS,
        lines=StatementLines(
            part_of(request, queries.lines_of(statement)), currency=statement.currency
        ),
        replaced=queries.replaced_by(statement),
    )


def bank_statement_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, BankStatement, STATEMENT_ACTIONS, pk, verb, page=bank_statement_detail)


def bank_statement_import(request: HttpRequest) -> HttpResponse:
    return import_page(
        request,
        _run_import,
        title=_("Import a bank statement"),
        permission="reconciliation.import_bank_statement",
        form_class=forms.StatementForm,
        back=reverse("reconciliation:bank_statement_list"),
    )


def _run_import(file_name: str, data: bytes, **more: Any) -> ImportResult:
    account_code = more.pop("account_code")
    return commands.import_statement(account_code, file_name, data, **more)


def bank_line_list(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        BankLineTable,
        queries.lines_with_match(),
        template="reconciliation/bank_line_list.html",
        may_apply=request.user.has_perm("reconciliation.apply_match"),
    )


def bank_line_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One line: what the bank said, what we make of it, and what else can be done."""
    line = get_object_or_404(queries.lines_with_payment(), pk=pk)
    return _show_line(request, line, forms.PayerForm())


def _show_line(request: HttpRequest, line: BankLine, payer_form: forms.PayerForm) -> HttpResponse:
    live = queries.shown_match(line)
    booked_on = line.entry_date if line.is_settled else queries.booking_day(line)
    earlier = queries.matches_beside(line, live)
    return thing_page(
        request,
        line,
        "reconciliation/bank_line_detail.html",
        actions=LINE_ACTIONS,
        permission=VIEW,
        line=line,
        booked_on=booked_on if booked_on != line.entry_date else None,
        batch=BatchLines(line.transactions),
        live=live,
        because=queries.in_words(live.evidence) if live else [],
        shares=part_of(request, queries.shares_of(live), name="shares") if live else (),
        earlier=part_of(request, earlier, name="earlier"),
        payer_form=payer_form,
        may_be=[] if line.is_settled else queries.payments_it_may_be(line),
        may_be_part_of=[]
        if line.is_settled
        else queries.payments_it_may_be_part_of(line, live.payer_id if live else None),
        may_return=[] if line.is_settled else queries.payments_it_may_return(line),
        may_apply=request.user.has_perm("reconciliation.apply_match"),
        may_choose=request.user.has_perm("reconciliation.choose_match"),
    )


def bank_line_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actions = LINE_ACTIONS | KNOWN_ACTIONS
    return act(request, BankLine, actions, pk, verb, page=bank_line_detail)


def bank_line_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Say by hand who paid (`?payer=CODE`) and which items; the rest stays on account."""
    require_right(request, "reconciliation.choose_match")
    line = get_object_or_404(queries.lines_with_payment(), pk=pk)
    asked = forms.PayerForm(request.GET)
    if not asked.is_valid():
        response = _show_line(request, line, asked)
        response.status_code = 422
        return response
    payer: Customer = asked.cleaned_data["payer"]

    def apply(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> str:
        shares = cleaned["shares"]
        commands.apply_choice(pk, payer_id=payer.pk, shares=shares, actor=actor, op_id=op_id)
        return next_address(line)

    return form_page(
        request,
        forms.ChoiceForm,
        apply,
        title=_("Choose by hand"),
        permission="reconciliation.choose_match",
        form_keywords={"line": line, "payer": payer},
        template="reconciliation/bank_line_choose.html",
        done=_("%(line)s is applied.") % {"line": line},
        line=line,
        payer=payer,
    )


def apply_exact(request: HttpRequest) -> HttpResponse:
    """All proposals that leave nothing to decide, with their sums, applied by one click."""

    def apply(_cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> int:
        applied, refused = commands.apply_matches(None, [MatchTier.EXACT], actor=actor)
        for match, reason in refused[:REFUSED_SHOWN]:
            messages.warning(request, f"{match.bank_line}: {reason}")
        return applied

    waiting = queries.matches_to_apply([MatchTier.EXACT])
    return form_page(
        request,
        Form,
        apply,
        title=_("Apply all exact matches"),
        permission="reconciliation.apply_match",
        template="reconciliation/apply_exact.html",
        done=_applied,
        back=reverse("reconciliation:apply_exact"),
        sums=ExactSums(queries.sums_by_currency(waiting)),
        matches=ExactMatches(waiting[:EXACT_SHOWN]),
        most=commands.MOST_AT_ONCE,
    )


def _applied(count: int) -> str:
    one, many = "%(count)s match is applied.", "%(count)s matches are applied."
    return ngettext(one, many, count) % {"count": count} if count else ""


def match_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, MatchTable, queries.matches())


def match_detail(request: HttpRequest, pk: int) -> HttpResponse:
    match = get_object_or_404(queries.matches(), pk=pk)
    return detail_page(
        request,
        match,
        "reconciliation/match_detail.html",
        actions=MATCH_ACTIONS,
        because=queries.in_words(match.evidence),
        shares=part_of(request, queries.shares_of(match), name="shares"),
    )


def match_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Match, MATCH_ACTIONS, pk, verb, page=match_detail)


def order_match_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, OrderMatchTable, queries.matched_lines(), permission=VIEW)


@require_safe
def order_match_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: ordered, shipped, invoiced and paid of each line, and every break."""
    require_right(request, VIEW)
    order = get_object_or_404(orders_with_parties(), pk=pk)
    rows = queries.lines_of_order(order.pk)
    lines = part_of(request, rows)
    context = {
        "title": _("Four-way match of %(order)s") % {"order": order},
        "order": order,
        "badge": state_badge(order),
        "chain": chain_of(order, request.user),
        "lines": MatchedLines(queries.match_of(lines), excerpt=lines.excerpt),
        "broken": queries.broken_lines(rows),
    }
    return show(request, "reconciliation/order_match_detail.html", context)
