"""The stock pages: what lies where, an item's card, and the four chosens that move goods."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BaseFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.states import condition
from o2c.stock import commands, forms, queries, tables
from o2c.stock.models import (
    ExpectedReceipt,
    Reservation,
    StockAdjustment,
    StockCount,
    StockDocument,
    StockReceipt,
    StockTransfer,
)
from o2c.web import Action, act, detail_page, form_page, import_page, list_page, part_of, thing_page
from o2c.web.shared_tables import ImportColumns
from o2c.web.sources import names_of
from o2c.web.tables import Table


@require_safe
def balance_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(
        request,
        tables.BalanceTable,
        queries.stock_overview(),
        template="stock/balance_list.html",
    )


@require_safe
def item_stock(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An item's places, who holds it, what is on its way, and every move."""
    item = get_object_or_404(queries.items_with_unit(), pk=pk)
    totals = queries.totals_of(item)
    held = part_of(request, queries.holders_of(item), name="held")
    return list_page(
        request,
        tables.MoveTable,
        queries.stock_ledger(item),
        template="stock/item_stock.html",
        title=str(item),
        item=item,
        unit=item.unit.sign,
        places=tables.Places(part_of(request, queries.places_of(item), name="places")),
        on_hand=totals["on_hand"],
        reserved=totals["reserved"],
        free=totals["free"],
        coming=tables.Coming(part_of(request, queries.to_come(item), name="coming")),
        held=tables.Holders(_named(held), excerpt=held.excerpt),
    )


def _named(holders: Iterable[Reservation]) -> list[tuple[str, Reservation]]:
    """What holds goods, each with its document as a link."""
    holders = list(holders)
    names = names_of((one.source_type, one.source_id) for one in holders)
    return [(names[one.source_type, one.source_id].link, one) for one in holders]


# -- receipts, transfers, adjustments, counts -------------------------------------------------


def _receipt_arguments(cleaned: dict[str, Any]) -> dict[str, Any]:
    places = forms.location_ids(cleaned["warehouse"], cleaned["lines"], "location")
    return {
        "lines": [
            commands.Receipt(
                line["item"].pk,
                places[line["location"]],
                line["quantity"],
                line["unit_cost"],
                line["lot"],
            )
            for line in cleaned["lines"]
        ],
        "reference": cleaned["reference"],
        "moved_on": cleaned["moved_on"],
    }


def _transfer_arguments(cleaned: dict[str, Any]) -> dict[str, Any]:
    ends = ("from_location", "to_location")
    places = forms.location_ids(cleaned["warehouse"], cleaned["lines"], *ends)
    return {
        "lines": [
            commands.Transfer(
                line["item"].pk,
                places[line["from_location"]],
                places[line["to_location"]],
                line["quantity"],
                line["lot"],
            )
            for line in cleaned["lines"]
        ],
        "reason": cleaned["reason"],
    }


def _adjustment_arguments(cleaned: dict[str, Any]) -> dict[str, Any]:
    places = forms.location_ids(cleaned["warehouse"], cleaned["lines"], "location")
    return {
        "lines": [
            commands.Adjustment(
                line["item"].pk, places[line["location"]], line["quantity"], line["lot"]
            )
            for line in cleaned["lines"]
        ],
        "reason": cleaned["reason"],
    }


def _count_arguments(cleaned: dict[str, Any]) -> dict[str, Any]:
    places = forms.location_ids(cleaned["warehouse"], [cleaned], "location")
    return {
        "location_id": places[cleaned["location"]],
        "counted": [
            commands.Counted(line["item"].pk, line["quantity"], line["lot"])
            for line in cleaned["lines"]
        ],
        "complete": cleaned["complete"],
        "reason": cleaned["reason"],
    }


@dataclass(frozen=True)
class StockKind:
    """One kind of stock document on the web."""

    model: type[StockDocument]
    table: type[Table]
    form: type[BaseForm]
    lines: type["BaseFormSet[Any]"]
    arguments: Callable[[dict[str, Any]], dict[str, Any]]
    command: Callable[..., StockDocument]
    title: str | Promise
    template: str = "stock/document_detail.html"


KINDS = {
    "receipts": StockKind(
        StockReceipt,
        tables.StockReceiptTable,
        forms.ReceiptForm,
        forms.ReceiptLines,
        _receipt_arguments,
        commands.receive_goods,
        gettext_lazy("Receive goods"),
    ),
    "transfers": StockKind(
        StockTransfer,
        tables.StockTransferTable,
        forms.TransferForm,
        forms.TransferLines,
        _transfer_arguments,
        commands.transfer_stock,
        gettext_lazy("Transfer stock"),
    ),
    "adjustments": StockKind(
        StockAdjustment,
        tables.StockAdjustmentTable,
        forms.AdjustmentForm,
        forms.AdjustmentLines,
        _adjustment_arguments,
        commands.adjust_stock,
        gettext_lazy("Adjust stock"),
    ),
    "counts": StockKind(
        StockCount,
        tables.StockCountTable,
        forms.CountForm,
        forms.CountLines,
        _count_arguments,
        commands.count_stock,
        gettext_lazy("Count stock"),
        "stock/count_detail.html",
    ),
}


def document_list(request: HttpRequest, kind: str) -> HttpResponseBase:
    return list_page(request, KINDS[kind].table)


def document_new(request: HttpRequest, kind: str) -> HttpResponse:
    chosen = KINDS[kind]

    def save(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> StockDocument:
        arguments = chosen.arguments(cleaned)
        return chosen.command(cleaned["warehouse"].pk, **arguments, actor=actor, op_id=op_id)

    return form_page(
        request,
        chosen.form,
        save,
        title=chosen.title,
        permission=chosen.table.new_permission,
        initial={"moved_on": clock.today()},
        lines=chosen.lines,
        back=reverse(f"stock:{chosen.model.noun}_list"),
        back_title=chosen.table.title,
    )


def document_detail(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    chosen = KINDS[kind]
    document = get_object_or_404(queries.documents(chosen.model), pk=pk)
    return detail_page(
        request,
        document,
        chosen.template,
        moves=tables.DocumentMoves(part_of(request, queries.moves_of(document), name="moves")),
        value=queries.value_of_stock_document(document),
        counted=tables.CountedLines(
            part_of(request, queries.counted_lines(document), name="counted")
            if isinstance(document, StockCount)
            else ()
        ),
    )


def stock_import(request: HttpRequest) -> HttpResponse:
    return import_page(
        request,
        commands.import_stock,
        title=_("Import opening stock"),
        permission="stock.receive_goods",
        template="masters/import.html",
        columns=ImportColumns(commands.STOCK_COLUMNS),
        back=reverse("stock:balance_list"),
    )


# -- goods on their way -------------------------------------------------------------------------


def expected_receipt_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, tables.ExpectedReceiptTable)


def expected_receipt_new(request: HttpRequest) -> HttpResponse:
    def save(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> ExpectedReceipt:
        item, warehouse = cleaned.pop("item"), cleaned.pop("warehouse")
        return commands.expect_goods(item.pk, warehouse.pk, **cleaned, actor=actor, op_id=op_id)

    return form_page(
        request,
        forms.ExpectedReceiptForm,
        save,
        title=_("Expect goods"),
        permission="stock.receive_goods",
        back=reverse("stock:expected_receipt_list"),
        back_title=_("Expected goods"),
    )


@condition(gettext_lazy("Nothing of this delivery is to come any more."))
def is_to_come(expected: ExpectedReceipt) -> bool:
    return bool(expected.outstanding)


EXPECTED_ACTIONS = {
    "receive": Action(
        commands.receive_expected,
        forms.ReceiveExpectedForm,
        label=gettext_lazy("Receive"),
        icon="package-plus",
        permission="stock.receive_goods",
        applies=is_to_come,
        initial=lambda expected: {"quantity": expected.outstanding},
        done=gettext_lazy("received"),
    ),
    "reschedule": Action(
        commands.reschedule_expected,
        forms.RescheduleForm,
        label=gettext_lazy("Another day"),
        icon="calendar-clock",
        permission="stock.receive_goods",
        applies=is_to_come,
        minor=True,
        initial=lambda expected: {"expected_date": expected.expected_date},
        done=gettext_lazy("the new day is noted"),
    ),
    "cancel": Action(
        commands.cancel_expected,
        label=gettext_lazy("Cancel the delivery"),
        icon="ban",
        permission="stock.receive_goods",
        applies=is_to_come,
        danger=True,
        confirm=gettext_lazy("Promises to customers no longer count on it."),
        done=gettext_lazy("cancelled"),
    ),
}


def expected_receipt_detail(request: HttpRequest, pk: int) -> HttpResponse:
    expected = get_object_or_404(queries.expected_with_item(), pk=pk)
    template = "stock/expected_receipt_detail.html"
    return thing_page(request, expected, template, actions=EXPECTED_ACTIONS, expected=expected)


def expected_receipt_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    page = expected_receipt_detail
    return act(request, ExpectedReceipt, EXPECTED_ACTIONS, pk, verb, page=page)
