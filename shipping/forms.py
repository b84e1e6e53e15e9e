"""What the verbs of the shipping desk ask for."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Package
from o2c.core import clock
from o2c.core.attachments import MAX_BYTES
from o2c.core.days import DayKind
from o2c.masters.models import CarrierService, Location, LocationKind
from o2c.web.code_fields import TypedCodeField
from o2c.web.formats import number_text
from o2c.web.forms import (
    DayField,
    Form,
    ReasonForm,
    TextField,
    keep_choice,
    quantity_field,
)
from shipping import queries
from shipping.commands import Inspected
from shipping.models import Disposition, ReturnLine, ShipmentLine

_LONGEST = 500


class PackagesField(forms.ModelMultipleChoiceField):
    """Packages by number, customer, order and weight."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        order, weight = obj.pick_list.order, number_text(obj.weight_kg)
        return f"{obj.number} · {order.number} · {order.customer.name} · {weight} kg"


class PlanForm(Form):
    """Which packages travel together."""

    packages = PackagesField(
        label=_("Packages"),
        queryset=Package.objects.none(),
        error_messages={"required": _("Choose the packages that travel together.")},
    )

    def build(self) -> None:
        self.fields["packages"].queryset = queries.unshipped_packages()  # type: ignore[attr-defined]

    def clean_packages(self) -> list[Package]:
        chosen = list(self.cleaned_data["packages"])
        if len({package.pick_list_id for package in chosen}) > 1:
            raise ValidationError(_("These packages are not of one pick list."))
        return chosen


class ServiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.carrier.name}: {obj.name}"


class CarrierForm(Form):
    """Who carries it, under which number, and when it should arrive."""

    knows_document = True

    service = ServiceField(
        label=_("Carrier and service"),
        queryset=CarrierService.objects.filter(active=True, carrier__active=True)
        .select_related("carrier")
        .order_by("carrier__name", "name"),
        required=False,
    )
    tracking = TypedCodeField(label=_("Tracking number"), required=False, max_length=60)
    expected_date = DayField(
        kind=DayKind.PLANNED,
        label=_("Expected on"),
        required=False,
        help_text=_("Empty: the usual days of the service."),
    )

    def build(self) -> None:
        for name in ("service", "tracking", "expected_date"):
            self.fields[name].initial = getattr(self.document, name)
        keep_choice(self.fields["service"], self.document.service_id)

    def arguments(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        service = typed.pop("service")
        if service is None and self.document.service_id is None:  # then a carrier alone stays
            return {**typed, "carrier_id": self.document.carrier_id}
        return {**typed, "service_id": service.pk if service else None}


class CancelShipmentForm(ReasonForm):
    """Why, and what becomes of the goods."""

    put_back = forms.BooleanField(
        label=_("Open the packages and put the goods back on the shelf"), required=False
    )


class LineRow(NamedTuple):
    """One shipment line on a form, with where to type."""

    line: ShipmentLine
    quantity: Any
    reason: Any


class DeliveryForm(Form):
    """The proof of delivery."""

    knows_document = True

    signed_by = TextField(label=_("Signed by"), max_length=200)
    delivered_on = DayField(kind=DayKind.PAST, label=_("Delivered on"), initial=clock.today)
    delivered_time = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    signature = forms.FileField(
        label=_("Picture of the signature"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP. It is made small and rid of camera data."),
    )
    note = TextField(label=_("Note"), required=False, max_length=_LONGEST)
    aliases: ClassVar[dict[str, str]] = {"delivered_at": "delivered_on"}

    def build(self) -> None:
        self.shipment_lines = list(queries.lines_of(self.document))
        self.fields["delivered_time"].initial = f"{timezone.localtime(clock.now()):%H:%M}"
        for line in self.shipment_lines:
            names = {"item": line.item.code}
            self.fields[f"accepted_{line.pk}"] = quantity_field(
                label=_("Accepted of %(item)s") % names, initial=line.quantity
            )
            self.fields[f"reason_{line.pk}"] = TextField(
                label=_("Why not all of %(item)s") % names, required=False, max_length=_LONGEST
            )

    def rows(self) -> Iterator[LineRow]:
        for line in self.shipment_lines:
            yield LineRow(line, self[f"accepted_{line.pk}"], self[f"reason_{line.pk}"])

    def clean_signature(self) -> bytes:
        upload = self.cleaned_data["signature"]
        if upload and upload.size > MAX_BYTES:
            raise ValidationError(
                _("The picture is larger than %(limit)s MB."),
                params={"limit": MAX_BYTES // 1024 // 1024},
            )
        return bytes(upload.read()) if upload else b""

    def arguments(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {
            "signed_by": typed["signed_by"],
            "delivered_at": self._moment(),
            "accepted": {line.pk: typed[f"accepted_{line.pk}"] for line in self.shipment_lines},
            "reasons": {line.pk: typed[f"reason_{line.pk}"] for line in self.shipment_lines},
            "signature": typed["signature"],
            "note": typed["note"],
        }

    def _moment(self) -> datetime | None:
        """When it was delivered; None, which means now, for today without a time.

        A typed time has no seconds: the minute of dispatch counts as after it.
        """
        day, time = self.cleaned_data["delivered_on"], self.cleaned_data["delivered_time"]
        if time is None:
            if day == clock.today():
                return None
            time = datetime.max.time().replace(microsecond=0)
        moment = timezone.make_aware(datetime.combine(day, time))
        left = self.document.dispatched_at
        if left and moment < left < moment + timedelta(minutes=1):
            return left
        return moment


class AnnounceForm(ReasonForm):
    """What the customer sends back."""

    knows_document = True

    def build(self) -> None:
        self.shipment_lines = [
            line
            for line in queries.lines_of(self.document)
            if line.returnable and line.item.is_stocked
        ]
        for line in self.shipment_lines:
            names = {"item": line.item.code}
            self.fields[f"quantity_{line.pk}"] = quantity_field(
                label=_("Returned of %(item)s") % names, required=False
            )
            self.fields[f"reason_{line.pk}"] = TextField(
                label=_("Why %(item)s") % names, required=False, max_length=_LONGEST
            )

    def rows(self) -> Iterator[LineRow]:
        for line in self.shipment_lines:
            yield LineRow(line, self[f"quantity_{line.pk}"], self[f"reason_{line.pk}"])

    def arguments(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {
            "reason": typed["reason"],
            "lines": {
                line.pk: quantity
                for line in self.shipment_lines
                if (quantity := typed[f"quantity_{line.pk}"])
            },
            "reasons": {line.pk: typed[f"reason_{line.pk}"] for line in self.shipment_lines},
        }


class InspectionRow(NamedTuple):
    """One return line on the receiving form, with where to type."""

    line: ReturnLine
    received: Any
    disposition: Any
    location: Any


class ReceiveForm(Form):
    """What has arrived, in what condition, and where it goes."""

    knows_document = True

    def build(self) -> None:
        self.return_lines = list(queries.return_lines_of(self.document))
        places = Location.objects.filter(
            warehouse=self.document.shipment.warehouse_id, active=True
        ).exclude(kind__in=[LocationKind.SHIPPING, LocationKind.SCRAP])
        for line in self.return_lines:
            names = {"item": line.shipment_line.item.code}
            self.fields[f"received_{line.pk}"] = quantity_field(
                label=_("Received of %(item)s") % names, initial=line.quantity
            )
            self.fields[f"disposition_{line.pk}"] = forms.ChoiceField(
                label=_("What becomes of %(item)s") % names, choices=Disposition
            )
            self.fields[f"location_{line.pk}"] = forms.ModelChoiceField(
                label=_("Where to put %(item)s") % names,
                queryset=places.order_by("kind", "walk_order", "code"),
                required=False,
                empty_label=_("where it was picked"),
            )

    def rows(self) -> Iterator[InspectionRow]:
        for line in self.return_lines:
            yield InspectionRow(
                line,
                self[f"received_{line.pk}"],
                self[f"disposition_{line.pk}"],
                self[f"location_{line.pk}"],
            )

    def arguments(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {
            "inspected": {
                line.pk: Inspected(
                    typed[f"received_{line.pk}"],
                    typed[f"disposition_{line.pk}"],
                    place.pk if (place := typed[f"location_{line.pk}"]) else None,
                )
                for line in self.return_lines
            }
        }
