"""The pages of credit: who waits for a decision, and whom we trust how far."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credit import commands, forms, queries, tables
from credit.models import CheckState, CreditAccount, CreditAuthority, CreditCheck
from o2c.core.actors import Actor
from o2c.core.states import condition
from o2c.masters.queries import company
from o2c.web import Action, act, detail_page, form_page, list_page, require_right
from o2c.web.forms import ReasonForm


@condition(gettext_lazy("The customer is known already."))
def is_not_cleared(account: CreditAccount) -> bool:
    return not account.first_order_cleared


CHECK_ACTIONS = {
    "approve": Action(commands.approve_check, ReasonForm, icon="shield-check"),
    "recheck": Action(
        commands.recheck_check,
        label=gettext_lazy("Check again"),
        icon="refresh-cw",
        states=[CheckState.HELD, CheckState.REJECTED],
        minor=True,
        done=gettext_lazy("checked again."),
    ),
    "reject": Action(commands.reject_check, ReasonForm, icon="shield-x", danger=True),
}
ACCOUNT_ACTIONS = {
    "set_limit": Action(
        commands.set_limit,
        forms.LimitForm,
        label=gettext_lazy("Set a limit"),
        icon="gauge",
        permission="credit.set_limit",
        done=gettext_lazy("the limit is set."),
    ),
    "unblock": Action(commands.unblock_account, icon="lock-open"),
    "clear": Action(
        commands.clear_account,
        ReasonForm,
        label=gettext_lazy("Count as known"),
        icon="user-check",
        conditions=[is_not_cleared],
        minor=True,
        done=gettext_lazy("the customer is known now."),
    ),
    "classify": Action(
        commands.classify_account,
        forms.ClassifyForm,
        label=gettext_lazy("Classify"),
        icon="tag",
        minor=True,
        initial=forms.present_class,
        done=gettext_lazy("classified."),
    ),
    "block": Action(commands.block_account, ReasonForm, icon="octagon-x", danger=True),
}


def check_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.CheckTable, queries.checks())


def check_detail(request: HttpRequest, pk: int) -> HttpResponse:
    check = get_object_or_404(queries.checks(), pk=pk)
    return detail_page(
        request,
        check,
        "credit/check_detail.html",
        actions=CHECK_ACTIONS,
        waterfall=tables.waterfall(
            queries.waterfall_lines(check.waterfall),
            check.exposure,
            check.limit_amount,
            check.currency,
            _("Exposure when it was checked"),
        ),
        sentences=queries.rule_sentences(check.rules, check.currency),
        authority=queries.authority_sentence(request.user),
        is_own=_is_own(check, request.user.get_username()),
        list_url=reverse("credit:check_list"),
        list_title=_("Credit checks"),
    )


def _is_own(check: CreditCheck, username: str) -> bool:
    """Whether somebody else must decide, since this person asked for what is in the order."""
    return username == check.requested_by or queries.has_shaped(check.order_id, username)


def check_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, CreditCheck, CHECK_ACTIONS, pk, verb, page=check_detail)


def account_list(request: HttpRequest) -> HttpResponse:
    return list_page(
        request, tables.AccountTable, queries.accounts(), template="credit/account_list.html"
    )


def account_new(request: HttpRequest) -> HttpResponse:
    """Open an account before the payer's first order does."""
    return form_page(
        request,
        forms.AccountForm,
        _open,
        title=_("Open a credit account"),
        permission="credit.open_account",
        submit=gettext_lazy("Open the account"),
        done=gettext_lazy("opened"),
        back=reverse("credit:account_list"),
        back_title=_("Credit accounts"),
    )


def _open(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> CreditAccount:
    return commands.open_account(
        cleaned["customer"].pk,
        first_order_cleared=cleaned["first_order_cleared"],
        actor=actor,
    )


def authority_list(request: HttpRequest) -> HttpResponse:
    """Who may decide up to which amount, and the form that changes it."""
    require_right(request, "credit.set_authority")
    return form_page(
        request,
        forms.AuthorityForm,
        _set_authority,
        title=_("Authority to grant credit"),
        permission="credit.set_authority",
        template="credit/authority_list.html",
        submit=gettext_lazy("Set the authority"),
        done=gettext_lazy("authority set"),
        back=reverse("credit:authority_list"),
        authorities=tables.Authorities(queries.authorities(), currency=company().base_currency),
    )


def _set_authority(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> CreditAuthority:
    return commands.set_authority(cleaned["role"].name, cleaned["amount"], actor=actor)


def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(queries.accounts(), pk=pk)
    picture = queries.exposure(account.customer_id)
    return detail_page(
        request,
        account,
        "credit/account_detail.html",
        actions=ACCOUNT_ACTIONS,
        picture=picture,
        waterfall=tables.waterfall(
            queries.waterfall_lines(picture.exposure.as_json()),
            picture.exposure.total,
            picture.limit,
            picture.currency,
            _("Exposure now"),
        ),
        limits=tables.Limits(queries.limits_of(account)),
        orders=tables.OrdersOnCredit(queries.exposed_orders(account.customer_id)),
        checks=tables.LatestChecks(queries.latest_checks(account)),
        list_url=reverse("credit:account_list"),
        list_title=_("Credit accounts"),
    )


def account_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, CreditAccount, ACCOUNT_ACTIONS, pk, verb, page=account_detail)
