"""Forms: strict figures, clean text, one look. Base classes for every form of the product."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.renderers import TemplatesSetting
from django.utils.formats import get_format, number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.codes import with_codes
from o2c.core.day_checks import day_fault
from o2c.core.days import DayKind, limits
from o2c.core.fields import DayField as DayModelField
from o2c.core.money import NotADecimal, parse_decimal
from o2c.core.spellings import plain
from o2c.web.formats import UNKNOWN, value_text

MINUS_SIGNS = "\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_GROUP_MARKS = f".,'{_SPACES}"
#: Zero-width, byte-order and direction-override characters: invisible, and used to deceive.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Renderer(TemplatesSetting):
    """Draws every form and field of the product, allauth's included (settings.FORM_RENDERER)."""

    form_template_name = "web/form_fields.html"
    field_template_name = "web/field.html"


def read_figure(text: str) -> Decimal:
    """The number a person typed, in the manner of the active language. Raises NotADecimal.

    `1,240.50`, `1.240,50`, `1 240,5` and `1240.5` are understood; a single separator that could
    mean either is the language's own. Everything `parse_decimal` refuses is refused.
    """
    digits = text.strip().strip(_SPACES)
    if digits[:1] in tuple(MINUS_SIGNS):
        digits = f"-{digits[1:]}"
    decimal_mark = _decimal_mark(digits) or ("," if "." in digits else ".")
    group_mark = next((c for c in digits if c in _GROUP_MARKS and c != decimal_mark), "")
    return parse_decimal(digits, decimal_mark=decimal_mark, group_mark=group_mark)


def _decimal_mark(digits: str) -> str:
    """Which of `.` and `,` stands before the decimals here; empty when neither does."""
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return ""
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return ""
    own = get_format("DECIMAL_SEPARATOR")
    grouped = len(digits.rpartition(marks[0])[2]) == 3
    return marks[0] if marks[0] == own or not grouped else ""


class StrictDecimalField(forms.DecimalField):
    """A figure, exact: no exponent, no NaN, no foreign digits, and never silently rounded."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("“%(value)s” is not a number. Write it like %(example)s."),
        "max_value": _("Enter at most %(limit_value)s."),
        "min_value": _("Enter %(limit_value)s or more."),
        "max_decimal_places": _("Enter at most %(max)s decimals."),
    }

    def __init__(
        self, *, max_digits: int | None = 19, decimal_places: int | None = 4, **kwargs: Any
    ) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **kwargs)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or not str(value).strip().strip(_SPACES):
            return None
        if isinstance(value, Decimal | int):
            return Decimal(value)
        try:
            return read_figure(str(value))
        except NotADecimal:
            raise ValidationError(
                self.error_messages["invalid"],
                code="invalid",
                params={"value": str(value)[:40], "example": number_format(Decimal("1240.5"))},
            ) from None

    def prepare_value(self, value: Any) -> Any:
        """Show a stored figure without its trailing zeros, in the manner of the language."""
        if isinstance(value, Decimal) and value.is_finite():
            shortest = value.normalize()
            exponent = shortest.as_tuple().exponent
            return number_format(shortest, max(0, -int(exponent)), use_l10n=True)
        return value


def amount_field(**kwargs: Any) -> StrictDecimalField:
    """An amount of money; the command checks it against the currency's minor unit."""
    return StrictDecimalField(max_digits=17, decimal_places=4, **kwargs)


def price_field(**kwargs: Any) -> StrictDecimalField:
    """A unit price, up to six decimals."""
    return StrictDecimalField(**{"max_digits": 19, "decimal_places": 6, "min_value": 0, **kwargs})


def quantity_field(**kwargs: Any) -> StrictDecimalField:
    """A quantity, up to three decimals, at most 9,999,999.999."""
    limits = {"min_value": 0, "max_value": Decimal("9999999.999")}
    return StrictDecimalField(**{"max_digits": 15, "decimal_places": 3, **limits, **kwargs})


def percent_field(**kwargs: Any) -> StrictDecimalField:
    """19 means 19 %; between 0 and 100."""
    limits = {"min_value": 0, "max_value": 100}
    return StrictDecimalField(**{"max_digits": 7, "decimal_places": 4, **limits, **kwargs})


class TextField(forms.CharField):
    """Text without control, zero-width or direction-override characters; blanks count as empty."""

    def __init__(self, *, max_length: int | None = 200, lines: bool = False, **kwargs: Any) -> None:
        if lines:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=max_length, **kwargs)
        self.lines = lines or isinstance(self.widget, forms.Textarea)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_text(text, lines=self.lines) if isinstance(text, str) else text


def clean_text(text: str, *, lines: bool = False) -> str:
    """Text fit to keep: normalised, without characters nobody can see."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).replace("\r\n", "\n")
    kept = "".join(c for c in text if unicodedata.category(c) != "Cc" or (lines and c in "\n\t"))
    return kept.strip().strip(_SPACES)


class CodeInput(forms.TextInput):
    """A text box that suggests codes; works as plain typing where the browser does not."""

    template_name = "web/code_input.html"
    #: (code, words) of what may be typed; set by the field
    suggestions: Iterable[tuple[str, str]] = ()

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        own = context["widget"]["attrs"]
        if self.suggestions and own.get("id"):
            own.update(list=f"{own['id']}_codes", autocomplete="off")
        return {**context, "suggestions": self.suggestions}


class CodeField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A reference typed by its code, in any case. Suggests the first `suggest` rows."""

    widget = CodeInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_choice": _("There is no “%(value)s” here, or it is switched off."),
    }

    def __init__(
        self,
        queryset: models.QuerySet[Any],
        *,
        code: str = "code",
        suggest: int = 100,
        **kwargs: Any,
    ) -> None:
        self.suggest = suggest
        self.rows = queryset
        super().__init__(queryset, to_field_name=code, **kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Read the suggestions anew for each form, not once for the process."""
        code = str(self.to_field_name)
        rows = self.rows.order_by(code)[: self.suggest] if self.suggest else ()
        self.widget.suggestions = [(str(getattr(row, code)), str(row)) for row in rows]
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):  # an initial given as a primary key; it may be switched off
            value = self.rows.model._default_manager.filter(pk=value).first() or value
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = plain(value)
            named = with_codes(self.rows, [value], str(self.to_field_name)).first()
            if named is not None:
                return named
        return super().to_python(value)


def keep_choice(field: Any, present: Any) -> None:
    """Let what a row names already stay named, though nobody may choose it any more.

    `field` chooses among rows or words; `present` is the key (by `to_field_name`, where the field
    has one and this is text) or the word. Without this, saving would drop what was switched off,
    or take the first other choice instead.
    """
    if present in (None, ""):
        return
    if not isinstance(field, forms.ModelChoiceField):
        words = [] if present in dict(field.choices) else [(present, present)]
        field.choices = [*field.choices, *words]
        return
    key = field.to_field_name if isinstance(present, str) else None
    rows: Any = field.queryset
    field.queryset = rows | rows.model._default_manager.filter(**{key or "pk": present})
    if isinstance(field, CodeField):
        field.rows = field.queryset


class DayInput(forms.DateInput):
    """The browser's own date picker, within the limits of its dates; its value is ISO always."""

    input_type = "date"
    kind = DayKind.ANY

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        first, last = limits(self.kind, clock.today())
        return super().get_context(
            name, value, {"min": first.isoformat(), "max": last.isoformat(), **(attrs or {})}
        )


class DayField(forms.DateField):
    """A business date within the limits of its kind. ISO, day.month.year, or day/month/year."""

    widget = DayInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Enter a date such as 2026-11-21."),
    }

    def __init__(self, *, kind: DayKind, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"])
        super().__init__(**kwargs)
        self.kind = self.widget.kind = kind

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value.strip() if isinstance(value, str) else value)
        if day and (fault := day_fault(self.kind, day, clock.today(), self.label or "")):
            raise ValidationError(fault, code="out_of_range")
        return day


class Form(forms.Form):
    """The base of every form that feeds a command.

    With `knows_document = True` the form of a verb gets its document as `self.document` before
    `build()` runs, where it can add fields. `arguments()` are the command's keywords.
    """

    knows_document = False
    #: what a command calls a field -> what it is called here, so that refusals find it
    aliases: ClassVar[dict[str, str]] = {}
    default_renderer = Renderer
    use_required_attribute = False

    def __init__(self, *args: Any, document: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        self.build()

    def build(self) -> None:
        """Add or adapt fields for `self.document`; nothing by default."""

    def arguments(self) -> dict[str, Any]:
        """What the command gets as keywords: the cleaned data, unless a form says otherwise."""
        return dict(self.cleaned_data)


class Lines(forms.BaseFormSet):  # type: ignore[type-arg]  # not generic at run time
    """The rows of a form page. A count of rows that no page of ours sends is refused: one below
    zero, or of more rows than came (each that is counted would be drawn)."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "missing_management_form": _(
            "The rows did not come as this page sends them: load it again and repeat the entry."
        ),
        "too_many_forms": _("At most %(num)d rows are possible: split the entry."),
        "too_few_forms": _("At least %(num)d rows are needed."),
    }

    @cached_property
    def management_form(self) -> Any:
        form = super().management_form
        for name in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT):
            if self.is_bound and (form.cleaned_data.get(name) or 0) < 0:
                form.add_error(name, self.default_error_messages["missing_management_form"])
                form.cleaned_data[name] = 0
        if self.is_bound and (form.cleaned_data.get(TOTAL_FORM_COUNT) or 0) > self._came:
            form.add_error(TOTAL_FORM_COUNT, self.default_error_messages["missing_management_form"])
            form.cleaned_data[TOTAL_FORM_COUNT] = self._came
        return form

    @property
    def _came(self) -> int:
        """How many rows were sent, by the highest number of one."""
        row = re.compile(rf"{re.escape(str(self.prefix))}-(\d{{1,4}})-", re.ASCII)
        found = (row.match(name) for name in self.data)
        return max((int(each[1]) + 1 for each in found if each), default=0)


def lines_of(
    form_class: type[forms.BaseForm], *, extra: int = 3, can_delete: bool = True
) -> "type[forms.BaseFormSet[Any]]":
    """A formset for the `lines` of a form page: rows can be removed, empty ones do not count."""
    return forms.formset_factory(
        form_class,
        formset=Lines,
        extra=extra,
        can_delete=can_delete,
        max_num=999,
        validate_max=True,
    )


class ReasonForm(Form):
    """A verb that wants to know why."""

    reason = TextField(label=_("Reason"), max_length=200, lines=True)


def model_formfield(field: "models.Field[Any, Any]", **kwargs: Any) -> forms.Field | None:
    """The strict form field of a model field, for ModelForms of masters."""
    if isinstance(field, models.DecimalField):
        kwargs |= {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
        return field.formfield(form_class=StrictDecimalField, **kwargs)
    if isinstance(field, DayModelField):
        return field.formfield(form_class=DayField, widget=DayInput, kind=field.kind, **kwargs)
    if isinstance(field, models.CharField | models.TextField) and type(field) in _PLAIN_TEXT:
        if field.choices:
            return field.formfield(**kwargs)
        if isinstance(field, models.TextField):
            area = forms.Textarea(attrs={"rows": 3})
            return field.formfield(form_class=TextField, lines=True, widget=area, **kwargs)
        return field.formfield(form_class=TextField, **kwargs)
    return field.formfield(**kwargs)


_PLAIN_TEXT: set[type] = {models.CharField, models.TextField}


def differences(form: forms.BaseForm, fresh: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Where what was typed differs from the fresh values: (label, typed, theirs)."""
    found = []
    for bound in form:
        if bound.is_hidden or bound.name not in fresh:
            continue
        typed, theirs = bound.data, bound.field.prepare_value(fresh[bound.name])
        if bound.field.has_changed(fresh[bound.name], typed):
            found.append((str(bound.label), _read(bound.field, typed), _read(bound.field, theirs)))
    return found


def _read(field: forms.Field, value: Any) -> str:
    """What stands in a field, as people read it: words for choices and days, not their keys."""
    if isinstance(field, forms.BooleanField):
        return value_text(bool(value))
    if isinstance(field, forms.ChoiceField) and not isinstance(field, CodeField):
        choices: Any = field.choices
        return next((str(words) for key, words in choices if str(key) == str(value)), UNKNOWN)
    if isinstance(field, forms.DateField):
        with suppress(ValidationError):
            return value_text(field.to_python(value))
    return value_text(value)
