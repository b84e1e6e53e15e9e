"""Goods on their way to us, for promises with dates."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.core.fields import DayField, QuantityField
from o2c.core.history import CommercialHistory
from o2c.core.models import Eventful
from o2c.masters.rules.ranks import Rank

#: Announced, not cancelled, and not all here yet.
TO_COME = Q(cancelled=False, received__lt=F("quantity"))


class ExpectedReceipt(Eventful):
    """A delivery announced to us: so much of an item, at a warehouse, on a day."""

    other_events = {
        "expected": _("Expected"),
        "rescheduled": _("Rescheduled"),
        "cancelled": _("Cancelled"),
    }
    fact_words = {
        "quantity": _("Quantity"),
        "before": _("Before"),
        "day": _("Day"),
    }
    known_by = "reference"

    item = models.ForeignKey(
        "masters.Item", models.PROTECT, related_name="+", verbose_name=_("item")
    )
    warehouse = models.ForeignKey(
        "masters.Warehouse", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    quantity = QuantityField(_("quantity"))
    received = QuantityField(_("received"), default=0)
    expected_date = DayField(_("expected on"), kind=DayKind.PLANNED)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    cancelled = models.BooleanField(_("cancelled"), default=False)
    history = CommercialHistory(excluded_fields=("received",))

    lock_rank = Rank.EXPECTED_RECEIPT

    class Meta:
        verbose_name = _("expected receipt")
        verbose_name_plural = _("expected receipts")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, received__gte=0),
                name="stock_expectedreceipt_quantity_positive",
                violation_error_message=_("A quantity is greater than zero."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["item", "expected_date"],
                condition=TO_COME,
                name="stock_expectedreceipt_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.expected_date:%Y-%m-%d}"

    @property
    def outstanding(self) -> Decimal:
        """What is still to come; zero when more came than was announced."""
        return Decimal(0) if self.cancelled else max(self.quantity - self.received, Decimal(0))
