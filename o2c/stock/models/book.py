"""Balance, Move, Reservation.

Moves and reservations are the facts; the counters of a balance follow them by trigger and by
nothing else, so no code can forget them and none can set them. CHECKs refuse what cannot be.
"""

from decimal import Decimal

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.fields import AmountField, PriceField, QuantityField
from o2c.core.triggers import append_only
from o2c.masters.rules.ranks import Rank

#: Locks the touched balances in primary key order, so that two writers never wait in a circle.
_LOCK_TOUCHED = """
    PERFORM 1 FROM stock_balance WHERE id IN (SELECT balance_id FROM new_rows)
    ORDER BY id FOR NO KEY UPDATE;
"""

_NEW_ROWS = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]
_BOTH_ROWS = pgtrigger.Referencing(  # type: ignore[no-untyped-call]
    old="old_rows", new="new_rows"
)

_GUARD = "RAISE EXCEPTION 'stock_balance: counters follow moves and reservations only';"


class Balance(models.Model):
    """How much of an item (and lot) lies at a location, and how much of it is spoken for.

    Quantities in the item's stock unit; `value` is what the goods on hand cost, base currency.
    """

    item = models.ForeignKey("masters.Item", models.PROTECT, related_name="+")
    location = models.ForeignKey("masters.Location", models.PROTECT, related_name="+")
    lot = models.CharField(_("lot"), max_length=40, blank=True)
    on_hand = QuantityField(_("on hand"), default=0)
    reserved = QuantityField(_("reserved"), default=0)
    value = AmountField(_("value"), default=0)

    lock_rank = Rank.STOCK_BALANCE

    class Meta:
        verbose_name = _("stock balance")
        verbose_name_plural = _("stock balances")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "location", "lot"], name="stock_balance_one_per_place"
            ),
            ExclusionConstraint(
                # A lot has one spelling, wherever goods of it lie.
                name="stock_balance_lot_in_one_spelling",
                expressions=[
                    ("item", RangeOperators.EQUAL),
                    (Upper("lot"), RangeOperators.EQUAL),
                    ("lot", RangeOperators.NOT_EQUAL),
                ],
                condition=~Q(lot=""),
                violation_error_message=_("This lot is on record in other capitals."),
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")),
                name="stock_balance_reserved_within_on_hand",
            ),
            models.CheckConstraint(
                condition=Q(value=0) | Q(value__gt=0, on_hand__gt=0),
                name="stock_balance_value_needs_goods",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="counters_follow",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "pg_trigger_depth() = 0 AND (OLD.on_hand, OLD.reserved, OLD.value) "
                    "IS DISTINCT FROM (NEW.on_hand, NEW.reserved, NEW.value)"
                ),
                func=_GUARD,
            ),
            pgtrigger.Trigger(
                name="begins_empty",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition(
                    "NEW.on_hand <> 0 OR NEW.reserved <> 0 OR NEW.value <> 0"
                ),
                func=_GUARD,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.item} @ {self.location}" + (f" ({self.lot})" if self.lot else "")

    @property
    def free(self) -> Decimal:
        """On hand and not reserved."""
        return Decimal(self.on_hand - self.reserved)


class MoveKind(models.TextChoices):
    RECEIVE = "receive", _("received")
    ISSUE = "issue", _("issued")
    RETURN = "return", _("returned")
    TRANSFER = "transfer", _("transferred")
    ADJUST = "adjust", _("adjusted")
    COUNT = "count", _("counted")


class Move(models.Model):
    """Goods came to a balance (quantity > 0) or left it. Append-only, the source of `on_hand`.

    `value` is in base currency with the quantity's sign; `unit_cost` explains it; `on_hand_after`
    is what then lay there. The source is the document that moved the goods and, where it has
    lines, the line.
    """

    balance = models.ForeignKey(Balance, models.PROTECT, related_name="moves")
    kind = models.CharField(_("kind"), max_length=10, choices=MoveKind)
    quantity = QuantityField(_("quantity"))
    unit_cost = PriceField(_("unit cost"))
    value = AmountField(_("value"))
    on_hand_after = QuantityField(_("on hand after"))
    source_type = models.CharField(max_length=60)  # app.model, e.g. shipping.shipment
    source_id = models.BigIntegerField()
    line_id = models.BigIntegerField(null=True)  # the source's line
    moved_at = models.DateTimeField(_("moved at"), default=clock.now)
    moved_by = models.CharField(_("moved by"), max_length=150)

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        constraints = [
            models.UniqueConstraint(
                # The same shipment line never leaves twice.
                fields=["source_type", "line_id", "balance"],
                condition=Q(line_id__isnull=False),
                name="stock_move_line_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MoveKind.values), name="stock_move_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, value__gte=0) | Q(quantity__lt=0, value__lte=0),
                name="stock_move_signs_agree",
            ),
            models.CheckConstraint(
                condition=Q(unit_cost__gte=0), name="stock_move_cost_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(source_type="") & ~Q(moved_by=""), name="stock_move_has_source"
            ),
        ]
        indexes = [models.Index(fields=["source_type", "source_id"], name="stock_move_source")]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="count_on_hand",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=_NEW_ROWS,
                func=_LOCK_TOUCHED
                + """
                UPDATE stock_balance AS b
                SET on_hand = b.on_hand + d.quantity, value = b.value + d.value
                FROM (
                    SELECT balance_id, sum(quantity) AS quantity, sum(value) AS value
                    FROM new_rows GROUP BY balance_id
                ) AS d
                WHERE b.id = d.balance_id;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity:+f}"


class ReservationState(models.TextChoices):
    ACTIVE = "active", _("active")
    CONSUMED = "consumed", _("consumed")
    RELEASED = "released", _("released")


class Reservation(models.Model):
    """What a demand (an order line) holds at a balance, and what became of it.

    `quantity` is held now; `consumed` has left the warehouse; `released` was given back.
    """

    source_type = models.CharField(max_length=60, default="orders.orderline")
    source_id = models.BigIntegerField()
    balance = models.ForeignKey(Balance, models.PROTECT, related_name="reservations")
    quantity = QuantityField()
    consumed = QuantityField(default=0)
    released = QuantityField(default=0)
    state = models.GeneratedField(
        expression=Case(
            When(quantity__gt=0, then=Value(ReservationState.ACTIVE.value)),
            When(consumed__gt=0, then=Value(ReservationState.CONSUMED.value)),
            default=Value(ReservationState.RELEASED.value),
        ),
        output_field=models.CharField(max_length=10, choices=ReservationState),
        db_persist=True,
    )
    reserved_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "balance"],
                name="stock_reservation_one_per_place",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, consumed__gte=0, released__gte=0),
                name="stock_reservation_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["balance"], condition=Q(quantity__gt=0), name="stock_reservation_active"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="count_reserved",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=_NEW_ROWS,
                func=_LOCK_TOUCHED
                + """
                UPDATE stock_balance AS b SET reserved = b.reserved + d.quantity
                FROM (
                    SELECT balance_id, sum(quantity) AS quantity FROM new_rows GROUP BY balance_id
                ) AS d
                WHERE b.id = d.balance_id;
                RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="recount_reserved",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=_BOTH_ROWS,
                func=_LOCK_TOUCHED
                + """
                UPDATE stock_balance AS b SET reserved = b.reserved + d.quantity
                FROM (
                    SELECT balance_id, sum(quantity) AS quantity FROM (
                        SELECT balance_id, quantity FROM new_rows
                        UNION ALL SELECT balance_id, -quantity FROM old_rows
                    ) AS both_rows GROUP BY balance_id
                ) AS d
                WHERE b.id = d.balance_id AND d.quantity <> 0;
                RETURN NULL;
                """,
            ),
            pgtrigger.Protect(
                name="stays_in_place",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__balance__df=pgtrigger.F("new__balance"))
                | pgtrigger.Q(old__source_id__df=pgtrigger.F("new__source_id"))
                | pgtrigger.Q(old__source_type__df=pgtrigger.F("new__source_type")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.source_type} {self.source_id}"
