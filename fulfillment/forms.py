"""What the verbs of the warehouse ask for."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from fulfillment import queries
from fulfillment.commands import PackageDraft
from fulfillment.models import PickLine, ShortReason
from o2c.web.code_fields import IdentifierField
from o2c.web.forms import Form, quantity_field

_NOTHING = Decimal(0)
_IN_FULL = ("", _("in full"))


class PickRow(NamedTuple):
    """One open stop on the confirmation form, with where to type."""

    line: PickLine
    picked: Any
    reason: Any


class ConfirmPickForm(Form):
    """What was picked of every open stop, and why not more."""

    knows_document = True

    def build(self) -> None:
        self.pick_lines = [line for line in queries.lines_of(self.document) if not line.is_done]
        for line in self.pick_lines:
            names = {"stop": line.sequence, "item": line.item.code}
            self.fields[f"picked_{line.pk}"] = quantity_field(
                label=_("Picked at stop %(stop)s, %(item)s") % names, initial=line.quantity
            )
            self.fields[f"reason_{line.pk}"] = forms.ChoiceField(
                label=_("Short at stop %(stop)s, %(item)s") % names,
                choices=[_IN_FULL, *ShortReason.choices],
                required=False,
            )

    def rows(self) -> Iterator[PickRow]:
        for line in self.pick_lines:
            yield PickRow(line, self[f"picked_{line.pk}"], self[f"reason_{line.pk}"])

    def arguments(self) -> dict[str, Any]:
        reasons = {line.pk: self.cleaned_data[f"reason_{line.pk}"] for line in self.pick_lines}
        return {
            "picked": {line.pk: self.cleaned_data[f"picked_{line.pk}"] for line in self.pick_lines},
            "short_reasons": {pk: reason for pk, reason in reasons.items() if reason},
        }


class PackRow(NamedTuple):
    """One picked stop on the packing form, with a box per package."""

    line: PickLine
    quantities: list[Any]


class PackForm(Form):
    """What lies in which package. The packages together must hold exactly what was picked."""

    knows_document = True

    def __init__(self, *args: Any, packages: int = 1, **kwargs: Any) -> None:
        self.numbers = range(1, packages + 1)
        super().__init__(*args, **kwargs)

    def build(self) -> None:
        self.pick_lines = [line for line in queries.lines_of(self.document) if line.picked]
        weight = sum(
            (line.picked * line.item.weight_kg for line in self.pick_lines), _NOTHING
        ).quantize(Decimal("0.001"))
        for number in self.numbers:
            self.fields[f"weight_{number}"] = quantity_field(
                label=_("Weight of package %(number)s, kg") % {"number": number},
                required=False,
                initial=weight if len(self.numbers) == 1 else None,
            )
            self.fields[f"sscc_{number}"] = IdentifierField(
                label=_("SSCC of package %(number)s") % {"number": number},
                required=False,
                max_length=18,
            )
            for line in self.pick_lines:
                self.fields[f"quantity_{number}_{line.pk}"] = quantity_field(
                    label=_("%(item)s in package %(number)s")
                    % {"item": line.item.code, "number": number},
                    required=False,
                    initial=line.picked if number == 1 else None,
                )

    def rows(self) -> Iterator[PackRow]:
        for line in self.pick_lines:
            boxes = [self[f"quantity_{number}_{line.pk}"] for number in self.numbers]
            yield PackRow(line, boxes)

    def weights(self) -> list[Any]:
        return [self[f"weight_{number}"] for number in self.numbers]

    def codes(self) -> list[Any]:
        return [self[f"sscc_{number}"] for number in self.numbers]

    def arguments(self) -> dict[str, Any]:
        return {"packages": self.cleaned_data["packages"]}

    def clean(self) -> dict[str, Any]:
        """Add `packages`: the packages as typed; one in which nothing lies is left out."""
        typed = super().clean() or self.cleaned_data
        typed["packages"] = [
            PackageDraft(lines, typed.get(f"weight_{number}"), typed.get(f"sscc_{number}", ""))
            for number in self.numbers
            if (
                lines := {
                    line.pk: quantity
                    for line in self.pick_lines
                    if (quantity := typed.get(f"quantity_{number}_{line.pk}"))
                }
            )
        ]
        return typed
