"""detail_page: header with the next action, chain, body, timeline, files, audit.

thing_page: something without that frame (an open item, a message), with its verbs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from o2c.core.attachments import attachments_of
from o2c.core.errors import RuleViolation
from o2c.core.models import Document
from o2c.web.actions import Action, next_offer, offers, steps_of_others
from o2c.web.badges import state_badge
from o2c.web.chain import chain_of
from o2c.web.excerpts import part_of
from o2c.web.files import ATTACH_RIGHT
from o2c.web.related import related_to
from o2c.web.shared_tables import Changes, Files, audit_of
from o2c.web.showing import require_right, show, view_right
from o2c.web.timeline import events_of, happenings

READS = ["GET", "HEAD"]
_LATEST = 5


@dataclass(frozen=True)
class TabLink:
    """One tab of a detail page."""

    key: str
    label: str | Promise
    count: int | None
    is_current: bool


def detail_page(
    request: HttpRequest,
    document: Document,
    template: str = "web/detail.html",
    *,
    actions: Mapping[str, Action] | None = None,
    permission: str = "",
    **context: Any,
) -> HttpResponse:
    """Show one document. Templates extend web/detail.html and fill its blocks.

    Needs the model's view right, or `permission`. Extra context reaches the template. Tabs are
    links (`?tab=`), and what a tab does not show is not read. A POST gets here only with the
    refusal of a verb, which is told at the top.
    """
    refusal = _refusal_of(request)
    if refusal is None and not _is_read(request):
        return HttpResponseNotAllowed(READS)
    require_right(request, permission or view_right(type(document)))
    shown = offers(document, request.user, actions or {})
    mine = next_offer(shown)
    events = part_of(request, events_of(document), name="events", url="?tab=timeline")
    files = part_of(request, attachments_of(document), name="files", url="?tab=files")
    tabs = _tabs(request.GET.get("tab", ""), document, events.excerpt.total, files.excerpt.total)
    current = next(tab.key for tab in tabs if tab.is_current)
    return show(
        request,
        template,
        {
            "document": document,
            "title": str(document),
            "badge": state_badge(document),
            "offers": shown,
            "next": mine,
            "waiting_for": () if mine else steps_of_others(document, request.user, actions or {}),
            "refusal": refusal,
            "chain": chain_of(document, request.user),
            "related": related_to(document, request.user),
            "tabs": tabs,
            "tab": current,
            "events": events.excerpt,
            "timeline": happenings(document, events) if current == "timeline" else (),
            "latest": happenings(document, events.rows[:_LATEST]),
            "files": Files(files),
            "attach_url": _attach_url(request, document),
            **_list_link(document),
            "changes": audit_of(request, document) if current == "audit" else Changes(()),
            **context,
        },
        status=refusal.status if refusal else 200,
    )


def thing_page(
    request: HttpRequest,
    thing: models.Model,
    template: str,
    *,
    actions: Mapping[str, Action],
    permission: str = "",
    at: str = "",
    **context: Any,
) -> HttpResponse:
    """Show something without the frame of a business document, with the verbs it offers here.

    Needs the model's view right, or `permission`. `at` is the page's address where it is not the
    thing's own. Templates draw `offers` with web/_verb.html and include web/_refusal.html. A POST
    gets here only with the refusal of a verb.
    """
    refusal = _refusal_of(request)
    if refusal is None and not _is_read(request):
        return HttpResponseNotAllowed(READS)
    require_right(request, permission or view_right(type(thing)))
    shown = offers(thing, request.user, actions, at=at)
    return show(
        request,
        template,
        {
            "title": str(thing),
            "offers": shown,
            "next": next_offer(shown),
            "refusal": refusal,
            **context,
        },
        status=refusal.status if refusal else 200,
    )


def _refusal_of(request: HttpRequest) -> RuleViolation | None:
    """What was said to the verb that led here."""
    refusal: RuleViolation | None = getattr(request, "refusal", None)
    return refusal


def _is_read(request: HttpRequest) -> bool:
    return request.method in READS


def _attach_url(request: HttpRequest, document: Document) -> str:
    """Where to add a file, for those who may."""
    if not request.user.has_perm(ATTACH_RIGHT):
        return ""
    meta = document._meta
    return reverse("web:attach", args=[meta.app_label, meta.model_name, document.pk])


def _list_link(document: Document) -> dict[str, Any]:
    """The way back to the list of this kind of document, where there is one."""
    try:
        url = reverse(f"{document._meta.app_label}:{document.noun}_list")
    except NoReverseMatch:
        return {}
    return {"list_url": url, "list_title": capfirst(str(document._meta.verbose_name_plural))}


def _tabs(asked: str, document: models.Model, events: int, files: int) -> list[TabLink]:
    known: list[tuple[str, str | Promise, int | None]] = [
        ("lines", _("Overview"), None),
        ("timeline", _("Timeline"), events),
        ("files", _("Files"), files),
    ]
    if hasattr(document, "history"):
        known.append(("audit", _("Audit"), None))
    current = asked if asked in {key for key, _label, _count in known} else "lines"
    return [TabLink(key, label, count, key == current) for key, label, count in known]
