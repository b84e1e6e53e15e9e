"""The picker's screens: one stop at a time, made for a scanner, a thumb and a plain browser."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fulfillment import commands, queries, rules
from fulfillment.models import PickLine, PickList, ShortReason
from o2c.core.errors import RuleViolation
from o2c.web import require_right
from o2c.web.formats import number_text
from o2c.web.forms import quantity_field
from o2c.web.showing import SeeOther, view_right

VIEW = view_right(PickList)
_MOST_SHOWN = 30
_NOTHING = Decimal(0)


@require_safe
def floor_home(request: HttpRequest) -> HttpResponse:
    """What I have begun, and what waits in the pool, the earliest promise first."""
    require_right(request, VIEW)
    return TemplateResponse(request, "fulfillment/floor_home.html", _home(request))


def _home(request: HttpRequest, **more: Any) -> dict[str, Any]:
    pool = queries.pool(_MOST_SHOWN)
    return {
        "title": _("Picking"),
        "mine": queries.lists_begun_by(request.user.get_username()),
        "pool": pool.shown,
        "waiting": pool.waiting,
        **more,
    }


@require_POST
def floor_start(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Take a list, or the next one of the pool."""
    require_right(request, PickList.permission("start"))
    if pk is None:
        pk = queries.next_of_pool()
        if pk is None:
            return SeeOther(reverse("fulfillment:floor_home"))
    try:
        commands.start_pick(pk, actor=request.user, op_id=request.POST.get("op_id", ""))
    except RuleViolation as refusal:
        return TemplateResponse(
            request,
            "fulfillment/floor_home.html",
            _home(request, refusal=refusal),
            status=refusal.status,
        )
    return SeeOther(reverse("fulfillment:floor_pick", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def floor_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """One stop: go there, scan, say how many, next. A POST is a scan, or a reported quantity."""
    require_right(request, VIEW)
    pick_list = get_object_or_404(queries.pick_lists_with_order(), pk=pk)
    lines = list(queries.lines_of(pick_list))
    if request.method != "POST":
        return _show(request, pick_list, lines)
    require_right(request, "fulfillment.confirm_pick_list")
    if "scan" in request.POST:
        return _scanned(request, pick_list, lines)
    return _reported(request, pick_list, lines)


def _show(
    request: HttpRequest,
    pick_list: PickList,
    lines: Sequence[PickLine],
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    stop = _stop(lines, request.GET.get("stop", ""))
    open_lines = [line for line in lines if not line.is_done]
    return TemplateResponse(
        request,
        "fulfillment/floor_pick.html",
        {
            "title": str(pick_list),
            "back": reverse("fulfillment:floor_home"),
            "pick_list": pick_list,
            "lines": lines,
            "done": len(lines) - len(open_lines),
            "stop": stop,
            "count": max(_count(request.GET.get("count", "")), stop.picked if stop else _NOTHING),
            "is_short": "short" in request.GET,
            "reasons": ShortReason.choices,
            "elsewhere": queries.free_elsewhere(stop) if stop and "short" in request.GET else [],
            "may_pick": request.user.has_perm(PickList.permission("confirm")),
            **more,
        },
        status=status,
    )


def _stop(lines: Sequence[PickLine], asked: str) -> PickLine | None:
    """The stop that was asked for while it is open, else the next one on the walk."""
    open_lines = [line for line in lines if not line.is_done]
    chosen = [line for line in open_lines if str(line.pk) == asked]
    return next(iter([*chosen, *open_lines]), None)


def _count(text: str) -> Decimal:
    """What was scanned so far at a stop, as the address carries it."""
    try:
        return quantity_field(required=False).clean(text[:12]) or _NOTHING
    except ValidationError:
        return _NOTHING


def _scanned(request: HttpRequest, pick_list: PickList, lines: Sequence[PickLine]) -> HttpResponse:
    """A scan counts a piece, or what a carton holds; the last one of a stop confirms it."""
    text = request.POST["scan"][:200]
    by_key = {line.pk: line for line in lines}
    stop = _stop(lines, request.POST.get("stop", ""))
    match = rules.read_scan(text, queries.scan_targets(lines), stop.pk if stop else None)
    if match is None:
        return _show(request, pick_list, lines, status=422, wrong=text, stop=stop)
    found = by_key[match.pick_line_id]
    if found.is_done:
        return _show(request, pick_list, lines, status=422, already=found, stop=stop)
    if not match.is_item:
        return _next(pick_list, stop=found.pk, place="1")
    same = stop is not None and stop.pk == found.pk
    before = max(_count(request.POST.get("count", "")) if same else _NOTHING, found.picked)
    count = before + match.units
    if count > found.quantity:
        return _show(
            request, pick_list, lines, status=422, surplus=match.units, stop=found, count=before
        )
    if count < found.quantity:
        return _next(pick_list, stop=found.pk, count=number_text(count))
    return _confirm(request, pick_list, lines, found, found.quantity, "")


def _reported(request: HttpRequest, pick_list: PickList, lines: Sequence[PickLine]) -> HttpResponse:
    """A typed quantity, with a reason when it is short."""
    stop = next((line for line in lines if str(line.pk) == request.POST.get("stop")), None)
    try:
        quantity = quantity_field().clean(request.POST.get("quantity", ""))
    except ValidationError as wrong:
        refusal = RuleViolation(" ".join(wrong.messages))
        return _show(request, pick_list, lines, status=422, refusal=refusal)
    if stop is None:
        refusal = RuleViolation(_("This stop is not on the list."))
        return _show(request, pick_list, lines, status=422, refusal=refusal)
    return _confirm(request, pick_list, lines, stop, quantity, request.POST.get("reason", ""))


def _confirm(
    request: HttpRequest,
    pick_list: PickList,
    lines: Sequence[PickLine],
    stop: PickLine,
    quantity: Decimal,
    reason: str,
) -> HttpResponse:
    try:
        commands.confirm_pick(
            pick_list.pk,
            picked={stop.pk: quantity},
            short_reasons={stop.pk: reason} if reason else {},
            actor=request.user,
            op_id=request.POST.get("op_id", ""),
        )
    except RuleViolation as refusal:
        return _show(request, pick_list, lines, status=refusal.status, refusal=refusal, stop=stop)
    return _next(pick_list, picked=stop.sequence)


def _next(pick_list: PickList, **where: Any) -> HttpResponse:
    return SeeOther(f"{reverse('fulfillment:floor_pick', args=[pick_list.pk])}?{urlencode(where)}")
