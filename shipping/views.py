"""The pages and documents of the shipping desk."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from o2c.core.actors import Actor
from o2c.core.pdf import pdf_problem, render_pdf
from o2c.web import (
    Action,
    act,
    detail_page,
    excerpt_of,
    form_page,
    list_page,
    part_of,
    require_right,
)
from o2c.web.forms import ReasonForm
from o2c.web.showing import view_right
from shipping import commands, forms, queries, tables
from shipping.adapters import barcode_image
from shipping.models import Return, Shipment, ShipmentState

S = ShipmentState

SHIPMENT_ACTIONS = {
    "dispatch": Action(
        commands.dispatch_shipment,
        icon="truck",
        confirm=gettext_lazy(
            "The goods leave our stock and can be billed. What has left is undone by a return only."
        ),
    ),
    "deliver": Action(
        commands.record_delivery,
        forms.DeliveryForm,
        icon="signature",
        template="shipping/delivery_form.html",
    ),
    "set_carrier": Action(
        commands.set_carrier,
        forms.CarrierForm,
        label=gettext_lazy("Carrier and tracking"),
        icon="route",
        states=[S.PLANNED, S.DISPATCHED],
        minor=True,
        done=gettext_lazy("Carrier and tracking noted."),
    ),
    "announce_return": Action(
        commands.announce_return,
        forms.AnnounceForm,
        label=gettext_lazy("Announce a return"),
        icon="undo-2",
        permission="shipping.announce_return",
        states=[S.DISPATCHED, S.DELIVERED],
        minor=True,
        template="shipping/announce_form.html",
    ),
    "cancel": Action(commands.cancel_shipment, forms.CancelShipmentForm, icon="ban", danger=True),
}


RETURN_ACTIONS = {
    "receive": Action(
        commands.receive_return,
        forms.ReceiveForm,
        icon="package-check",
        template="shipping/receive_form.html",
    ),
    "cancel": Action(commands.cancel_return, ReasonForm, icon="ban", danger=True),
}


@require_safe
def shipment_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, tables.ShipmentTable, queries.shipments())


def shipment_new(request: HttpRequest) -> HttpResponse:
    """Packages that are in no shipment, such as after one was called off."""

    def save(cleaned: dict[str, Any], *, actor: Actor, op_id: str) -> Shipment | None:
        packages = cleaned["packages"]
        return commands.plan_shipment(
            packages[0].pick_list_id,
            package_ids=[package.pk for package in packages],
            actor=actor,
            op_id=op_id,
        )

    return form_page(
        request,
        forms.PlanForm,
        save,
        title=_("Plan a shipment"),
        permission="shipping.plan_shipment",
        template="shipping/plan_form.html",
        submit=_("Plan a shipment"),
        done=_("planned"),
        back=reverse("shipping:shipment_list"),
        back_title=_("Shipments"),
    )


def shipment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    shipment = get_object_or_404(queries.shipments_with_proof(), pk=pk)
    count: int = shipment.line_count  # type: ignore[attr-defined]  # annotated
    excerpt = excerpt_of(request, count, shipment.get_absolute_url())
    lines = queries.lines_of(shipment)[excerpt.span]
    proof = getattr(shipment, "proof", None)
    return detail_page(
        request,
        shipment,
        "shipping/shipment_detail.html",
        actions=SHIPMENT_ACTIONS,
        lines=tables.ShippedLines(lines, excerpt=excerpt),
        packages=tables.Packages(part_of(request, queries.packages_of(shipment), name="packages")),
        proof=proof,
        accepted=tables.AcceptedLines(queries.accepted_lines(proof, lines) if proof else []),
        goods_returns=tables.ReturnsOfShipment(
            part_of(request, queries.returns_of(shipment), name="returns")
        ),
        pdf_problem=pdf_problem(),
    )


def shipment_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Shipment, SHIPMENT_ACTIONS, pk, verb, page=shipment_detail)


@require_safe
def packing_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """What is in the packages, without prices, in the customer's language."""
    return _document(request, pk, "pdf/packing_slip.html", _("packing slip"))


@require_safe
def bill_of_lading(request: HttpRequest, pk: int) -> HttpResponse:
    """What the carrier takes over, to be signed by both."""
    return _document(request, pk, "pdf/bill_of_lading.html", _("bill of lading"))


def _document(request: HttpRequest, pk: int, template: str, name: str) -> HttpResponse:
    require_right(request, view_right(Shipment))
    shipment = get_object_or_404(queries.shipments(), pk=pk)
    language = shipment.customer.language
    with translation.override(language):
        context = {**queries.document_of(shipment), "barcode": barcode_image(shipment.number)}
        pdf = render_pdf(template, context, language=language)
    disposition = content_disposition_header(False, f"{shipment.number} {name}.pdf")
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": str(disposition)},
    )


@require_safe
def return_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, tables.ReturnTable, queries.returns())


def return_detail(request: HttpRequest, pk: int) -> HttpResponse:
    goods_return = get_object_or_404(queries.returns(), pk=pk)
    return detail_page(
        request,
        goods_return,
        "shipping/return_detail.html",
        actions=RETURN_ACTIONS,
        lines=tables.ReturnLines(part_of(request, queries.return_lines_of(goods_return))),
    )


def return_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Return, RETURN_ACTIONS, pk, verb, page=return_detail)
