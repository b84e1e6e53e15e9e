"""What money and credits are used for."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.models import Document
from o2c.core.states import StateField, number_from_id, state_known, step, tones
from o2c.core.triggers import append_only
from o2c.masters.rules.ranks import Rank
from receivables.models.items import OpenItem
from receivables.models.payments import Payment


class CreditApplicationState(models.TextChoices):
    APPLIED = "applied", _("applied")
    REVERSED = "reversed", _("reversed")

    tones = tones(
        applied="success link",
        reversed="neutral undo-2",
    )


class CreditApplication(Document):
    """A credit of the customer used for what the customer owes. `amount` in `currency`."""

    lock_rank = Rank.MONEY_DOCUMENT
    other_events = {
        "applied": _("Applied"),
    }
    fact_words = {
        "credit": _("Credit"),
        "applied": _("Applied"),
        "items": _("Items"),
        "discount": _("Discount"),
        "further_items": _("Further items"),
        "reason": _("Reason"),
    }

    number = number_from_id("AC")
    state = StateField(CreditApplicationState, default=CreditApplicationState.APPLIED)
    credit_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="+", verbose_name=_("credit")
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))

    class Meta:
        verbose_name = _("applied credit")
        verbose_name_plural = _("applied credits")
        constraints = [
            state_known(CreditApplicationState, "receivables_creditapplication_state_known"),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="receivables_creditapplication_amount_positive"
            ),
        ]

    @step(
        CreditApplicationState.APPLIED,
        CreditApplicationState.REVERSED,
        label=_("Take back"),
        event="reversed",
        past=_("Reversed"),
    )
    def reverse(self) -> None:
        """Give the credit back to the customer's account and reopen what it had settled."""

    @property
    def money(self) -> Money:
        """The amount, for display."""
        return Money(self.amount, self.currency)


class Allocation(models.Model):
    """This much of a payment, a credit or a write-off settles this much of an open item.

    Dated twice: it counts from `effective_date`, it is known since `recorded_at`. Never
    changed: taking it back is a second row of opposite amounts that `reverses` it. `amount` and
    `discount` together come off the item (both negative for money paid back). `base_amount` is
    the base value that left the source, `base_cleared` the one that left the item; what is
    between them and `base_discount` is the realised exchange difference.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="allocations")
    credit_application = models.ForeignKey(
        CreditApplication, models.PROTECT, null=True, related_name="allocations"
    )
    credit_item = models.ForeignKey(
        OpenItem, models.PROTECT, null=True, related_name="uses_as_credit"
    )
    write_off = models.ForeignKey(
        "receivables.WriteOff", models.PROTECT, null=True, related_name="allocations"
    )
    open_item = models.ForeignKey(OpenItem, models.PROTECT, related_name="allocations")
    customer = models.ForeignKey("masters.Customer", models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = AmountField(_("amount"))
    discount = AmountField(_("discount"), default=0)
    discount_tax = AmountField(default=0)
    base_amount = AmountField()
    base_cleared = AmountField()
    base_discount = AmountField(default=0)
    base_discount_tax = AmountField(default=0)
    effective_date = DayField(_("counts from"), kind=DayKind.PAST)
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now)
    recorded_by = models.CharField(_("by"), max_length=150)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    payment__isnull=False,
                    credit_application__isnull=True,
                    credit_item__isnull=True,
                    write_off__isnull=True,
                )
                | Q(
                    payment__isnull=True,
                    credit_application__isnull=False,
                    credit_item__isnull=False,
                    write_off__isnull=True,
                )
                | Q(
                    payment__isnull=True,
                    credit_application__isnull=True,
                    credit_item__isnull=True,
                    write_off__isnull=False,
                ),
                name="receivables_allocation_one_source",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, discount__gte=0) | Q(amount__lte=0, discount__lte=0),
                name="receivables_allocation_one_sign",
            ),
            models.CheckConstraint(
                condition=~Q(amount=0, discount=0), name="receivables_allocation_not_nothing"
            ),
            models.CheckConstraint(
                condition=Q(credit_item__isnull=True) | ~Q(credit_item=F("open_item")),
                name="receivables_allocation_two_items",
            ),
        ]
        indexes = [
            models.Index(
                # Aging of a past day reads what came later from here alone.
                fields=["effective_date"],
                include=["open_item", "payment", "customer", "currency", "amount", "discount"],
                name="receivables_alloc_effective",
            ),
            models.Index(
                fields=["effective_date"],
                include=["credit_item", "amount"],
                condition=Q(credit_item__isnull=False),
                name="receivables_alloc_of_credit",
            ),
            models.Index(fields=["recorded_at"], name="receivables_alloc_recorded"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.cleared} {self.currency}"

    @property
    def cleared(self) -> Decimal:
        """By how much the item went down."""
        return self.amount + self.discount

    @property
    def exchange_difference(self) -> Decimal:
        """Realised, base currency: a gain is positive, a loss negative."""
        return self.base_amount + self.base_discount - self.base_cleared
