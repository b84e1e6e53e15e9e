"""Tax codes with dated rates, and profiles that say which customer pays which."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core.fields import RateField
from o2c.masters.models.base import Coded, Dated, Recorded, no_overlap
from o2c.masters.rules import supply as rules
from o2c.web.formats import percent_text


class TaxCategory(models.TextChoices):
    """The VAT categories of EN 16931 (UNCL 5305)."""

    STANDARD = "S", _("Standard rate")
    ZERO = "Z", _("Zero rated")
    EXEMPT = "E", _("Exempt")
    REVERSE_CHARGE = "AE", _("Reverse charge")
    INTRA_COMMUNITY = "K", _("Intra-community supply")
    EXPORT = "G", _("Export outside the EU")
    OUTSIDE_SCOPE = "O", _("Outside the scope of tax")
    CANARY_ISLANDS = "L", _("Canary Islands (IGIC)")
    CEUTA_MELILLA = "M", _("Ceuta and Melilla (IPSI)")


#: Categories under which tax may be charged; the others are 0 % and must state their reason,
#: except Z, which is 0 % and states none.
TAXED_CATEGORIES = (
    TaxCategory.STANDARD,
    TaxCategory.CANARY_ISLANDS,
    TaxCategory.CEUTA_MELILLA,
)
SILENT_CATEGORIES = (*TAXED_CATEGORIES, TaxCategory.ZERO)


class TaxClass(models.TextChoices):
    """How an item is taxed, before it is known who buys it."""

    STANDARD = "standard", _("Standard")
    REDUCED = "reduced", _("Reduced")
    ZERO = "zero", _("Zero")
    EXEMPT = "exempt", _("Exempt")


def tax_text(category: str, percent: Decimal) -> str:
    """A tax in words: `19 % (Standard rate)`."""
    return f"{percent_text(percent)} ({TaxCategory(category).label})"


class TaxCode(Coded):
    """One tax treatment. Its percent changes over time and stands in `rates`."""

    category = models.CharField(_("category"), max_length=2, choices=TaxCategory)
    exemption_code = models.CharField(
        _("exemption code"), max_length=30, blank=True, help_text=_("VATEX code, if there is one.")
    )
    exemption_reason = models.CharField(
        _("exemption reason"), max_length=200, blank=True, help_text=_("Printed on the invoice.")
    )

    class Meta:
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(category__in=TaxCategory.values), name="masters_taxcode_category_known"
            ),
            models.CheckConstraint(
                # BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10: such an invoice is void without.
                condition=Q(category__in=[str(c) for c in SILENT_CATEGORIES])
                | ~Q(exemption_reason=""),
                name="masters_taxcode_exemption_reasoned",
                violation_error_message=_("This category needs a reason to print on invoices."),
            ),
        ]


class TaxRate(Recorded, Dated):
    """The percent of a tax code in a period: 19 means 19 %."""

    tax_code = models.ForeignKey(
        TaxCode, models.PROTECT, related_name="rates", verbose_name=_("tax code")
    )
    percent = RateField(_("percent"), validators=[MinValueValidator(0), MaxValueValidator(100)])

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(percent__range=(0, 100)),
                name="masters_taxrate_percent",
                violation_error_message=_("A tax rate lies between 0 and 100 percent."),
            ),
            no_overlap("masters_taxrate_no_overlap", "tax_code"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_code.code}: {self.percent.normalize():f} %"


class SupplyKind(models.TextChoices):
    """How a supply is taxed, by the countries of seller, buyer and delivery (`rules.supply`)."""

    DOMESTIC = rules.DOMESTIC, _("Taxed here")
    INTRA_COMMUNITY = rules.INTRA_COMMUNITY, _("Goods to a business in another EU state")
    REVERSE_CHARGE = rules.REVERSE_CHARGE, _("Services to a business in another EU state")
    EXPORT = rules.EXPORT, _("Export")


class TaxProfile(Coded):
    """What kind of buyer pays which taxes: domestic, EU business, export.

    A profile with a `supply` is taken for every supply of this kind, whichever of these profiles
    the customer has. One without is taken as the customer has it, wherever the goods go.
    """

    supply = models.CharField(
        _("for supplies"),
        max_length=20,
        choices=SupplyKind,
        blank=True,
        help_text=_(
            "Taken by the countries of seller, buyer and delivery, the kind of goods and the VAT "
            "id. Empty: for every supply to the customers who have this profile."
        ),
    )

    class Meta:
        verbose_name = _("tax profile")
        verbose_name_plural = _("tax profiles")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(supply__in=["", *SupplyKind.values]),
                name="masters_taxprofile_supply_known",
            ),
            models.UniqueConstraint(
                fields=["supply"],
                condition=~Q(supply=""),
                name="masters_taxprofile_supply_once",
                violation_error_message=_("Another tax profile is taken for these supplies."),
            ),
        ]


class TaxRule(Recorded):
    """In this profile, items of this class carry this tax code."""

    profile = models.ForeignKey(
        TaxProfile, models.PROTECT, related_name="rules", verbose_name=_("tax profile")
    )
    tax_class = models.CharField(_("tax class"), max_length=10, choices=TaxClass)
    tax_code = models.ForeignKey(
        TaxCode, models.PROTECT, related_name="+", verbose_name=_("tax code")
    )

    class Meta:
        verbose_name = _("tax rule")
        verbose_name_plural = _("tax rules")
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "tax_class"], name="masters_taxrule_once_per_class"
            ),
            models.CheckConstraint(
                condition=Q(tax_class__in=TaxClass.values), name="masters_taxrule_class_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile.code}/{self.tax_class}: {self.tax_code.code}"
