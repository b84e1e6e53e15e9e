"""What the warehouse does for an order: lists to walk, lines to pick, packages to close."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.fields import QuantityField
from o2c.core.models import Document
from o2c.core.states import StateField, number_from_id, state_known, step, tones
from o2c.core.triggers import append_only
from o2c.masters.rules.ranks import Rank


class PickListState(models.TextChoices):
    PLANNED = "planned", _("Ready")
    PICKING = "picking", _("Picking")
    PICKED = "picked", _("Picked")
    PACKED = "packed", _("Packed")
    CANCELLED = "cancelled", _("Cancelled")

    tones = tones(
        planned="info list",
        picking="active hand",
        picked="success square-check",
        packed="info package",
        cancelled="neutral ban",
    )


#: Work in the warehouse that can still be called off there.
OPEN_STATES = (PickListState.PLANNED, PickListState.PICKING, PickListState.PICKED)


class ShortReason(models.TextChoices):
    """Why a picker came back with less than the list asked for."""

    NOT_HERE = "not_here", _("Not here")
    FEWER = "fewer", _("Fewer than needed")
    DAMAGED = "damaged", _("Damaged")
    UNREACHABLE = "unreachable", _("Cannot be reached")


#: Reasons that make the book doubtful: the location must be counted.
COUNT_REASONS = (ShortReason.NOT_HERE, ShortReason.FEWER, ShortReason.DAMAGED)


class PickList(Document):
    """The goods of one order to be fetched in one warehouse, in walking order."""

    lock_rank = Rank.GOODS_DOCUMENT
    other_events = {
        "planned": _("Planned"),
        "line_picked": _("Line picked"),
        "trimmed": _("Trimmed"),
        "part_unpacked": _("Part unpacked"),
    }
    fact_words = {
        "order": _("Order"),
        "picker": _("Picker"),
        "lines": _("Lines"),
        "short": _("Short"),
        "called_off": _("Called off"),
        "packages": _("Packages"),
        "weight_kg": _("Weight, kg"),
        "reason": _("Reason"),
    }

    number = number_from_id("PL")
    state = StateField(PickListState, default=PickListState.PLANNED)
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="pick_lists", verbose_name=_("order")
    )
    warehouse = models.ForeignKey(
        "masters.Warehouse", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    picker = models.CharField(_("picker"), max_length=150, blank=True)  # username

    class Meta:
        verbose_name = _("pick list")
        verbose_name_plural = _("pick lists")
        constraints = [
            state_known(PickListState, "fulfillment_picklist_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=[PickListState.PLANNED, PickListState.CANCELLED])
                | ~Q(picker=""),
                name="fulfillment_picklist_picker_named",
            ),
        ]
        indexes = [
            models.Index(
                fields=["warehouse", "id"],
                condition=Q(state__in=[PickListState.PLANNED, PickListState.PICKING]),
                name="fulfillment_picklist_to_pick",
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_moves_as_declared",
                field="state",
                transitions=[
                    ("planned", "picking"),
                    ("planned", "picked"),
                    ("planned", "cancelled"),
                    ("picking", "planned"),
                    ("picking", "picked"),
                    ("picking", "cancelled"),
                    ("picked", "packed"),
                    ("picked", "cancelled"),
                    ("packed", "cancelled"),
                ],
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    @step(
        PickListState.PLANNED,
        PickListState.PICKING,
        label=_("Start picking"),
        event="picking_started",
        past=_("Picking started"),
    )
    def start(self) -> None:
        """One picker takes the list; nobody else can pick it."""

    @step(
        PickListState.PICKING,
        PickListState.PLANNED,
        label=_("Put back"),
        event="put_back",
        past=_("Put back"),
    )
    def put_back(self) -> None:
        """Return the list to the pool, with what is picked so far."""

    @step(
        [PickListState.PLANNED, PickListState.PICKING],
        PickListState.PICKED,
        label=_("Confirm picks"),
        event="picked",
        past=_("Picked"),
    )
    def confirm(self) -> None:
        """Every line is picked, in full or short with a reason."""

    @step(
        PickListState.PICKED,
        PickListState.PACKED,
        label=_("Pack"),
        event="packed",
        past=_("Packed"),
    )
    def pack(self) -> None:
        """What was picked lies in closed packages, ready to be shipped."""

    @step(
        OPEN_STATES,
        PickListState.CANCELLED,
        label=_("Cancel"),
        event="cancelled",
        past=_("Cancelled"),
    )
    def cancel(self) -> None:
        """Give the goods back to the shelf; the order line is open again."""

    @step(
        PickListState.PACKED,
        PickListState.CANCELLED,
        label=_("Unpack"),
        event="unpacked",
        past=_("Unpacked"),
    )
    def unpack(self) -> None:
        """Open every package and give the goods back; nothing of the list will be shipped."""


class PickLine(models.Model):
    """One stop: take `quantity` of an item from one location for one order line.

    Quantities are in the item's stock unit. A short pick lowers nothing here: `picked` stays
    below `quantity` and the reason says why. A stop whose quantity is 0 was called off.
    """

    lock_rank = Rank.GOODS_DOCUMENT

    pick_list = models.ForeignKey(PickList, models.PROTECT, related_name="lines")
    sequence = models.PositiveIntegerField(_("stop"))  # in walking order, from 1
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, related_name="pick_lines")
    item = models.ForeignKey("masters.Item", models.PROTECT, related_name="+")
    location = models.ForeignKey("masters.Location", models.PROTECT, related_name="+")
    balance = models.ForeignKey("stock.Balance", models.PROTECT, related_name="+")
    quantity = QuantityField(_("to pick"))
    picked = QuantityField(_("picked"), default=0)
    short_reason = models.CharField(
        _("short because"), max_length=12, choices=ShortReason, blank=True
    )
    short_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("pick line")
        verbose_name_plural = _("pick lines")
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["pick_list", "sequence"], name="fulfillment_pickline_sequence_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0), name="fulfillment_pickline_quantity_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(picked__gte=0, picked__lte=F("quantity")),
                name="fulfillment_pickline_picked_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(short_reason__in=["", *ShortReason.values]),
                name="fulfillment_pickline_short_reason_known",
            ),
            models.CheckConstraint(
                condition=Q(short_reason="", short_at__isnull=True)
                | (~Q(short_reason="") & Q(picked__lt=F("quantity"), short_at__isnull=False)),
                name="fulfillment_pickline_short_when_reasoned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}"

    @property
    def is_done(self) -> bool:
        """Picked in full, or short with a reason."""
        return self.picked == self.quantity or bool(self.short_reason)

    @property
    def held(self) -> Decimal:
        """What this stop holds for its order line: picked, or still to be picked."""
        return self.picked if self.is_done else self.quantity


class Package(models.Model):
    """A closed carton or pallet with what is in it. `weight_kg` is what the scale said."""

    lock_rank = Rank.GOODS_DOCUMENT

    number = number_from_id("PK")
    pick_list = models.ForeignKey(PickList, models.PROTECT, related_name="packages")
    weight_kg = QuantityField(_("weight, kg"))
    sscc = models.CharField(
        "SSCC", max_length=18, blank=True, help_text=_("Serial shipping container code.")
    )
    unpacked = models.BooleanField(default=False)  # opened again, the goods back on the shelf
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.CharField(max_length=150, editable=False)

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = [
            models.CheckConstraint(
                condition=Q(weight_kg__gte=0), name="fulfillment_package_weight"
            ),
            models.CheckConstraint(
                condition=Q(sscc__regex="^([0-9]{18})?$"), name="fulfillment_package_sscc_form"
            ),
            models.UniqueConstraint(
                fields=["sscc"], condition=~Q(sscc=""), name="fulfillment_package_sscc_once"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("pick_list", "weight_kg", "sscc"),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number


class PackageLine(models.Model):
    """So much of a pick line lies in this package."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="lines")
    pick_line = models.ForeignKey(PickLine, models.PROTECT, related_name="package_lines")
    quantity = QuantityField(_("quantity"))

    class Meta:
        verbose_name = _("package line")
        verbose_name_plural = _("package lines")
        constraints = [
            models.UniqueConstraint(
                fields=["package", "pick_line"], name="fulfillment_packageline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="fulfillment_packageline_quantity_positive"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.package_id}/{self.pick_line_id}"
