"""Pick lists, backorders and what is to be counted, for the office."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from fulfillment import commands, forms, queries, tables
from fulfillment.models import PickList, PickListState
from o2c.core.actors import Actor
from o2c.core.errors import RuleViolation
from o2c.core.transitions import refuse_blocked
from o2c.web import Action, act, detail_page, excerpt_of, form_page, list_page, require_right
from o2c.web.forms import ReasonForm
from o2c.web.showing import SeeOther

MOST_PACKAGES = 20

ACTIONS = {
    "start": Action(commands.start_pick, icon="hand"),
    "confirm": Action(
        commands.confirm_pick,
        forms.ConfirmPickForm,
        icon="check",
        template="fulfillment/confirm_form.html",
    ),
    "pack": Action(commands.pack, forms.PackForm, icon="package"),
    "put_back": Action(commands.put_back, icon="undo-2", minor=True),
    "cancel": Action(commands.cancel_pick, ReasonForm, icon="ban", danger=True),
}


@require_safe
def pick_list_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(
        request,
        tables.PickListTable,
        queries.pick_lists(),
        template="fulfillment/pick_list_list.html",
    )


def pick_list_detail(request: HttpRequest, pk: int) -> HttpResponse:
    pick_list = get_object_or_404(queries.pick_lists(), pk=pk)
    stops: int = pick_list.stops  # type: ignore[attr-defined]  # annotated
    excerpt = excerpt_of(request, stops, pick_list.get_absolute_url())
    return detail_page(
        request,
        pick_list,
        "fulfillment/pick_list_detail.html",
        actions=ACTIONS,
        lines=tables.Stops(queries.lines_of(pick_list)[excerpt.span], excerpt=excerpt),
        packages=tables.PackedHere(queries.packages_of([pick_list.pk])),
        can_be_picked=pick_list.state in (PickListState.PLANNED, PickListState.PICKING),
    )


def pick_list_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, PickList, ACTIONS, pk, verb, page=pick_list_detail)


def pick_list_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """Which goods go into which package; `?packages=3` asks for three."""
    pick_list = get_object_or_404(queries.pick_lists_with_order(), pk=pk)
    require_right(request, PickList.permission("pack"))
    if request.method != "POST":
        refuse_blocked(pick_list, "pack")  # no form for what cannot be done
    asked = request.GET.get("packages", "1")
    packages = min(max(int(asked), 1), MOST_PACKAGES) if asked.isdecimal() else 1

    def save(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> PickList:
        return commands.pack(pk, packages=cleaned["packages"], actor=actor, op_id=op_id)

    return form_page(
        request,
        forms.PackForm,
        save,
        title=_("Pack %(list)s") % {"list": pick_list},
        permission=PickList.permission("pack"),
        form_keywords={"document": pick_list, "packages": packages},
        template="fulfillment/pack_form.html",
        submit=_("Pack"),
        done=_("packed"),
        back=pick_list.get_absolute_url(),
        back_title=str(pick_list),
        pick_list=pick_list,
        packages=packages,
    )


@require_safe
def package_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, tables.PackageTable)


@require_safe
def backorder_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(
        request,
        tables.BackorderTable,
        queries.backorders(),
        template="fulfillment/backorder_list.html",
        may_plan=request.user.has_perm(PickList.permission("plan")),
    )


@require_POST
def plan_again(request: HttpRequest) -> HttpResponse:
    """Plan every order that waits for goods, as far as there are any."""
    require_right(request, PickList.permission("plan"))
    try:
        planned = commands.plan_backorders(actor=request.user)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
        return SeeOther(reverse("fulfillment:backorder_list"))
    if planned:
        text = ngettext("%(count)s pick list made.", "%(count)s pick lists made.", len(planned))
        messages.success(request, text % {"count": len(planned)})
    else:
        messages.info(request, _("Nothing has arrived for the orders that wait."))
    return SeeOther(reverse("fulfillment:backorder_list"))


@require_safe
def count_request_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(
        request,
        tables.CountRequestTable,
        queries.count_requests(),
        template="fulfillment/count_request_list.html",
    )
