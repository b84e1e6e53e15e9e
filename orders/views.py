"""The pages of orders."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.errors import RuleViolation
from o2c.web import (
    Action,
    act,
    detail_page,
    excerpt_of,
    form_page,
    import_page,
    list_page,
)
from o2c.web.actions import blocked_by
from o2c.web.forms import ReasonForm
from o2c.web.shared_tables import ImportColumns
from orders import commands, forms, queries, tables
from orders.adapters import COLUMNS
from orders.commands.amend import AMENDABLE
from orders.commands.capture import EDITABLE
from orders.models import Order, OrderState

#: @command takes `op_id` beside a command's own keywords, which the types do not show.
enter, change, amend = (
    cast(Any, command)
    for command in (commands.enter_order, commands.change_draft, commands.amend_order)
)
ACTIONS = {
    "submit": Action(commands.submit_order, icon="inbox"),
    "confirm": Action(commands.confirm_order, icon="check"),
    "edit": Action(
        commands.edit_draft,
        forms.EditForm,
        label=gettext_lazy("Edit"),
        icon="pencil",
        states=EDITABLE,
        minor=True,
    ),
    "resume": Action(commands.resume_order, icon="play"),
    "amend": Action(
        commands.amend_order,
        forms.AmendForm,
        label=gettext_lazy("Amend"),
        icon="pencil",
        states=AMENDABLE,
        minor=True,
    ),
    "promise": Action(
        commands.promise_order,
        label=gettext_lazy("Promise again"),
        icon="calendar-clock",
        states=[OrderState.CONFIRMED, OrderState.RELEASED, OrderState.IN_FULFILLMENT],
        minor=True,
        done=gettext_lazy("The dates were computed anew."),
    ),
    "hold": Action(commands.hold_order, forms.HoldForm, icon="pause", minor=True),
    "reopen": Action(
        commands.reopen_order,
        ReasonForm,
        label=gettext_lazy("Reopen the rest"),
        icon="rotate-ccw",
        states=[OrderState.SHIPPED, OrderState.INVOICED],
        minor=True,
    ),
    "cancel": Action(
        commands.cancel_order,
        ReasonForm,
        label=gettext_lazy("Cancel what is open"),
        icon="ban",
        danger=True,
        confirm=gettext_lazy(
            "What has not shipped will not be delivered, and what is set aside is given back. "
            "An order nothing of which has shipped is cancelled for good."
        ),
    ),
}


def order_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, tables.OrderTable)


def order_new(request: HttpRequest) -> HttpResponse:
    """An empty order, or (`?copy=`) one like another."""
    head, lines = _copied(request.GET.get("copy", ""))
    return form_page(
        request,
        forms.OrderForm,
        _capture,
        title=_("New order"),
        permission="orders.capture_order",
        lines=forms.LineFormSet,
        initial=head,
        lines_initial=lines,
        template="orders/order_form.html",
        submit=gettext_lazy("Save the order"),
        done=gettext_lazy("saved"),
        back=reverse("orders:order_list"),
        back_title=_("Orders"),
        item_codes=queries.item_codes(),
    )


def _copied(key: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a copy of another order starts with; its number is the customer's to give anew."""
    if not key.isdecimal() or len(key) > 18:
        return {}, []
    try:
        order, lines = queries.order_with_lines(int(key))
    except Order.DoesNotExist:
        return {}, []
    today = clock.today()
    return forms.copied_head(order), [forms.copied_line(line, today) for line in lines]


def _capture(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Order:
    order: Order = enter(_draft(cleaned), then=cleaned["then"], actor=actor, op_id=op_id)
    return order


def _draft(cleaned: dict[str, Any]) -> commands.OrderDraft:
    code = cleaned.get("ship_to", "")
    address_id = queries.address_by_code(cleaned["customer"], code) if code else None
    if code and address_id is None:
        raise RuleViolation(
            _("%(customer)s has no such delivery address.") % {"customer": cleaned["customer"]},
            field="ship_to",
        )
    return forms.draft_of(cleaned, address_id)


def order_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft or submitted order; everything is decided anew."""
    order = get_object_or_404(queries.orders_with_parties(), pk=pk)

    def save(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Order:
        version, then = cleaned["version"], cleaned["then"]
        edited: Order = change(
            pk, _draft(cleaned), version=version, then=then, actor=actor, op_id=op_id
        )
        return edited

    return form_page(
        request,
        forms.EditForm,
        save,
        title=_("Edit %(order)s") % {"order": order},
        permission="orders.edit_order",
        refused=blocked_by(order, "edit", ACTIONS["edit"]),
        lines=forms.LineFormSet,
        initial=lambda: forms.head_initial(get_object_or_404(queries.orders_with_parties(), pk=pk)),
        lines_initial=[forms.line_initial(line) for line in queries.lines_of(order)],
        template="orders/order_form.html",
        back=order.get_absolute_url(),
        back_title=str(order),
        item_codes=queries.item_codes(),
    )


def order_amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a promised order line by line."""
    order = get_object_or_404(queries.orders_with_parties(), pk=pk)

    def save(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Order:
        amended: Order = amend(
            pk,
            changes=[forms.line_change(line) for line in cleaned["lines"]],
            version=cleaned["version"],
            reason=cleaned["reason"],
            actor=actor,
            op_id=op_id,
        )
        return amended

    return form_page(
        request,
        forms.AmendForm,
        save,
        title=_("Amend %(order)s") % {"order": order},
        permission="orders.amend_order",
        refused=blocked_by(order, "amend", ACTIONS["amend"]),
        lines=forms.AmendFormSet,
        initial=lambda: {"version": get_object_or_404(Order, pk=pk).version},
        lines_initial=[forms.amend_initial(line) for line in queries.lines_of(order)],
        template="orders/order_amend.html",
        submit=gettext_lazy("Amend the order"),
        done=gettext_lazy("amended"),
        back=order.get_absolute_url(),
        back_title=str(order),
        item_codes=queries.item_codes(),
    )


def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(queries.orders_with_parties(), pk=pk)
    excerpt = excerpt_of(request, order.line_count, order.get_absolute_url())
    return detail_page(
        request,
        order,
        "orders/order_detail.html",
        actions=ACTIONS,
        lines=tables.OrderLines(
            queries.line_views(queries.lines_of(order)[excerpt.span]),
            currency=order.currency,
            below=tables.sums_of(order, queries.tax_lines_of(order)),
            excerpt=excerpt,
        ),
        review=queries.review_sentences(order.review_notes),
        list_url=reverse("orders:order_list"),
        list_title=_("Orders"),
    )


def order_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Order, ACTIONS, pk, verb, page=order_detail)


def order_import(request: HttpRequest) -> HttpResponse:
    return import_page(
        request,
        commands.import_orders,
        title=_("Import orders"),
        permission="orders.import_orders",
        template="orders/order_import.html",
        back=reverse("orders:order_list"),
        columns=ImportColumns(COLUMNS),
    )
