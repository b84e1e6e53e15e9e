"""Money that came (or went back), and what it was used for."""

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField
from djmoney.money import Money

from o2c.core import clock
from o2c.core.fields import AmountField
from o2c.core.models import Document
from o2c.core.states import Amount, StateField, number_from_id, state_known, step, tones
from o2c.core.triggers import append_only
from receivables.models.items import OpenItem

#: A MoneyField stands on no NaN-proof domain; NaN is greater than every number.
MOST_MONEY = Decimal(10) ** 15


class PaymentState(models.TextChoices):
    UNASSIGNED = "unassigned", _("payer unknown")
    RECEIVED = "received", _("on account")
    REVERSED = "reversed", _("reversed")

    tones = tones(
        unassigned="attention circle-question-mark",
        received="success banknote",
        reversed="neutral undo-2",
    )


class Direction(models.TextChoices):
    IN = "in", _("Received")
    OUT = "out", _("Paid back")


class PaymentMethod(models.TextChoices):
    TRANSFER = "transfer", _("Bank transfer")
    DIRECT_DEBIT = "direct_debit", _("Direct debit")
    CARD = "card", _("Card")
    CHEQUE = "cheque", _("Cheque")
    CASH = "cash", _("Cash")


class Payment(Document):
    """Money received from a customer, or paid back to one. What it is does not change.

    `amount` is positive either way; `allocated` of it is used for open items, the rest is
    unapplied cash of the customer. `value_date` decides about discounts, `posting_date` is the
    day in the books; the customer's account has it from `assigned_date` on.
    """

    lock_rank: ClassVar[int] = 90
    other_events = {
        "recorded": _("Recorded"),
        "settled": _("Settled"),
        "allocated": _("Allocated"),
        "unallocated": _("Unallocated"),
    }
    fact_words = {
        "amount": Amount(_("Amount")),
        "customer": _("Customer"),
        "reference": _("Reference"),
        "date": _("Day"),
        "applied": _("Applied"),
        "items": _("Items"),
        "discount": _("Discount"),
        "further_items": _("Further items"),
        "reopened": _("Open again"),
        "reason": _("Reason"),
    }

    number = number_from_id("PY")
    state = StateField(PaymentState, default=PaymentState.RECEIVED)
    direction = models.CharField(
        _("direction"), max_length=3, choices=Direction, default=Direction.IN
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    bank_account = models.ForeignKey(
        "masters.BankAccount", models.PROTECT, related_name="+", verbose_name=_("bank account")
    )
    amount = MoneyField(
        _("amount"), max_digits=19, decimal_places=4, currency_field_name="currency"
    )
    currency: str  # made by the MoneyField
    base_amount = AmountField()
    allocated = AmountField(_("applied"), default=0)
    base_allocated = AmountField(default=0)
    method = models.CharField(
        _("method"), max_length=12, choices=PaymentMethod, default=PaymentMethod.TRANSFER
    )
    reference = models.CharField(_("reference"), max_length=500, blank=True)
    payer_name = models.CharField(_("payer’s name"), max_length=200, blank=True)
    bank_line_id = models.BigIntegerField(null=True)  # the bank statement's line it came from
    value_date = models.DateField(_("value date"))
    posting_date = models.DateField(_("posted on"))
    assigned_date = models.DateField(null=True)
    assigned_at = models.DateTimeField(null=True)
    reversed_date = models.DateField(_("reversed on"), null=True)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            state_known(PaymentState, "receivables_payment_state_known"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lt=MOST_MONEY),
                name="receivables_payment_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(base_amount__gte=0, base_allocated__gte=0)
                & Q(base_allocated__lte=F("base_amount")),
                name="receivables_payment_base_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=0, allocated__lte=F("amount")),
                name="receivables_payment_allocated_within_amount",
                violation_error_message=_("More was applied than was paid."),
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.RECEIVED, customer__isnull=False)
                | Q(state=PaymentState.UNASSIGNED, customer__isnull=True, allocated=0)
                | Q(state=PaymentState.REVERSED, allocated=0),
                name="receivables_payment_payer_when_received",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=True, assigned_date__isnull=True)
                & Q(assigned_at__isnull=True)
                | Q(customer__isnull=False, assigned_date__isnull=False, assigned_at__isnull=False),
                name="receivables_payment_assigned_when_payer",
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.REVERSED, reversed_date__isnull=False)
                & Q(reversed_at__isnull=False)
                | ~Q(state=PaymentState.REVERSED) & Q(reversed_date__isnull=True),
                name="receivables_payment_reversed_when_reversed",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values),
                name="receivables_payment_direction_known",
            ),
            models.CheckConstraint(
                condition=Q(method__in=PaymentMethod.values),
                name="receivables_payment_method_known",
            ),
            models.UniqueConstraint(
                fields=["bank_line_id"],
                condition=Q(bank_line_id__isnull=False) & ~Q(state=PaymentState.REVERSED),
                name="receivables_payment_bank_line_once",
                violation_error_message=_("This bank line is already a payment."),
            ),
            models.UniqueConstraint(
                fields=["id", "customer", "currency"], name="receivables_payment_allocation_key"
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "currency"],
                condition=Q(state=PaymentState.RECEIVED, amount__gt=F("allocated")),
                name="receivables_payment_unapplied",
            ),
            models.Index(fields=["assigned_date"], name="receivables_payment_assigned"),
            models.Index(
                fields=["reversed_date"],
                condition=Q(reversed_date__isnull=False),
                name="receivables_payment_reversed",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="fixed",
                fields=[
                    *("direction", "bank_account", "amount", "currency", "base_amount", "method"),
                    *("bank_line_id", "value_date", "posting_date", "reference", "payer_name"),
                ],
            )
        ]

    @step(
        PaymentState.UNASSIGNED,
        PaymentState.RECEIVED,
        label=_("Set payer"),
        event="assigned",
        past=_("Assigned"),
    )
    def assign(self) -> None:
        """Say which customer the money is from."""

    @step(
        [PaymentState.RECEIVED, PaymentState.UNASSIGNED],
        PaymentState.REVERSED,
        label=_("Reverse"),
        event="reversed",
        past=_("Reversed"),
    )
    def reverse(self) -> None:
        """It bounced, or was recorded by mistake: what it had settled is open again."""

    @property
    def sign(self) -> int:
        """1 for money received, -1 for money paid back."""
        return 1 if self.direction == Direction.IN else -1

    @property
    def unapplied(self) -> Decimal:
        """What is not used for any item yet, positive; nothing of a reversed payment."""
        return Decimal(0) if self.state == PaymentState.REVERSED else self.left

    @property
    def total(self) -> Decimal:
        """The amount without its currency."""
        return Decimal(self.amount.amount)  # type: ignore[attr-defined]  # a Money, not a Decimal

    @property
    def left(self) -> Decimal:
        """Amount less allocated, in the payment's currency."""
        return self.total - self.allocated

    @property
    def base_left(self) -> Decimal:
        """The base value of what is left."""
        return self.base_amount - self.base_allocated


class CreditApplicationState(models.TextChoices):
    APPLIED = "applied", _("applied")
    REVERSED = "reversed", _("reversed")

    tones = tones(
        applied="success link",
        reversed="neutral undo-2",
    )


class CreditApplication(Document):
    """A credit of the customer used for what the customer owes. `amount` in `currency`."""

    lock_rank: ClassVar[int] = 90
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

    Dated twice: it counts from `effective_date`, the house knows it since `recorded_at`. Never
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
    effective_date = models.DateField(_("counts from"))
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
