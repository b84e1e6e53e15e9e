"""What all masters share: history, a version against lost updates, a code, validity in time."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from o2c.core import codes
from o2c.core.constraints import field_of, sentence_of
from o2c.core.days import DayKind
from o2c.core.fields import DayField
from o2c.core.history import CommercialHistory
from o2c.masters.rules.ranks import Rank
from o2c.web.formats import address_lines

CURRENCY_PATTERN = r"^[A-Z]{3}$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"


class Recorded(models.Model):
    """A master row whose every change stays on record with who and why.

    Changed only by the commands of this app, which raise `version`, so that a form opened before
    somebody else's change is refused instead of undoing it.
    """

    #: masters are locked before any document (see o2c.core.locks)
    lock_rank = Rank.MASTER

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    history = CommercialHistory(inherit=True, excluded_fields=("version",))

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Any = None) -> None:
        """Django's check of the constraints: each in its sentence, beside the field it is about."""
        found: dict[str, list[str]] = {}
        for model, constraints in self.get_constraints():
            for constraint in constraints:
                try:
                    constraint.validate(model, self, exclude=exclude)
                except ValidationError:
                    field = field_of(constraint) or NON_FIELD_ERRORS
                    found.setdefault(field, []).append(sentence_of(constraint, model))
        if found:
            raise ValidationError(found)


class Coded(Recorded):
    """A master people know by its code. It is switched off, never deleted, once it is used."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                # A code with blanks around it looks like its twin on every screen.
                condition=Q(code__regex=r"^\S(.*\S)?$"),
                name="%(app_label)s_%(class)s_code_trimmed",
                violation_error_message=_("A code has no blanks before or behind it."),
            ),
            codes.once(
                "%(app_label)s_%(class)s_code_once",
                sentence=_("This code is in use, perhaps in other capitals."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CurrencyCodeField(models.CharField):
    """An ISO 4217 code. The database holds it to the currency table (migration 0002_keys)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("verbose_name", _("currency"))
        kwargs.setdefault("validators", [RegexValidator(CURRENCY_PATTERN)])
        super().__init__(*args, **kwargs)


class PostalAddress(models.Model):
    """A place that mail and goods reach. Country is ISO 3166-1 alpha-2."""

    street = models.CharField(_("street"), max_length=200, blank=True)
    street2 = models.CharField(_("street, second line"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    country = models.CharField(
        _("country"), max_length=2, validators=[RegexValidator(COUNTRY_PATTERN)]
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(country__regex=COUNTRY_PATTERN),
                name="%(app_label)s_%(class)s_country_iso",
                violation_error_message=_("A country is two capital letters, such as DE."),
            ),
        ]

    @property
    def address_lines(self) -> list[str]:
        """The address as printed, without the name: street, town, region, country; no blanks."""
        return address_lines(vars(self))


class Dated(models.Model):
    """Valid from a day to a day, both included; an empty end is open."""

    valid_from = DayField(_("valid from"), kind=DayKind.ANY, null=True, blank=True)
    valid_to = DayField(_("valid to"), kind=DayKind.ANY, null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="%(app_label)s_%(class)s_validity_ordered",
                violation_error_message=_("The validity ends before it begins."),
            ),
        ]


def valid_on(day: object) -> Q:
    """The dated rows valid on day."""
    started = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return started & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


def no_overlap(name: str, *keys: str) -> ExclusionConstraint:
    """No two rows with the same keys are valid on the same day.

    An application check cannot promise this: two clerks saving at once would both pass it.
    """
    validity = Func(
        "valid_from",
        "valid_to",
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
        function="daterange",
        output_field=DateRangeField(),
    )
    return ExclusionConstraint(
        name=name,
        expressions=[
            *((key, RangeOperators.EQUAL) for key in keys),
            (validity, RangeOperators.OVERLAPS),
        ],
        violation_error_message=_("Another entry is valid in the same period."),
    )
