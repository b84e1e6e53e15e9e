"""What the company sells: items, their units and barcodes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from o2c.core import codes
from o2c.core.fields import PriceField, QuantityField, RateField
from o2c.masters.models.base import Coded, Recorded
from o2c.masters.models.tax import TaxClass


class ItemKind(models.TextChoices):
    STOCKED = "stocked", _("Stocked")
    SERVICE = "service", _("Service")


class Unit(Coded):
    """A unit of measure by its UN/ECE Recommendation 20 code, which e-invoices carry."""

    symbol = models.CharField(_("symbol"), max_length=10, blank=True)
    decimals = models.PositiveSmallIntegerField(
        _("decimals"), default=0, help_text=_("0: whole pieces only.")
    )

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                # Quantity columns hold three decimals.
                condition=Q(decimals__lte=3),
                name="masters_unit_decimals",
                violation_error_message=_("A quantity has at most three decimals."),
            ),
        ]

    @property
    def sign(self) -> str:
        """How it is written behind a quantity: its symbol, or else its code."""
        return self.symbol or self.code


class ItemCategory(Coded):
    """A node of the category tree."""

    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )

    class Meta:
        verbose_name = _("item category")
        verbose_name_plural = _("item categories")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="masters_itemcategory_not_its_own_parent",
            ),
        ]


class Item(Coded):
    """Goods on stock, or a service. Quantities everywhere are in `unit`, the stock unit."""

    description = models.TextField(_("description"), max_length=2000, blank=True)
    category = models.ForeignKey(
        ItemCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("category"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ItemKind, default=ItemKind.STOCKED)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("stock unit"))
    barcode = models.CharField(_("barcode"), max_length=40, blank=True)
    weight_kg = QuantityField(_("weight, kg"), default=0)
    standard_cost = PriceField(
        _("standard cost"), default=0, help_text=_("Per stock unit, in the base currency.")
    )
    tax_class = models.CharField(
        _("tax class"), max_length=10, choices=TaxClass, default=TaxClass.STANDARD
    )

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=ItemKind.values), name="masters_item_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(tax_class__in=TaxClass.values), name="masters_item_tax_class_known"
            ),
            models.CheckConstraint(
                condition=Q(weight_kg__gte=0),
                name="masters_item_weight",
                violation_error_message=_("A weight is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(standard_cost__gte=0),
                name="masters_item_standard_cost",
                violation_error_message=_("A cost is not negative."),
            ),
            codes.once(
                # A scan must mean one thing. Packaging units have theirs in ItemUnit.
                "masters_item_barcode_once",
                field="barcode",
                where=~Q(barcode=""),
                sentence=_("Another item has this barcode."),
            ),
        ]

    @property
    def is_stocked(self) -> bool:
        return self.kind == ItemKind.STOCKED


class ItemUnit(Recorded):
    """Another unit an item is sold or scanned in: `factor` stock units are one of it."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="units", verbose_name=_("item"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    factor = RateField(_("factor"), help_text=_("How many stock units are one of this unit."))
    barcode = models.CharField(_("barcode"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("item unit")
        verbose_name_plural = _("item units")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "unit"],
                name="masters_itemunit_once",
                violation_error_message=_("The item already has this unit."),
            ),
            models.CheckConstraint(
                condition=Q(factor__gt=0),
                name="masters_itemunit_factor_positive",
                violation_error_message=_("A factor is greater than zero."),
            ),
            codes.once(
                "masters_itemunit_barcode_once",
                field="barcode",
                where=~Q(barcode=""),
                sentence=_("Another unit has this barcode."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code}: 1 {self.unit.code} = {self.factor.normalize():f}"
