"""Forms of the stock pages. Locations are typed by their code within the chosen warehouse."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.core.days import DayKind
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.number_keys import code_key
from o2c.masters.models import Item, ItemKind, Location, Warehouse
from o2c.web.code_fields import TypedCodeField
from o2c.web.forms import (
    CodeField,
    DayField,
    Form,
    StrictDecimalField,
    TextField,
    lines_of,
    price_field,
    quantity_field,
)

LOCATION = gettext_lazy("Location")


def _item() -> CodeField:
    stocked = Item.objects.filter(kind=ItemKind.STOCKED, active=True)
    return CodeField(stocked, label=gettext_lazy("Item"))


def _warehouse() -> "forms.ModelChoiceField[Warehouse]":
    active = Warehouse.objects.filter(active=True).order_by("code")
    return forms.ModelChoiceField(active, label=gettext_lazy("Warehouse"), empty_label=None)


def _location(label: str | Promise = LOCATION) -> TypedCodeField:
    return TypedCodeField(label=label, max_length=40)


def _lot() -> TypedCodeField:
    return TypedCodeField(label=gettext_lazy("Lot"), max_length=40, required=False)


class ReceiptForm(Form):
    warehouse = _warehouse()
    moved_on = DayField(kind=DayKind.PAST, label=gettext_lazy("Date"))
    reference = TypedCodeField(label=gettext_lazy("Delivery note"), max_length=100, required=False)


class ReceiptLineForm(Form):
    item = _item()
    location = _location()
    lot = _lot()
    quantity = quantity_field(label=gettext_lazy("Quantity"))
    unit_cost = price_field(label=gettext_lazy("Unit cost (standard if empty)"), required=False)


class TransferForm(Form):
    warehouse = _warehouse()
    reason = TextField(label=gettext_lazy("Reason"), required=False)


class TransferLineForm(Form):
    item = _item()
    lot = _lot()
    from_location = _location(gettext_lazy("From"))
    to_location = _location(gettext_lazy("To"))
    quantity = quantity_field(label=gettext_lazy("Quantity"))


class AdjustmentForm(Form):
    warehouse = _warehouse()
    reason = TextField(label=gettext_lazy("Reason"))


class AdjustmentLineForm(Form):
    item = _item()
    location = _location()
    lot = _lot()
    quantity = StrictDecimalField(
        label=gettext_lazy("More (+) or less (-)"), max_digits=15, decimal_places=3
    )


class CountForm(Form):
    warehouse = _warehouse()
    location = _location()
    complete = forms.BooleanField(
        label=gettext_lazy("Everything at this place was counted"),
        help_text=gettext_lazy("Whatever is on the book there and not in the list is gone."),
        required=False,
    )
    reason = TextField(label=gettext_lazy("Remark"), required=False)


class CountLineForm(Form):
    item = _item()
    lot = _lot()
    quantity = quantity_field(label=gettext_lazy("Found"))


class ExpectedReceiptForm(Form):
    item = _item()
    warehouse = _warehouse()
    quantity = quantity_field(label=gettext_lazy("Quantity"))
    expected_date = DayField(kind=DayKind.PLANNED, label=gettext_lazy("Expected on"))
    reference = TypedCodeField(label=gettext_lazy("Reference"), max_length=100, required=False)


class RescheduleForm(Form):
    expected_date = DayField(kind=DayKind.PLANNED, label=gettext_lazy("Expected on"))


class ReceiveExpectedForm(Form):
    """What came of an announced delivery, and where in its warehouse it lies now."""

    knows_document = True

    location = _location()
    quantity = quantity_field(label=gettext_lazy("Quantity"))
    unit_cost = price_field(label=gettext_lazy("Unit cost (standard if empty)"), required=False)

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        code = given.pop("location")
        places = location_ids(self.document.warehouse, [self.cleaned_data], "location")
        return {**given, "location_id": places[code]}


ReceiptLines = lines_of(ReceiptLineForm)
TransferLines = lines_of(TransferLineForm)
AdjustmentLines = lines_of(AdjustmentLineForm)
CountLines = lines_of(CountLineForm, extra=5)


def location_ids(
    warehouse: Warehouse, lines: Iterable[dict[str, Any]], *fields: str
) -> dict[str, int]:
    """The locations that lines name by code in these fields.

    Raises RuleViolations naming field and row of every code the warehouse does not have.
    """
    rows = list(lines)
    codes = {row[field] for row in rows for field in fields}
    places = Location.objects.filter(warehouse=warehouse, active=True)
    known = {code_key(code): pk for code, pk in places.values_list("code", "pk")}
    found = {code: known[code_key(code)] for code in codes if code_key(code) in known}
    refuse_if(
        [
            RuleViolation(
                _("Warehouse %(warehouse)s has no location “%(code)s”.")
                % {"warehouse": warehouse.code, "code": row[field]},
                field=field,
                row=nr,
            )
            for nr, row in enumerate(rows)
            for field in fields
            if row[field] not in found
        ]
    )
    return found
