"""Shipments, their lines and packed contents, and the proof that they arrived."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField, PriceField, QuantityField
from o2c.core.history import CommercialHistory
from o2c.core.models import Attachment, Document
from o2c.core.states import StateField, condition, number_from_id, state_known, step, tones
from o2c.core.triggers import append_only
from o2c.masters.rules.ranks import Rank
from o2c.web.formats import address_lines
from shipping import rules


class ShipmentState(models.TextChoices):
    PLANNED = "planned", _("Ready to ship")
    DISPATCHED = "dispatched", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")

    tones = tones(
        planned="info list",
        dispatched="active truck",
        delivered="success house",
        cancelled="neutral ban",
    )


#: The goods have left the warehouse.
SHIPPED_STATES = (ShipmentState.DISPATCHED, ShipmentState.DELIVERED)


@condition(_("The delivery address is missing."))
def has_address(shipment: "Shipment") -> bool:
    return bool(shipment.ship_to)


class Shipment(Document):
    """Packages of one order on their way to one address.

    `ship_to` is the address as it was when the shipment was planned. A shipment without a pick
    list performs the services of an order that has no goods.
    """

    lock_rank = Rank.GOODS_DOCUMENT
    other_events = {
        "planned": _("Planned"),
        "carrier_set": _("Carrier set"),
    }
    fact_words = {
        "order": _("Order"),
        "packages": _("Packages"),
        "lines": _("Lines"),
        "tracking": _("Tracking"),
        "delivered_at": _("Delivered at"),
        "signed_by": _("Signed by"),
        "refused": _("Refused"),
        "put_back": _("Put back"),
        "reason": _("Reason"),
    }

    number = number_from_id("SH")
    state = StateField(ShipmentState, default=ShipmentState.PLANNED)
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="shipments", verbose_name=_("order")
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    pick_list = models.ForeignKey(
        "fulfillment.PickList",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shipments",
        verbose_name=_("pick list"),
    )
    warehouse = models.ForeignKey(
        "masters.Warehouse", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    ship_to = models.JSONField(_("ship to"), default=dict)
    carrier = models.ForeignKey(
        "masters.Carrier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("carrier"),
    )
    service = models.ForeignKey(
        "masters.CarrierService",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service"),
    )
    tracking = models.CharField(_("tracking number"), max_length=60, blank=True)
    expected_date = DayField(_("expected on"), kind=DayKind.PLANNED, null=True, blank=True)
    weight_kg = QuantityField(_("weight, kg"), default=0)
    package_count = models.PositiveIntegerField(_("packages"), default=0)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)

    history = CommercialHistory(excluded_fields=("number", "state", "version", "dispatched_at"))

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = [
            state_known(ShipmentState, "shipping_shipment_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=SHIPPED_STATES, dispatched_at__isnull=False)
                | (~Q(state__in=SHIPPED_STATES) & Q(dispatched_at__isnull=True)),
                name="shipping_shipment_dispatched_when_shipped",
            ),
            models.CheckConstraint(
                condition=Q(service__isnull=True) | Q(carrier__isnull=False),
                name="shipping_shipment_service_of_a_carrier",
            ),
            models.CheckConstraint(
                condition=Q(tracking="") | Q(carrier__isnull=False),
                name="shipping_shipment_tracking_of_a_carrier",
            ),
            models.CheckConstraint(condition=Q(weight_kg__gte=0), name="shipping_shipment_weight"),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="shipping_shipment_by_customer"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_moves_as_declared",
                field="state",
                transitions=[
                    ("planned", "dispatched"),
                    ("planned", "cancelled"),
                    ("dispatched", "delivered"),
                ],
            ),
            pgtrigger.Protect(
                name="shipped_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('dispatched', 'delivered') AND "
                    "(OLD.order_id, OLD.pick_list_id, OLD.ship_to, OLD.dispatched_at) "
                    "IS DISTINCT FROM "
                    "(NEW.order_id, NEW.pick_list_id, NEW.ship_to, NEW.dispatched_at)"
                ),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    @step(
        ShipmentState.PLANNED,
        ShipmentState.DISPATCHED,
        label=_("Dispatch"),
        event="dispatched",
        past=_("Dispatched"),
        conditions=[has_address],
    )
    def dispatch(self) -> None:
        """The carrier has the goods; they have left our stock."""

    @step(
        ShipmentState.DISPATCHED,
        ShipmentState.DELIVERED,
        label=_("Record delivery"),
        event="delivered",
        past=_("Delivered"),
    )
    def deliver(self) -> None:
        """The customer has signed for it."""

    @step(
        ShipmentState.PLANNED,
        ShipmentState.CANCELLED,
        label=_("Cancel"),
        event="cancelled",
        past=_("Cancelled"),
    )
    def cancel(self) -> None:
        """The packages stay here and can be shipped another way."""

    @property
    def tracking_link(self) -> str:
        """Where the customer follows this shipment; empty when the carrier has no link."""
        return self.carrier.tracking_link(self.tracking) if self.carrier else ""

    @property
    def ship_to_lines(self) -> list[str]:
        """The address as printed, name first."""
        name = self.ship_to.get("name")
        return [*([name] if name else []), *address_lines(self.ship_to)]


class ShipmentContent(models.Model):
    """A line of a package that travels with a shipment.

    `live` ends when the shipment is cancelled; a packed quantity is in one live shipment at most.
    """

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="contents")
    package_line = models.ForeignKey(
        "fulfillment.PackageLine", models.PROTECT, related_name="shipment_contents"
    )
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("shipment content")
        verbose_name_plural = _("shipment contents")
        constraints = [
            models.UniqueConstraint(
                fields=["package_line"],
                condition=Q(live=True),
                name="shipping_shipmentcontent_shipped_once",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="content_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("shipment", "package_line"),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}/{self.package_line_id}"


class ShipmentLine(models.Model):
    """So much of one order line that has left with this shipment, in the item's stock unit.

    Written at dispatch and frozen. `cost` is what left stock for it, in base currency, and
    `unit_cost` explains it; both are 0 for services. The counters say what became of the goods:
    `refused` at the door, `announced` on their way back, `returned`, and `invoiced`, which the
    billing stage keeps.
    """

    lock_rank = Rank.GOODS_DOCUMENT

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(
        "orders.OrderLine", models.PROTECT, related_name="shipment_lines"
    )
    item = models.ForeignKey("masters.Item", models.PROTECT, related_name="+")
    quantity = QuantityField(_("quantity"))
    cost = AmountField(_("cost"), default=0)
    unit_cost = PriceField(_("unit cost"), default=0)
    refused = QuantityField(_("refused"), default=0)
    announced = QuantityField(_("return announced"), default=0)
    returned = QuantityField(_("returned"), default=0)
    invoiced = QuantityField(_("invoiced"), default=0)

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "order_line"], name="shipping_shipmentline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="shipping_shipmentline_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(cost__gte=0, unit_cost__gte=0), name="shipping_shipmentline_cost"
            ),
            models.CheckConstraint(
                condition=Q(refused__gte=0, refused__lte=F("quantity")),
                name="shipping_shipmentline_refused_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(
                    announced__gte=0,
                    returned__gte=0,
                    quantity__gte=F("announced") + F("returned"),
                ),
                name="shipping_shipmentline_returned_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(invoiced__gte=0, invoiced__lte=F("quantity")),
                name="shipping_shipmentline_invoiced_within_quantity",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="what_is_shipped_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "shipment", "order_line", "item", "quantity", "cost", "unit_cost"
                ),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}/{self.order_line_id}"

    @property
    def accepted(self) -> Decimal:
        """What the customer kept at the door."""
        return self.quantity - self.refused

    @property
    def returnable(self) -> Decimal:
        """What can still be announced as a return."""
        return rules.returnable(self.quantity, self.announced, self.returned)

    def cost_of(self, quantity: Decimal, before: Decimal, currency: str) -> Decimal:
        """The cost, in base currency, of `quantity` units that follow `before` others.

        The parts of a line add up to its cost exactly.
        """
        return rules.cost_of_part(self.cost, self.quantity, before, before + quantity, currency)


class ProofOfDelivery(models.Model):
    """Who took the goods, when, and how much of them.

    `accepted` maps the shipment line's key to `{"accepted": "3", "refused": "1", "reason": ".."}`.
    """

    shipment = models.OneToOneField(Shipment, models.PROTECT, related_name="proof")
    signed_by = models.CharField(_("signed by"), max_length=200)
    signature = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    delivered_at = models.DateTimeField(_("delivered at"))
    accepted = models.JSONField(_("accepted"), default=dict)
    note = models.CharField(_("note"), max_length=500, blank=True)
    recorded_by = models.CharField(max_length=150)

    class Meta:
        verbose_name = _("proof of delivery")
        verbose_name_plural = _("proofs of delivery")
        constraints = [
            models.CheckConstraint(
                condition=~Q(signed_by=""), name="shipping_proofofdelivery_signed"
            )
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return self.signed_by
