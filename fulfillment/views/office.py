"""Pick lists, backorders and what is to be counted, for the office."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from fulfillment import commands, forms, queries, tables
from fulfillment.models import PickList, PickListState
from o2c.core.actors import Actor
from o2c.web import Action, act, detail_page, excerpt_of, form_page, list_page, part_of
from o2c.web.forms import Form, ReasonForm

MOST_PACKAGES = 20


def packages_asked(address: QueryDict) -> dict[str, Any]:
    """`?packages=3` asks for three."""
    asked = address.get("packages", "1")
    return {"packages": min(max(int(asked), 1), MOST_PACKAGES) if asked.isdecimal() else 1}


ACTIONS = {
    "start": Action(commands.start_pick, icon="hand"),
    "confirm": Action(
        commands.confirm_pick,
        forms.ConfirmPickForm,
        icon="check",
        template="fulfillment/confirm_form.html",
    ),
    "pack": Action(
        commands.pack,
        forms.PackForm,
        icon="package",
        template="fulfillment/pack_form.html",
        asked=packages_asked,
    ),
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
        packages=tables.PackedHere(
            part_of(request, queries.packages_of([pick_list.pk]), name="packages")
        ),
        can_be_picked=pick_list.state in (PickListState.PLANNED, PickListState.PICKING),
    )


def pick_list_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, PickList, ACTIONS, pk, verb, page=pick_list_detail)


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


def plan_again(request: HttpRequest) -> HttpResponse:
    """Plan every order that waits for goods, as far as there are any."""

    def plan(_cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> list[PickList]:
        return commands.plan_backorders(actor=actor)

    return form_page(
        request,
        Form,
        plan,
        title=_("Plan what has arrived"),
        permission=PickList.permission("plan"),
        submit=_("Plan"),
        done=_planned,
        back=reverse("fulfillment:backorder_list"),
        back_title=_("Backorders"),
    )


def _planned(made: list[PickList]) -> str:
    if not made:
        return _("Nothing has arrived for the orders that wait.")
    text = ngettext("%(count)s pick list made.", "%(count)s pick lists made.", len(made))
    return text % {"count": len(made)}


@require_safe
def count_request_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(
        request,
        tables.CountRequestTable,
        queries.count_requests(),
        template="fulfillment/count_request_list.html",
    )
