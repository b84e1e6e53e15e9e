"""Goods on their way back."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from o2c.core.fields import QuantityField
from o2c.core.models import Document
from o2c.core.states import StateField, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank


class ReturnState(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")

    tones = tones(
        announced="info megaphone",
        received="success package-check",
        cancelled="neutral ban",
    )


class Disposition(models.TextChoices):
    """What inspection decided."""

    RESTOCK = "restock", _("Back to stock")
    SCRAP = "scrap", _("Scrap")


class Return(Document):
    """Shipped goods the customer sends back: announced, then received and inspected."""

    lock_rank = Rank.GOODS_DOCUMENT
    other_events = {
        "announced": _("Announced"),
    }
    fact_words = {
        "shipment": _("Shipment"),
        "lines": _("Lines"),
        "restocked": _("Back in stock"),
        "scrapped": _("Scrapped"),
        "reason": _("Reason"),
    }

    number = number_from_id("RT")
    state = StateField(ReturnState, default=ReturnState.ANNOUNCED)
    shipment = models.ForeignKey(
        "shipping.Shipment", models.PROTECT, related_name="returns", verbose_name=_("shipment")
    )
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="returns", verbose_name=_("order")
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    reason = models.CharField(_("reason"), max_length=500)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            state_known(ReturnState, "shipping_return_state_known"),
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"), name="shipping_return_reasoned"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_moves_as_declared",
                field="state",
                transitions=[("announced", "received"), ("announced", "cancelled")],
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    @step(
        ReturnState.ANNOUNCED,
        ReturnState.RECEIVED,
        label=_("Receive"),
        event="received",
        past=_("Received"),
    )
    def receive(self) -> None:
        """The goods are here and inspected."""

    @step(
        ReturnState.ANNOUNCED,
        ReturnState.CANCELLED,
        label=_("Cancel"),
        event="cancelled",
        past=_("Cancelled"),
    )
    def cancel(self) -> None:
        """The customer keeps the goods after all."""


class ReturnLine(models.Model):
    """So much of a shipment line comes back. `received` is what really arrived."""

    lock_rank = Rank.GOODS_DOCUMENT

    goods_return = models.ForeignKey(Return, models.PROTECT, related_name="lines")
    shipment_line = models.ForeignKey(
        "shipping.ShipmentLine", models.PROTECT, related_name="return_lines"
    )
    quantity = QuantityField(_("announced"))
    received = QuantityField(_("received"), default=0)
    disposition = models.CharField(_("disposition"), max_length=10, choices=Disposition, blank=True)
    location = models.ForeignKey(
        "masters.Location",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("location"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["goods_return", "shipment_line"], name="shipping_returnline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="shipping_returnline_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(received__gte=0, received__lte=F("quantity")),
                name="shipping_returnline_received_within_announced",
            ),
            models.CheckConstraint(
                condition=Q(disposition__in=["", *Disposition.values]),
                name="shipping_returnline_disposition_known",
            ),
            models.CheckConstraint(
                condition=Q(received=0) | ~Q(disposition=""),
                name="shipping_returnline_inspected_when_received",
            ),
            models.CheckConstraint(
                condition=(Q(disposition=Disposition.RESTOCK) & Q(location__isnull=False))
                | (~Q(disposition=Disposition.RESTOCK) & Q(location__isnull=True)),
                name="shipping_returnline_restocked_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.goods_return_id}/{self.shipment_line_id}"
