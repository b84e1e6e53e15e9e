"""Where goods are and who carries them."""

from urllib.parse import quote

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core import codes
from o2c.masters.models.base import Coded, PostalAddress, Recorded

#: Stands for the tracking number in a carrier's link.
TRACKING = "{tracking}"


class LocationKind(models.TextChoices):
    STORAGE = "storage", _("Storage")
    RECEIVING = "receiving", _("Receiving")
    SHIPPING = "shipping", _("Shipping")
    QUARANTINE = "quarantine", _("Quarantine")
    SCRAP = "scrap", _("Scrap")


class Warehouse(Coded, PostalAddress):
    """A building with locations."""

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        constraints = [*Coded.Meta.constraints, *PostalAddress.Meta.constraints]


class Location(Recorded):
    """A place in a warehouse. Pick lists visit locations by `walk_order`, then code."""

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="locations", verbose_name=_("warehouse")
    )
    code = models.CharField(_("code"), max_length=40)
    kind = models.CharField(
        _("kind"), max_length=12, choices=LocationKind, default=LocationKind.STORAGE
    )
    walk_order = models.PositiveIntegerField(_("walking order"), default=0)
    barcode = models.CharField(_("barcode"), max_length=40, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        indexes = [
            models.Index(
                fields=["warehouse", "kind", "walk_order", "code"], name="masters_location_walk"
            )
        ]
        constraints = [
            codes.once(
                "masters_location_code_once",
                "warehouse",
                sentence=_("The warehouse has a location with this code."),
            ),
            codes.once(
                "masters_location_barcode_once",
                field="barcode",
                where=~Q(barcode=""),
                sentence=_("Another location has this barcode."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=LocationKind.values), name="masters_location_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^\S(.*\S)?$"), name="masters_location_code_trimmed"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Carrier(Coded):
    """A company that moves parcels or pallets for us."""

    scac = models.CharField(
        _("SCAC"), max_length=4, blank=True, help_text=_("Standard Carrier Alpha Code.")
    )
    tracking_url = models.CharField(
        _("tracking link"),
        max_length=300,
        blank=True,
        help_text=_("With {tracking} where the tracking number goes."),
    )

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                # A link on our pages: never another scheme, never without the number.
                condition=Q(tracking_url="") | Q(tracking_url__regex=r"^https?://\S*\{tracking\}"),
                name="masters_carrier_tracking_url",
                violation_error_message=_(
                    "A tracking link begins with https:// and contains {tracking}."
                ),
            ),
            models.CheckConstraint(
                condition=Q(scac__regex=r"^([A-Z]{2,4})?$"), name="masters_carrier_scac"
            ),
        ]

    def tracking_link(self, tracking: str) -> str:
        """Where the customer follows this tracking number; empty when there is no link."""
        if not (self.tracking_url and tracking):
            return ""
        return self.tracking_url.replace(TRACKING, quote(tracking, safe=""))


class CarrierService(Recorded):
    """A product of a carrier, such as next-day, with its usual days on the road."""

    carrier = models.ForeignKey(
        Carrier, models.PROTECT, related_name="services", verbose_name=_("carrier")
    )
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    transit_days = models.PositiveSmallIntegerField(_("days in transit"), default=1)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("carrier service")
        verbose_name_plural = _("carrier services")
        constraints = [
            codes.once(
                "masters_carrierservice_code_once",
                "carrier",
                sentence=_("The carrier has a service with this code."),
            ),
            models.CheckConstraint(
                condition=Q(transit_days__lte=365), name="masters_carrierservice_transit_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier.code} {self.name}"
