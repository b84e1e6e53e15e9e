"""What a customer says about an open item: that it is wrong, or when it will be paid."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.models import Document
from o2c.core.states import Amount, StateField, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank
from receivables.models.items import OpenItem


class DisputeState(models.TextChoices):
    OPEN = "open", _("open")
    RESOLVED = "resolved", _("resolved")

    tones = tones(
        open="info circle-dot",
        resolved="success circle-check",
    )


class DisputeReason(models.TextChoices):
    PRICE = "price", _("Price")
    QUANTITY = "quantity", _("Quantity")
    DAMAGE = "damage", _("Damaged goods")
    LATE = "late", _("Late delivery")
    NOT_ORDERED = "not_ordered", _("Not ordered")
    DUPLICATE = "duplicate", _("Billed twice")
    TAX = "tax", _("Tax")
    MISSING_PO = "missing_po", _("Order number missing")
    OTHER = "other", _("Other")


class Dispute(Document):
    """The customer contests `amount` of an item. It stays owed but is not dunned meanwhile."""

    lock_rank = Rank.MONEY_DOCUMENT
    other_events = {
        "opened": _("Opened"),
    }
    fact_words = {
        "amount": Amount(_("Amount")),
        "item": _("Item"),
        "reason": _("Reason"),
    }

    number = number_from_id("DI")
    state = StateField(DisputeState, default=DisputeState.OPEN)
    open_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="disputes", verbose_name=_("open item")
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("disputed"))
    reason = models.CharField(_("reason"), max_length=15, choices=DisputeReason)
    note = models.CharField(_("what the customer says"), max_length=1000, blank=True)
    resolution = models.CharField(_("resolution"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            state_known(DisputeState, "receivables_dispute_state_known"),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="receivables_dispute_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=DisputeReason.values),
                name="receivables_dispute_reason_known",
            ),
            models.CheckConstraint(
                condition=Q(state=DisputeState.OPEN) | ~Q(resolution=""),
                name="receivables_dispute_resolved_how",
            ),
            models.UniqueConstraint(
                fields=["open_item"],
                condition=Q(state=DisputeState.OPEN),
                name="receivables_dispute_one_open",
            ),
        ]

    @step(
        DisputeState.OPEN,
        DisputeState.RESOLVED,
        label=_("Resolve"),
        event="resolved",
        past=_("Resolved"),
    )
    def resolve(self) -> None:
        """The question is settled; what is still open may be dunned again."""

    @property
    def money(self) -> Money:
        """The disputed amount, for display."""
        return Money(self.amount, self.currency)


class PromiseState(models.TextChoices):
    OPEN = "open", _("open")
    WITHDRAWN = "withdrawn", _("withdrawn")

    tones = tones(
        open="info circle-dot",
        withdrawn="neutral undo-2",
    )


class PromiseOutcome(models.TextChoices):
    """What has become of a standing promise, as the item says it."""

    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    BROKEN = "broken", _("broken")

    tones = tones(
        open="info circle-dot",
        kept="success circle-check",
        broken="attention circle-alert",
    )


class Promise(Document):
    """The customer promises to pay `amount` of an item by a day. Until then it is not dunned."""

    lock_rank = Rank.MONEY_DOCUMENT
    other_events = {
        "recorded": _("Recorded"),
    }
    fact_words = {
        "amount": Amount(_("Amount")),
        "item": _("Item"),
        "date": _("Day"),
        "reason": _("Reason"),
    }

    number = number_from_id("PR")
    state = StateField(PromiseState, default=PromiseState.OPEN)
    open_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="promises", verbose_name=_("open item")
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("promised"))
    promised_date = DayField(_("by"), kind=DayKind.PLANNED)
    #: what was open when the promise was given: less by the amount means it was kept
    open_before = AmountField()
    note = models.CharField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        constraints = [
            state_known(PromiseState, "receivables_promise_state_known"),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="receivables_promise_amount_positive"
            ),
            models.UniqueConstraint(
                fields=["open_item"],
                condition=Q(state=PromiseState.OPEN),
                name="receivables_promise_one_open",
            ),
        ]

    @step(
        PromiseState.OPEN,
        PromiseState.WITHDRAWN,
        label=_("Withdraw"),
        event="withdrawn",
        past=_("Withdrawn"),
    )
    def withdraw(self) -> None:
        """The promise no longer holds; the item may be dunned again."""

    @property
    def money(self) -> Money:
        """The promised amount, for display."""
        return Money(self.amount, self.currency)

    @property
    def shown_state(self) -> tuple[type[models.TextChoices], str]:
        """Withdrawn, kept, broken since its day has passed, or still open; see `o2c.web.badges`."""
        if self.state != PromiseState.OPEN:
            return PromiseState, self.state
        if self.is_kept():
            return PromiseOutcome, PromiseOutcome.KEPT
        broken = self.is_broken(clock.today())
        return PromiseOutcome, PromiseOutcome.BROKEN if broken else PromiseOutcome.OPEN

    def is_kept(self) -> bool:
        """Whether the promised amount has gone off the item since."""
        return self.open_before - self.open_item.open_amount >= self.amount

    def is_broken(self, today: date) -> bool:
        """Whether the day has passed without it."""
        return today > self.promised_date and not self.is_kept()
