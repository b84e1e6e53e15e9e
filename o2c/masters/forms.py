"""Forms of the masters: one per model, made from its fields, with the product's strict fields."""

from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from o2c.core.constraints import sentence_of
from o2c.masters.models import (
    Currency,
    Customer,
    Item,
    PaymentTermsLine,
    Recorded,
)
from o2c.masters.models.base import CurrencyCodeField
from o2c.web.code_fields import IdentifierField, TypedCodeField
from o2c.web.forms import CodeField, TextField, keep_choice, lines_of, model_formfield

#: What is stored in one spelling, however it is typed.
IDENTIFIERS = {"vat_id", "iban", "bic", "gln", "country"}
#: Codes and numbers that keep the spelling they are typed in.
CODES = {
    *("code", "barcode", "scac", "exemption_code"),
    *("account_number", "tax_number", "registration", "postcode"),
}
#: Masters of which there may be thousands: their codes are typed, not picked from a list.
_TYPED = (Customer, Item)


class DaysField(forms.CharField):
    """A list of ascending whole days: `30, 60, 90`."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = [part.strip() for part in str(value or "").split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
            raise forms.ValidationError(_("Enter whole days separated by commas: 30, 60, 90."))
        days = [int(part) for part in parts]
        if not days or days != sorted(set(days)):
            raise forms.ValidationError(_("The days must ascend: 30, 60, 90."))
        return days

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


class MasterForm(forms.ModelForm):
    """The base: carries the version it was opened at, and asks for a reason."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = TextField(
        label=_("Reason for the change"),
        required=False,
        max_length=200,
        help_text=_("Kept in the audit."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.ChoiceField):
                keep_choice(field, self.initial.get(name))

    def _post_clean(self) -> None:
        """What a CHECK of the table refuses stands at the field the CHECK ends with."""
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if NON_FIELD_ERRORS not in self.errors:
            return
        model = self._meta.model
        fields = {sentence_of(c, model): _last_field(c) for c in self._constraints()}
        for refusal in self.errors.pop(NON_FIELD_ERRORS).as_data():
            field = fields.get(refusal.messages[0])
            self.add_error(field if field in self.fields else None, refusal)

    def _constraints(self) -> list[models.BaseConstraint]:
        return list(self._meta.model._meta.constraints)


def _last_field(constraint: models.BaseConstraint) -> str:
    """`valid_to` of the CHECK that it is not before `valid_from`; empty for other constraints."""
    part: Any = getattr(constraint, "condition", None)
    if not isinstance(constraint, models.CheckConstraint):
        return ""
    while isinstance(part, models.Q):
        part = part.children[-1]
    return str(part[0]).partition("__")[0] if isinstance(part, tuple) else ""


@cache
def form_for(model: type[Recorded]) -> type[forms.ModelForm]:
    """The form of a master: all its fields people may set."""
    return forms.modelform_factory(
        model, form=MasterForm, fields=fields_of(model), formfield_callback=master_field
    )


def fields_of(model: type[models.Model]) -> list[str]:
    """The names of the fields people see and set, in the order of declaration."""
    names = [field.name for field in model._meta.fields if field.editable and field.name != "id"]
    first = [name for name in ("code", "name") if name in names]
    last = [name for name in ("note", "active") if name in names]
    return first + [name for name in names if name not in first + last] + last


def master_field(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """The form field of a model field."""
    label = capfirst(str(field.verbose_name))
    if isinstance(field, CurrencyCodeField):
        return CurrencyChoice(label=label, required=not field.blank)
    if isinstance(field, models.ForeignKey):
        return _reference(field, label)
    if isinstance(field, models.JSONField):
        return DaysField(label=label)
    if field.name in IDENTIFIERS:
        required, longest = not field.blank, field.max_length
        return IdentifierField(label=label, required=required, max_length=longest)
    if field.name in CODES:
        return field.formfield(form_class=TypedCodeField, **kwargs)
    if field.name == "language":
        return forms.ChoiceField(label=label, choices=settings.LANGUAGES)
    return model_formfield(field, **kwargs)


class CurrencyChoice(forms.ModelChoiceField):
    """One of the active currencies, as its code."""

    def __init__(self, **kwargs: Any) -> None:
        queryset = Currency.objects.filter(active=True).order_by("code")
        super().__init__(queryset, to_field_name="code", empty_label=None, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} · {obj.name}"

    def clean(self, value: Any) -> Any:
        currency = super().clean(value)
        return currency.code if currency is not None else ""


def _reference(field: models.ForeignKey, label: str) -> forms.Field:
    other: type[Any] = field.related_model
    usable = other._default_manager.all()
    if any(one.name == "active" for one in other._meta.fields):
        usable = usable.filter(active=True)
    options: dict[str, Any] = {
        "label": label,
        "required": not field.blank,
        "help_text": field.help_text,
    }
    if other in _TYPED:
        return CodeField(usable, **options)
    return forms.ModelChoiceField(usable.order_by("pk"), **options)


class TermsLineForm(forms.ModelForm):
    """One instalment of payment terms."""

    use_required_attribute = False

    class Meta:
        model = PaymentTermsLine
        fields = (
            "share_percent",
            "fixed_amount",
            "remainder",
            "days",
            "months",
            "end_of_month",
            "extra_days",
            "day_of_month",
        )
        formfield_callback = model_formfield


TermsLines = lines_of(TermsLineForm, extra=2)
