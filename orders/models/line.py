"""The order line: what is wanted at which price, and counters of how far it has come."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import CombinedExpression, Value
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField, PriceField, QuantityField, RateField
from o2c.core.history import CommercialHistory
from o2c.core.money import ZERO
from o2c.masters.rules.ranks import Rank
from orders.models.order import Order
from orders.rules import progress

COUNTERS = ("cancelled", "reserved", "picked", "shipped", "returned", "invoiced", "credited")


def _deliverable() -> CombinedExpression:
    """What may leave the warehouse at most: ordered less cancelled, plus the tolerance."""
    tolerance = (Value(Decimal(100)) + F("over_delivery_percent")) / Value(Decimal(100))
    return (F("quantity") - F("cancelled")) * tolerance


class OrderLine(models.Model):
    """One item of an order. Quantities in the item's stock unit, amounts in the order's currency.

    `unit_price` is for `price_per` stock units: those that are one `price_unit`, the unit ordered
    where that is another one. `amount` is price x what is wanted (ordered less cancelled) less
    `discount_percent`, in the order's price basis; `document_discount` is this line's share of the
    order's discount; `net` is what remains without tax. The counters are written by
    `orders.commands.record_*` and the database is their last referee: `shipped` and `invoiced`
    count everything that ever was, `returned` and `credited` what of it came back.
    """

    lock_rank = Rank.ORDER_LINE
    part_of, known_by = "order", "order__number"  # see o2c.web.sources

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", verbose_name=_("order"))
    line_number = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(
        "masters.Item", models.PROTECT, related_name="+", verbose_name=_("item")
    )
    description = models.CharField(_("description"), max_length=200)
    unit = models.ForeignKey(
        "masters.Unit", models.PROTECT, related_name="+", verbose_name=_("unit")
    )
    is_service = models.BooleanField(default=False, editable=False)
    quantity = QuantityField(_("ordered"))
    #: the most that was ordered before it was cut; the order's discount belongs to all of it
    once_ordered = QuantityField(default=0, editable=False)
    unit_price = PriceField(_("price"))
    price_per = RateField(_("price for"), default=1)
    price_unit = models.ForeignKey(
        "masters.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unit ordered"),
    )
    discount_percent = RateField(_("discount, %"), default=0)
    amount = AmountField(_("amount"))
    document_discount = AmountField(_("share of document discount"), default=0)
    net = AmountField(_("net"))
    tax_code = models.ForeignKey(
        "masters.TaxCode", models.PROTECT, related_name="+", verbose_name=_("tax code")
    )
    tax_category = models.CharField(_("tax category"), max_length=2)
    tax_percent = RateField(_("tax, %"))
    #: the decision as facts: profile, tax class, code and exemption reason
    tax_reason = models.JSONField(_("why this tax"), default=dict)
    #: the price decision step by step; see rules.pricing and queries.price_sentences
    price_steps = models.JSONField(_("why this price"), default=list)
    requested_date = DayField(_("requested for"), kind=DayKind.PLANNED, null=True, blank=True)
    promised_date = DayField(_("promised for"), kind=DayKind.PLANNED, null=True, blank=True)
    #: {"parts": [...], "terms": [...]}; see rules.promising and queries.promise_sentences
    promise = models.JSONField(_("why this date"), default=dict)
    over_delivery_percent = RateField(default=0, editable=False)
    under_delivery_percent = RateField(default=0, editable=False)

    cancelled = QuantityField(_("cancelled"), default=0)
    reserved = QuantityField(_("reserved"), default=0)
    picked = QuantityField(_("picked"), default=0)
    shipped = QuantityField(_("shipped"), default=0)
    returned = QuantityField(_("returned"), default=0)
    invoiced = QuantityField(_("invoiced"), default=0)
    credited = QuantityField(_("credited"), default=0)

    history = CommercialHistory(
        excluded_fields=(
            *COUNTERS,
            "once_ordered",
            "price_steps",
            "tax_reason",
            "promise",
            "promised_date",
        )
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "line_number"], name="orders_orderline_number_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="orders_orderline_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0), name="orders_orderline_unit_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(price_per__gt=0, price_unit__isnull=False)
                | Q(price_per=1, price_unit__isnull=True),
                name="orders_orderline_price_per_unit_ordered",
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__range=(0, 100)),
                name="orders_orderline_discount_percent",
            ),
            models.CheckConstraint(
                condition=Q(document_discount__gte=0, document_discount__lte=F("amount")),
                name="orders_orderline_document_discount_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(net__gte=0, net__lte=F("amount")), name="orders_orderline_net"
            ),
            models.CheckConstraint(
                condition=Q(tax_percent__range=(0, 100)), name="orders_orderline_tax_percent"
            ),
            models.CheckConstraint(
                condition=Q(over_delivery_percent__range=(0, 100))
                & Q(under_delivery_percent__range=(0, 100)),
                name="orders_orderline_tolerances",
            ),
            models.CheckConstraint(
                condition=Q(cancelled__gte=0, cancelled__lte=F("quantity")),
                name="orders_orderline_cancelled_within_ordered",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=_deliverable() - F("shipped")),
                name="orders_orderline_reserved_within_open",
            ),
            models.CheckConstraint(
                condition=Q(picked__gte=0, picked__lte=_deliverable()),
                name="orders_orderline_picked_within_ordered",
            ),
            models.CheckConstraint(
                condition=Q(shipped__gte=0, shipped__lte=F("picked")),
                name="orders_orderline_shipped_within_picked",
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("shipped")),
                name="orders_orderline_returned_within_shipped",
            ),
            models.CheckConstraint(
                condition=Q(invoiced__gte=0, invoiced__lte=F("shipped") + F("credited")),
                name="orders_orderline_invoiced_within_shipped",
            ),
            models.CheckConstraint(
                condition=Q(credited__gte=0, credited__lte=F("invoiced")),
                name="orders_orderline_credited_within_invoiced",
            ),
        ]
        indexes = [
            models.Index(
                # What still waits for goods: read whenever a date is promised.
                fields=["item"],
                condition=Q(quantity__gt=F("cancelled") + F("shipped") + F("reserved")),
                name="orders_orderline_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_number}: {self.description}"

    @property
    def numbers(self) -> progress.LineNumbers:
        """The quantities of this line as plain values for the rules."""
        counted = {name: getattr(self, name) for name in COUNTERS}
        return progress.LineNumbers(
            quantity=self.quantity,
            is_service=self.is_service,
            over_delivery_percent=self.over_delivery_percent,
            under_delivery_percent=self.under_delivery_percent,
            **counted,
        )

    @property
    def wanted_quantity(self) -> Decimal:
        """Ordered and not cancelled."""
        return self.quantity - self.cancelled

    @property
    def open_quantity(self) -> Decimal:
        """Still to leave the warehouse."""
        return max(self.quantity - self.cancelled - self.shipped, ZERO)

    @property
    def unreserved_quantity(self) -> Decimal:
        """Still to be set aside: open, less what is reserved. Services need nothing set aside."""
        return ZERO if self.is_service else max(self.open_quantity - self.reserved, ZERO)

    @property
    def billable_quantity(self) -> Decimal:
        """Shipped and kept, and not billed: what an invoice may take now."""
        return self.numbers.billable
