"""Pages of the sample document: the urlconf of the web tests, and what they look at."""

from django.db import models
from django.forms import HiddenInput, IntegerField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.views.decorators.http import require_safe

from o2c.core.commands import command, lock
from o2c.core.errors import RuleViolation
from o2c.core.states import condition
from o2c.core.transitions import begin, check_version, save_document, transition
from o2c.urls import handler400, handler403, handler404, handler500  # noqa: F401
from o2c.urls import urlpatterns as own_urlpatterns
from o2c.web import Action, act, detail_page, form_page, list_page
from o2c.web.forms import Form, ReasonForm, TextField, amount_field
from o2c.web.tables import (
    ChoiceFilter,
    Column,
    DateFilter,
    LinkColumn,
    MomentColumn,
    MoneyColumn,
    NumberFilter,
    SearchFilter,
    StateColumn,
    Tab,
    Table,
)
from tests.sample.models import Parcel, ParcelState


@command
def wrap(address: str, value, *, actor) -> Parcel:
    return begin(Parcel(address=address, value=value), actor=actor, event="wrapped")


@command
def readdress(parcel_id: int, *, address: str, version: int, actor) -> Parcel:
    parcel = lock(Parcel, parcel_id)
    check_version(parcel, version)
    if address == "Atlantis":
        raise RuleViolation("Nobody delivers to Atlantis.", field="address")
    old, parcel.address = parcel.address, address
    return save_document(parcel, actor=actor, changes={"address": [old, address]})


@command
def send(parcel_id: int, *, actor) -> Parcel:
    return transition(lock(Parcel, parcel_id), "send", actor=actor)


@command
def lose(parcel_id: int, *, reason: str, actor) -> Parcel:
    return transition(lock(Parcel, parcel_id), "lose", actor=actor, reason=reason)


class ParcelForm(Form):
    address = TextField(label="Address", max_length=100)
    value = amount_field(label="Value", min_value=0, required=False)


class AddressForm(Form):
    knows_document = True

    address = TextField(label="New address", max_length=100)
    version = IntegerField(widget=HiddenInput, required=False)

    def build(self):
        self.initial = {"address": self.document.address, "version": self.document.version}

    def clean_version(self):
        return self.cleaned_data["version"] or self.document.version


class ParcelTable(Table):
    title = "Parcels"
    model = Parcel
    new = "sample:parcel_new"
    new_permission = "sample.wrap_parcel"
    columns = (
        LinkColumn("number", "Number", sort="pk"),
        Column("address", "Address"),
        MoneyColumn("value", "Value", currency="currency"),
        MomentColumn("created_at", "Wrapped at", optional=True),
        StateColumn(),
    )
    filters = (
        SearchFilter("number", "address", amounts=("value",)),
        ChoiceFilter("state", ParcelState),
        NumberFilter("value"),
        DateFilter("created_at"),
    )
    tabs = (
        Tab("open", "Open", lambda parcels: parcels.filter(state=ParcelState.DRAFT)),
        Tab("all", "All"),
    )


@condition("It is worth less than the insurance.")
def is_dear(parcel: Parcel) -> bool:
    return parcel.value >= 100


ACTIONS = {
    "send": Action(send, icon="truck"),
    "readdress": Action(
        readdress,
        AddressForm,
        label="Readdress",
        states=[ParcelState.DRAFT],
        permission="sample.wrap_parcel",
        minor=True,
    ),
    "insure": Action(
        readdress,
        AddressForm,
        label="Insure",
        states=[ParcelState.DRAFT],
        permission="sample.wrap_parcel",
        conditions=[is_dear],
        minor=True,
    ),
    "lose": Action(lose, ReasonForm, danger=True, confirm="The parcel will be gone for good."),
}


def parcels() -> models.QuerySet:
    in_pounds = models.Case(
        models.When(address__startswith="London", then=models.Value("GBP")),
        default=models.Value("EUR"),
        output_field=models.CharField(),
    )
    return Parcel.objects.annotate(currency=in_pounds)


def parcel_list(request: HttpRequest) -> HttpResponse:
    return list_page(request, ParcelTable, parcels())


def parcel_new(request: HttpRequest) -> HttpResponse:
    def save(cleaned, *, actor, op_id):
        return wrap(cleaned["address"], cleaned["value"] or 0, actor=actor, op_id=op_id)

    return form_page(request, ParcelForm, save, title="New parcel", permission="sample.wrap_parcel")


def parcel_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return detail_page(request, get_object_or_404(Parcel, pk=pk), actions=ACTIONS)


def parcel_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    return act(request, Parcel, ACTIONS, pk, verb, page=parcel_detail)


@require_safe
def broken(request: HttpRequest) -> HttpResponse:
    raise RuleViolation("The bridge is closed.")


@require_safe
def bug(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


sample = (
    [
        path("", parcel_list, name="parcel_list"),
        path("new/", parcel_new, name="parcel_new"),
        path("broken/", broken),
        path("bug/", bug),
        path("<int:pk>/", parcel_detail, name="parcel_detail"),
        path("<int:pk>/<slug:verb>/", parcel_act, name="parcel_act"),
    ],
    "sample",
)
urlpatterns = [path("parcels/", include(sample)), *own_urlpatterns]
