"""Open items: what is owed, one item, and what may be said or asked about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.states import condition
from o2c.web import Action, act, list_page, part_of, thing_page
from o2c.web.imports import import_page
from o2c.web.shared_tables import ImportColumns
from receivables import commands, forms, tables
from receivables.models import OpenItem
from receivables.queries import worklists

VIEW_RIGHT = "receivables.view_receivables"


@condition(_("It is a credit, or nothing of it is open."))
def is_open_debt(item: OpenItem) -> bool:
    return item.open_amount > 0


@condition(_("It is a debt, or nothing of it is open."))
def is_open_credit(item: OpenItem) -> bool:
    return item.open_amount < 0


def _all_of_it(item: OpenItem) -> dict[str, Any]:
    return {"amount": item.open_amount}


#: What may be said or asked about an item. Each makes a document of its own.
ACTIONS = {
    "promise": Action(
        commands.record_promise,
        forms.PromiseForm,
        label=_("Note a promise"),
        icon="handshake",
        permission="receivables.record_promise",
        applies=is_open_debt,
        initial=_all_of_it,
        done=_("noted"),
    ),
    "dispute": Action(
        commands.open_dispute,
        forms.DisputeForm,
        label=_("Open a dispute"),
        icon="message-circle-warning",
        permission="receivables.open_dispute",
        applies=is_open_debt,
        initial=_all_of_it,
        done=_("opened"),
    ),
    "write_off": Action(
        commands.request_write_off,
        forms.WriteOffForm,
        label=_("Ask to write off"),
        icon="scissors",
        permission="receivables.request_write_off",
        applies=is_open_debt,
        initial=_all_of_it,
        done=_("asked for"),
    ),
    "apply_credit": Action(
        commands.allocate_credit,
        forms.ApplyCreditForm,
        label=_("Use this credit"),
        icon="list-checks",
        permission="receivables.apply_credit_application",
        applies=is_open_credit,
        template="receivables/credit_form.html",
        done=_("applied"),
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
        columns=ImportColumns(commands.OPEN_ITEM_COLUMNS),
        back=reverse("receivables:open_item_list"),
    )


def open_item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(worklists.open_items(), pk=pk)
    cases: dict[str, Any] = {
        name: part_of(request, rows, name=name)
        for name, rows in worklists.cases_of_item(item).items()
    }
    return thing_page(
        request,
        item,
        "receivables/open_item_detail.html",
        actions=ACTIONS,
        item=item,
        days=item.days_overdue(clock.today()),
        moves=tables.ItemMoves(
            part_of(request, worklists.allocations_of_item(item), name="changes"),
            currency=item.currency,
            about=item,
        ),
        **cases,
    )


def open_item_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, OpenItem, ACTIONS, pk, verb, page=open_item_detail)
