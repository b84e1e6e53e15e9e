"""The pages of the money book: accounts, trial balance, entries, periods."""

from functools import partial
from typing import Any

from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from o2c.core.actors import Actor
from o2c.ledger import commands, queries, tables
from o2c.ledger.forms import PeriodForm
from o2c.ledger.models import Account, Period
from o2c.masters.forms import fields_of, form_for
from o2c.web import (
    Action,
    act,
    detail_page,
    form_page,
    list_page,
    part_of,
    reads_from_standby,
    require_right,
    show,
)
from o2c.web.forms import ReasonForm
from o2c.web.sources import name_of

VIEW_RIGHT = "ledger.view_ledger"

PERIOD_ACTIONS = {
    "close": Action(
        commands.close_period,
        icon="lock",
        confirm=gettext_lazy("Nothing can be posted into this month afterwards."),
    ),
    "reopen": Action(commands.reopen_period, ReasonForm, icon="lock-open", danger=True),
}


@reads_from_standby
def trial_balance(request: HttpRequest) -> HttpResponseBase:
    """Opening, turnover and closing of every account for a span of days, base currency."""
    first, last = tables.SPAN.days(request.GET)
    return list_page(
        request,
        tables.TrialBalanceTable,
        queries.trial_balance(first, last),
        template="ledger/trial_balance.html",
    )


def account_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, tables.AccountTable)


@require_safe
def account_detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An account with every line posted to it."""
    account = get_object_or_404(queries.accounts(), pk=pk)
    return list_page(
        request,
        tables.LineTable,
        queries.account_lines(account),
        template="ledger/account_detail.html",
        title=str(account),
        account=account,
        may_change=request.user.has_perm("ledger.change_account"),
    )


def account_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, Account(), _("New account"), "ledger.add_account")


def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(Account, pk=pk)
    return _edit(request, account, _("Edit %s") % account, "ledger.change_account")


def _edit(request: HttpRequest, account: Account, title: str, permission: str) -> HttpResponse:
    def fresh() -> dict[str, Any]:
        if account.pk is None:
            return {}
        now = get_object_or_404(Account, pk=account.pk)
        return {**model_to_dict(now, fields_of(Account)), "version": now.version}

    return form_page(
        request,
        form_for(Account),
        partial(_save, account),
        title=title,
        permission=permission,
        initial=fresh,
        form_keywords={"instance": account},
        back=reverse("ledger:account_list"),
        back_title=_("Chart of accounts"),
    )


def _save(account: Account, cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Account:
    account.version = cleaned["version"] or account.version
    account.role = account.role or None
    return commands.amend_account(account, reason=cleaned["reason"], actor=actor, op_id=op_id)


def entry_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, tables.EntryTable, queries.entries())


@require_safe
def entry_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with its lines, its source, and what it reverses or was reversed by."""
    require_right(request, VIEW_RIGHT)
    entry = get_object_or_404(queries.entries_with_reversals(), pk=pk)
    return show(
        request,
        "ledger/entry_detail.html",
        {
            "entry": entry,
            "title": str(entry),
            "purpose": tables.purpose_words(entry),
            "source": name_of(entry.source_type, entry.source_id).link,
            "lines": tables.EntryLines(part_of(request, queries.lines_of(entry))),
            "reversal": getattr(entry, "reversal", None),
        },
    )


def period_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, tables.PeriodTable)


def period_new(request: HttpRequest) -> HttpResponse:
    return form_page(
        request,
        PeriodForm,
        _open,
        title=_("Open a month"),
        permission="ledger.open_period",
        submit=_("Open"),
        done=_("opened"),
        back=reverse("ledger:period_list"),
        back_title=_("Periods"),
    )


def _open(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Period:
    return commands.open_period(cleaned["day"], actor=actor, op_id=op_id)


def period_detail(request: HttpRequest, pk: int) -> HttpResponse:
    period = get_object_or_404(Period, pk=pk)
    return detail_page(
        request,
        period,
        "ledger/period_detail.html",
        actions=PERIOD_ACTIONS,
        posted=tables.PostedByKind(queries.posted_by_source(period)),
    )


def period_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Period, PERIOD_ACTIONS, pk, verb, page=period_detail)
