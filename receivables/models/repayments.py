"""Money paid back for money received: the two payments meet."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.triggers import append_only
from receivables.models.payments import Payment


class Repayment(models.Model):
    """This much of money received was given back by this payment out; `amount` in `currency`.

    Dated twice and never changed, as an allocation is: taking it back is a second row of opposite
    amounts that `reverses` it. `base_received` and `base_paid` are the base values that left the
    two payments; what is between them is the realised exchange difference, and only that is
    posted (`entry`).
    """

    received = models.ForeignKey(Payment, models.PROTECT, related_name="repayments")
    paid = models.ForeignKey(Payment, models.PROTECT, related_name="repays")
    customer = models.ForeignKey("masters.Customer", models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = AmountField(_("amount"))
    base_received = AmountField()
    base_paid = AmountField()
    effective_date = DayField(_("counts from"), kind=DayKind.PAST)
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now)
    recorded_by = models.CharField(_("by"), max_length=150)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    entry = models.ForeignKey("ledger.Entry", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount__gt=0)
                | Q(reverses__isnull=False, amount__lt=0),
                name="receivables_repayment_sign",
            ),
        ]
        indexes = [
            models.Index(fields=["effective_date"], name="receivables_repay_effective"),
            models.Index(fields=["recorded_at"], name="receivables_repay_recorded"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def stands(self) -> bool:
        """Whether it still holds: it is no mirror, and none has taken it back."""
        return self.reverses_id is None and not hasattr(self, "reversed_by")

    def other_than(self, payment: Payment | None) -> Payment:
        """The payment at the other end."""
        return self.paid if payment == self.received else self.received

    @property
    def exchange_difference(self) -> Decimal:
        """Realised, base currency: a gain is positive, a loss negative."""
        return self.base_received - self.base_paid
