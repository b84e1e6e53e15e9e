"""Money that came (or went back), and what it was used for."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField

from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.models import Document
from o2c.core.states import Amount, StateField, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank

#: A MoneyField stands on no NaN-proof domain; NaN is greater than every number.
MOST_MONEY = Decimal(10) ** 15


class PaymentState(models.TextChoices):
    UNASSIGNED = "unassigned", _("payer unknown")
    WAITING = "waiting", _("waiting for approval")
    RECEIVED = "received", _("posted")
    REVERSED = "reversed", _("reversed")

    tones = tones(
        unassigned="attention circle-question-mark",
        waiting="attention hourglass",
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
    day in the books; the customer's account has it from `assigned_date` on. `beyond` is how much
    more was paid out than the customer had with us: without `approved_by`, another person than who
    recorded it, it stays on the bank suspense account. A payment out that `returns` another is the
    bank's taking it back; `fee` is what the bank took on top, for the same bank line.
    """

    lock_rank = Rank.MONEY_DOCUMENT
    other_events = {
        "recorded": _("Recorded"),
        "settled": _("Settled"),
        "allocated": _("Allocated"),
        "unallocated": _("Unallocated"),
        "returned": _("Returned by the bank"),
        "joined": _("Joined to its bank line"),
        "parted": _("Taken off its bank line"),
    }
    fact_words = {
        "amount": Amount(_("Amount")),
        "customer": _("Customer"),
        "reference": _("Reference"),
        "date": _("Day"),
        "applied": _("Applied"),
        "items": _("Items"),
        "discount": _("Discount"),
        "beyond": _("Beyond the customer’s credit"),
        "further_items": _("Further items"),
        "fee": _("Bank’s fee"),
        "return": _("Return"),
        "line": _("Bank line"),
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
    beyond = AmountField(_("beyond the customer’s credit"), default=0)
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True)
    returns = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="returned_by", verbose_name=_("returns")
    )
    fee = AmountField(_("bank’s fee"), default=0)
    base_fee = AmountField(default=0)
    method = models.CharField(
        _("method"), max_length=12, choices=PaymentMethod, default=PaymentMethod.TRANSFER
    )
    reference = models.CharField(_("reference"), max_length=500, blank=True)
    payer_name = models.CharField(_("payer’s name"), max_length=200, blank=True)
    bank_line_id = models.BigIntegerField(null=True)  # the bank statement's line it came from
    #: a line that several customers paid has a payment of each, counted from 1
    bank_line_part = models.PositiveSmallIntegerField(default=1)
    value_date = DayField(_("value date"), kind=DayKind.NEAR)
    posting_date = DayField(_("posted on"), kind=DayKind.PAST)
    assigned_date = DayField(kind=DayKind.PAST, null=True)
    assigned_at = models.DateTimeField(null=True)
    reversed_date = DayField(_("reversed on"), kind=DayKind.PAST, null=True)
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
                | Q(state=PaymentState.WAITING, customer__isnull=False, allocated=0)
                & Q(direction=Direction.OUT, assigned_date__isnull=True)
                | Q(state=PaymentState.REVERSED, allocated=0),
                name="receivables_payment_payer_when_received",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=True, assigned_date__isnull=True)
                & Q(assigned_at__isnull=True)
                | Q(customer__isnull=False, assigned_date__isnull=False, assigned_at__isnull=False)
                | Q(state__in=[PaymentState.WAITING, PaymentState.REVERSED])
                & Q(assigned_date__isnull=True, assigned_at__isnull=True),
                name="receivables_payment_assigned_when_payer",
            ),
            models.CheckConstraint(
                condition=Q(beyond=0)
                | Q(beyond__gt=0, direction=Direction.OUT)
                & (
                    ~Q(state=PaymentState.RECEIVED)
                    | ~Q(approved_by="") & ~Q(approved_by=F("created_by"))
                ),
                name="receivables_payment_beyond_is_approved",
                violation_error_message=_("Another person must approve what is paid out."),
            ),
            models.CheckConstraint(
                condition=Q(returns__isnull=True, fee=0, base_fee=0)
                | Q(returns__isnull=False, direction=Direction.OUT, fee__gte=0, base_fee__gte=0),
                name="receivables_payment_fee_of_a_return",
            ),
            models.UniqueConstraint(
                fields=["returns"],
                condition=~Q(state=PaymentState.REVERSED),
                name="receivables_payment_returned_once",
                violation_error_message=_("This payment came back already."),
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
                fields=["bank_line_id", "bank_line_part"],
                condition=Q(bank_line_id__isnull=False) & ~Q(state=PaymentState.REVERSED),
                name="receivables_payment_bank_line_once",
                violation_error_message=_("This bank line is already a payment."),
            ),
            models.UniqueConstraint(
                fields=["id", "customer", "currency"], name="receivables_payment_allocation_key"
            ),
        ]
        indexes = [
            # Aging reads unapplied cash, and what came on an account later, from here alone.
            models.Index(
                fields=["customer", "currency"],
                include=["amount", "allocated", "direction", "assigned_date", "id"],
                condition=Q(state=PaymentState.RECEIVED, amount__gt=F("allocated")),
                name="receivables_payment_unapplied",
            ),
            models.Index(
                fields=["assigned_date"],
                include=["customer", "currency", "amount", "direction", "id"],
                name="receivables_payment_assigned",
            ),
            models.Index(
                fields=["bank_account", "value_date"],
                condition=Q(bank_line_id__isnull=True) & ~Q(state=PaymentState.REVERSED),
                name="receivables_payment_by_hand",
            ),
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
                    *("bank_line_part", "value_date", "posting_date", "reference", "payer_name"),
                    *("returns", "fee", "base_fee"),
                ],
            ),
            # What was entered by hand is joined to its bank line later; to one at a time.
            pgtrigger.Protect(
                name="one_bank_line",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__bank_line_id__isnull=False, new__bank_line_id__isnull=False
                )
                & pgtrigger.Q(old__bank_line_id__df=pgtrigger.F("new__bank_line_id")),
            ),
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
        PaymentState.UNASSIGNED,
        PaymentState.WAITING,
        label=_("Ask"),
        event="asked",
        past=_("Waiting for approval"),
    )
    def ask(self) -> None:
        """It was paid to a customer who has less with us: another person has to agree."""

    @step(
        PaymentState.WAITING,
        PaymentState.RECEIVED,
        label=_("Approve"),
        event="approved",
        past=_("Approved"),
    )
    def approve(self) -> None:
        """It joins the customer's account, who then owes what it was too much."""

    @step(
        PaymentState.WAITING,
        PaymentState.UNASSIGNED,
        label=_("Reject"),
        event="rejected",
        past=_("Rejected"),
    )
    def reject(self) -> None:
        """It was not for this customer; it waits on the suspense account for whom it was."""

    @step(
        [PaymentState.RECEIVED, PaymentState.WAITING, PaymentState.UNASSIGNED],
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
    def on_bank(self) -> Decimal:
        """What the bank booked: the amount, with its fee; positive."""
        return self.total + self.fee

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
