"""The order: its head and its machine."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE
from djmoney.money import Money

from o2c.core.days import DayKind
from o2c.core.expressions import number_key_of, search_index
from o2c.core.fields import AmountField, DayField, RateField
from o2c.core.history import CommercialHistory
from o2c.core.models import Document, DocumentQuerySet
from o2c.core.money import round_amount
from o2c.core.states import Amount, StateField, condition, number_from_id, state_known, step
from o2c.masters.models import BillingPolicy, DeliveryPolicy
from o2c.masters.rules.ranks import Rank
from orders.models.states import BILLED, CLOSED, GRANTED, Channel, HoldKind, OrderState

S = OrderState


@condition(_("The order has no lines."))
def has_lines(order: "Order") -> bool:
    return order.line_count > 0


@condition(_("It is on credit hold: the credit manager decides."))
def is_not_held_by_credit(order: "Order") -> bool:
    return order.hold_kind != HoldKind.CREDIT


@condition(_("It is held by hand: resume it first."))
def is_not_held_by_hand(order: "Order") -> bool:
    return order.hold_kind != HoldKind.MANUAL


class OrderQuerySet(DocumentQuerySet):
    def needing_review(self) -> Self:
        """Handed in with mismatches that a person must look at."""
        return self.filter(state__in=[S.DRAFT, S.SUBMITTED]).exclude(review_notes=[])

    def open(self) -> Self:
        """Those somebody still has work with."""
        return self.exclude(state__in=CLOSED)


class Order(Document):
    """What a customer asked for and we promised. All amounts are in `currency`.

    `exchange_rate` is the base currency for one unit of it, frozen when the order was captured.
    With `tax_included` unit prices and line amounts contain the tax; `net` on lines never does.
    `untaxed_percent` is left out of the tax: the early discount of terms that always reduce it.
    Every writer of an order's lines holds the lock on the order.
    """

    lock_rank = Rank.ORDER
    other_events = {
        "captured": _("Captured"),
        "edited": _("Edited"),
        "review_noted": _("Review noted"),
        "amended": _("Amended"),
        "promised": _("Promised"),
        "hold_changed": _("Hold changed"),
    }
    fact_words = {
        "gross": Amount(_("Total")),
        "before": Amount(_("Before")),
        "lines": _("Lines"),
        "reason": _("Reason"),
        "promised": _("Promised for"),
        "promised_before": _("Promised before"),
        "reviewed": _("Looked at"),
        "kind": _("Kind"),
        "hold_reason": _("Reason"),
    }

    number = number_from_id("SO")
    state = StateField(OrderState, default=S.DRAFT, verbose_name=_("state"))
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    ship_to = models.ForeignKey(
        "masters.Address", models.PROTECT, related_name="+", verbose_name=_("ship to")
    )
    bill_to = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("bill to")
    )
    payer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("payer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    exchange_rate = RateField(_("exchange rate"), default=1)
    terms = models.ForeignKey(
        "masters.PaymentTerms", models.PROTECT, related_name="+", verbose_name=_("payment terms")
    )
    warehouse = models.ForeignKey(
        "masters.Warehouse", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    billing_policy = models.CharField(_("billing"), max_length=10, choices=BillingPolicy)
    delivery_policy = models.CharField(_("delivery"), max_length=10, choices=DeliveryPolicy)
    order_date = DayField(_("ordered"), kind=DayKind.PAST)
    requested_date = DayField(_("requested for"), kind=DayKind.PLANNED, null=True, blank=True)
    promised_date = DayField(_("promised for"), kind=DayKind.PLANNED, null=True, blank=True)
    customer_reference = models.CharField(_("customer's order number"), max_length=64, blank=True)
    #: see rules.drafts.reference_key: how a second coming is recognised
    reference_key = models.CharField(max_length=64, blank=True, editable=False)
    #: the customer's policy when it was captured: whether the database refuses a second one
    reference_once = models.BooleanField(default=False, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.ENTRY)
    #: the order's key in the file or system it came from; makes an import repeatable
    source_reference = models.CharField(_("source key"), max_length=100, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    tax_included = models.BooleanField(_("prices include tax"), default=False)
    untaxed_percent = RateField(_("left out of the tax, %"), default=0)
    #: what was agreed to come off the whole order; `discount_amount` is what its lines carry now
    agreed_discount = AmountField(default=0, editable=False)
    discount_amount = AmountField(_("document discount"), default=0)
    net = AmountField(_("net"), default=0)
    tax = AmountField(_("tax"), default=0)
    gross = AmountField(_("total"), default=0)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    has_goods = models.BooleanField(default=False, editable=False)  # else services only
    #: mismatches found when it came in, as {"code": ..., values}; see queries.review_sentences
    review_notes = models.JSONField(_("to review"), default=list, blank=True)
    hold_kind = models.CharField(_("hold"), max_length=10, choices=HoldKind, blank=True)
    hold_reason = models.CharField(_("hold reason"), max_length=500, blank=True)
    held_from = models.CharField(max_length=20, blank=True, editable=False)
    fulfillment_started = models.BooleanField(default=False, editable=False)

    history = CommercialHistory(
        excluded_fields=(
            *("number", "state", "version", "reference_key", "reference_once", "review_notes"),
            *("hold_kind", "hold_reason", "held_from", "fulfillment_started"),
            *("line_count", "has_goods", "created_at", "created_by"),
        )
    )
    objects = OrderQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            state_known(OrderState, "orders_order_state_known"),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("tax")), name="orders_order_gross_is_net_and_tax"
            ),
            models.CheckConstraint(
                condition=Q(discount_amount__gte=0, net__gte=0, tax__gte=0),
                name="orders_order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(untaxed_percent__gte=0, untaxed_percent__lt=100),
                name="orders_order_untaxed_percent",
            ),
            models.CheckConstraint(
                condition=Q(exchange_rate__gt=0), name="orders_order_exchange_rate_positive"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="orders_order_currency_iso"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="orders_order_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(billing_policy__in=BillingPolicy.values)
                & Q(delivery_policy__in=DeliveryPolicy.values),
                name="orders_order_policies_known",
            ),
            models.CheckConstraint(
                condition=Q(state=S.ON_HOLD, hold_kind__in=HoldKind.values)
                | (~Q(state=S.ON_HOLD) & Q(hold_kind="")),
                name="orders_order_hold_has_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.ON_HOLD) | ~Q(hold_reason=""),
                name="orders_order_hold_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.DRAFT, S.CANCELLED]) | Q(line_count__gt=0),
                name="orders_order_has_lines",
            ),
            models.UniqueConstraint(
                fields=["customer", "reference_key"],
                condition=Q(reference_once=True) & ~Q(reference_key="") & ~Q(state=S.CANCELLED),
                name="orders_order_reference_once",
            ),
            models.UniqueConstraint(
                fields=["customer", "channel", "source_reference"],
                condition=~Q(source_reference=""),
                name="orders_order_source_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["payer"],
                condition=Q(state__in=[*GRANTED, S.CONFIRMED, S.ON_HOLD]),
                name="orders_order_exposed",
            ),
            models.Index(fields=["customer", "reference_key"], name="orders_order_reference"),
            models.Index(fields=["order_date"], name="orders_order_date"),
            models.Index(
                number_key_of("customer_reference"),
                condition=~Q(customer_reference=""),
                name="orders_order_reference_named",
            ),
            search_index("orders_order_search", "number", "customer_reference"),
        ]

    @step(
        S.DRAFT,
        S.SUBMITTED,
        label=_("Submit"),
        event="submitted",
        past=_("Submitted"),
        conditions=[has_lines],
    )
    def submit(self) -> None:
        """Hand the order in for review."""

    @step(
        S.SUBMITTED,
        S.CONFIRMED,
        label=_("Confirm"),
        event="confirmed",
        past=_("Confirmed"),
        conditions=[has_lines],
    )
    def confirm(self) -> None:
        """Promise the order to the customer; credit is checked next."""

    @step(
        [S.CONFIRMED, S.ON_HOLD],
        GET_STATE(
            lambda order: S.IN_FULFILLMENT if order.fulfillment_started else S.RELEASED,
            states=[S.RELEASED, S.IN_FULFILLMENT],
        ),
        label=_("Release"),
        event="released",
        past=_("Released"),
        conditions=[is_not_held_by_hand],
    )
    def release(self) -> None:
        """Let the warehouse have it, after credit was granted."""
        self.hold_kind = self.hold_reason = ""

    @step(
        [S.CONFIRMED, S.RELEASED, S.IN_FULFILLMENT],
        S.ON_HOLD,
        label=_("Hold"),
        event="held",
        past=_("Put on hold"),
    )
    def hold(self) -> None:
        """Stop picking and shipping until somebody resumes it."""
        self.held_from = self.state

    @step(
        S.ON_HOLD,
        GET_STATE(
            lambda order: order.held_from, states=[S.CONFIRMED, S.RELEASED, S.IN_FULFILLMENT]
        ),
        label=_("Resume"),
        event="resumed",
        past=_("Resumed"),
        conditions=[is_not_held_by_credit],
    )
    def resume(self) -> None:
        """End a hold; the order goes on where it stood."""
        self.hold_kind = self.hold_reason = ""

    @step(
        S.RELEASED,
        S.IN_FULFILLMENT,
        label=_("Start fulfillment"),
        event="fulfillment_started",
        past=_("Fulfillment started"),
    )
    def start_fulfillment(self) -> None:
        """The first goods are set aside for it."""
        self.fulfillment_started = True

    @step(
        [S.CONFIRMED, S.ON_HOLD, S.RELEASED, S.IN_FULFILLMENT],
        S.SHIPPED,
        label=_("Ship"),
        event="shipped",
        past=_("Shipped"),
    )
    def ship(self) -> None:
        """Everything that is not cancelled has left the warehouse. Moved by the numbers."""
        self.hold_kind = self.hold_reason = ""

    @step(S.SHIPPED, S.INVOICED, label=_("Invoice"), event="invoiced", past=_("Invoiced"))
    def invoice(self) -> None:
        """Everything shipped and kept is billed. Moved by the numbers."""

    @step(S.INVOICED, S.PAID, label=_("Pay"), event="paid", past=_("Paid"))
    def pay(self) -> None:
        """Every invoice of it is settled. Moved by the numbers."""

    @step(S.PAID, S.RECONCILED, label=_("Reconcile"), event="reconciled", past=_("Reconciled"))
    def reconcile(self) -> None:
        """The last cent is matched with the bank. Moved by the numbers."""

    @step(
        [S.PAID, S.RECONCILED],
        S.INVOICED,
        label=_("Unsettle"),
        event="unsettled",
        past=_("Unsettled"),
    )
    def unsettle(self) -> None:
        """A payment was taken back: something billed is open again. Moved by the numbers."""

    @step(
        S.RECONCILED,
        S.PAID,
        label=_("Back to paid"),
        event="unreconciled",
        past=_("No longer reconciled"),
    )
    def unreconcile(self) -> None:
        """Something is owed back, or the bank no longer knows a payment. Moved by the numbers."""

    @step(
        BILLED,
        S.SHIPPED,
        label=_("Back to billing"),
        event="unbilled",
        past=_("To be billed again"),
    )
    def unbill(self) -> None:
        """A correction took a bill back: there is something to bill again. Moved by the numbers."""

    @step(
        [S.RELEASED, S.IN_FULFILLMENT, S.SHIPPED, S.INVOICED],
        S.CONFIRMED,
        label=_("Reopen"),
        event="reopened",
        past=_("Reopened"),
    )
    def reopen(self) -> None:
        """There is more to deliver or it costs more than was granted: credit is checked again."""

    @step(
        [S.DRAFT, S.SUBMITTED, S.CONFIRMED, S.ON_HOLD, S.RELEASED, S.IN_FULFILLMENT],
        S.CANCELLED,
        label=_("Cancel"),
        event="cancelled",
        past=_("Cancelled"),
    )
    def cancel(self) -> None:
        """Nothing of it will be delivered."""
        self.hold_kind = self.hold_reason = ""

    @property
    def is_held_by_credit(self) -> bool:
        """Whether the credit manager decides what happens next."""
        return self.hold_kind == HoldKind.CREDIT

    @property
    def total(self) -> Money:
        """The gross total in the currency's minor unit, as people and events state it."""
        return Money(round_amount(self.gross, self.currency), self.currency)
