"""Open items: what is owed, one item, and what may be said or asked about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.web import form_page, list_page, require_right, show
from o2c.web.forms import Form
from o2c.web.imports import import_page
from receivables import commands, forms, tables
from receivables.models import OpenItem
from receivables.queries import worklists

VIEW_RIGHT = "receivables.view_receivables"


@dataclass(frozen=True)
class ItemVerb:
    """Something to do about an open item. It makes a document of its own."""

    command: Callable[..., Any]
    form: type[Form]
    label: str | Promise
    icon: str
    permission: str
    for_debts: bool = True
    template: str = "web/form.html"


VERBS = {
    "promise": ItemVerb(
        commands.record_promise,
        forms.PromiseForm,
        _("Note a promise"),
        "handshake",
        "receivables.record_promise",
    ),
    "dispute": ItemVerb(
        commands.open_dispute,
        forms.DisputeForm,
        _("Open a dispute"),
        "message-circle-warning",
        "receivables.open_dispute",
    ),
    "write_off": ItemVerb(
        commands.request_write_off,
        forms.WriteOffForm,
        _("Ask to write off"),
        "scissors",
        "receivables.request_write_off",
    ),
    "apply_credit": ItemVerb(
        commands.allocate_credit,
        forms.ApplyCreditForm,
        _("Use this credit"),
        "list-checks",
        "receivables.apply_credit_application",
        for_debts=False,
        template="receivables/credit_form.html",
    ),
}


def open_item_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.OpenItemTable, template="receivables/open_item_list.html")


def open_item_import(request: HttpRequest) -> HttpResponse:
    """Take over what was open before these books, from a file."""
    return import_page(
        request,
        commands.import_open_items,
        title=_("Take over open items"),
        permission="receivables.take_over_items",
        form_class=forms.OpenItemsForm,
        template="masters/import.html",
        columns=commands.OPEN_ITEM_COLUMNS,
        back=reverse("receivables:open_item_list"),
    )


@require_safe
def open_item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    require_right(request, VIEW_RIGHT)
    item = get_object_or_404(worklists.open_items(), pk=pk)
    offered = {
        verb: action
        for verb, action in VERBS.items()
        if item.open_amount
        and (item.open_amount > 0) == action.for_debts
        and request.user.has_perm(action.permission)
    }
    return show(
        request,
        "receivables/open_item_detail.html",
        {
            "title": str(item),
            "item": item,
            "days": item.days_overdue(clock.today()),
            "verbs": offered,
            "allocations": worklists.allocations_of_item(item),
            **worklists.cases_of_item(item),
        },
    )


def open_item_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do something about an item; the reader lands on what was made."""
    action = VERBS.get(verb)
    if action is None:
        raise Http404(verb)
    require_right(request, VIEW_RIGHT)
    item = get_object_or_404(OpenItem, pk=pk)
    knows = action.form.knows_document

    def save(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Any:
        return action.command(pk, actor=actor, op_id=op_id, **cleaned)

    return form_page(
        request,
        action.form,
        save,
        title=action.label,
        permission=action.permission,
        initial={} if knows else {"amount": item.open_amount},
        form_keywords={"document": item} if knows else None,
        template=action.template,
        submit=action.label,
        done=_("done"),
        back=item.get_absolute_url(),
        back_title=str(item),
        document=item,
    )
