"""Giving up what a customer owes: asked by one person, decided by another."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.models import Document
from o2c.core.states import Amount, StateField, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank
from receivables.models.items import OpenItem


class WriteOffState(models.TextChoices):
    REQUESTED = "requested", _("waiting for approval")
    APPROVED = "approved", _("written off")
    REJECTED = "rejected", _("rejected")
    REVERSED = "reversed", _("reversed")

    tones = tones(
        requested="attention hourglass",
        approved="success shield-check",
        rejected="danger shield-x",
        reversed="neutral undo-2",
    )


class WriteOffReason(models.TextChoices):
    SMALL_DIFFERENCE = "small_difference", _("Small difference")
    BAD_DEBT = "bad_debt", _("Bad debt")
    BANK_FEE = "bank_fee", _("Bank fee deducted")
    WAIVED_CHARGE = "waived_charge", _("Late charge waived")
    OTHER = "other", _("Other")


class WriteOff(Document):
    """A part of an open item given up; `amount` in `currency`, positive."""

    lock_rank = Rank.MONEY_DOCUMENT
    other_events = {
        "requested": _("Requested"),
    }
    fact_words = {
        "amount": Amount(_("Amount")),
        "item": _("Item"),
        "reason": _("Reason"),
    }

    number = number_from_id("WO")
    state = StateField(WriteOffState, default=WriteOffState.REQUESTED)
    open_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="write_offs", verbose_name=_("open item")
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    reason = models.CharField(_("reason"), max_length=20, choices=WriteOffReason)
    note = models.CharField(_("why"), max_length=500)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decision_note = models.CharField(_("decision"), max_length=500, blank=True)
    posting_date = DayField(_("posted on"), kind=DayKind.PAST, null=True)

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        constraints = [
            state_known(WriteOffState, "receivables_writeoff_state_known"),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="receivables_writeoff_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=WriteOffReason.values),
                name="receivables_writeoff_reason_known",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="receivables_writeoff_says_why"),
            models.CheckConstraint(
                condition=Q(state=WriteOffState.REQUESTED, decided_by="")
                | ~Q(state=WriteOffState.REQUESTED)
                & ~Q(decided_by="")
                & ~Q(decided_by=F("created_by")),
                name="receivables_writeoff_decided_by_another",
                violation_error_message=_("Another person must decide."),
            ),
            models.UniqueConstraint(
                fields=["open_item"],
                condition=Q(state=WriteOffState.REQUESTED),
                name="receivables_writeoff_one_request",
            ),
        ]

    @step(
        WriteOffState.REQUESTED,
        WriteOffState.APPROVED,
        label=_("Approve"),
        event="approved",
        past=_("Approved"),
    )
    def approve(self) -> None:
        """Give the amount up: it leaves the customer's account and becomes a loss."""

    @step(
        WriteOffState.REQUESTED,
        WriteOffState.REJECTED,
        label=_("Reject"),
        event="rejected",
        past=_("Rejected"),
    )
    def reject(self) -> None:
        """The customer still owes it."""

    @step(
        WriteOffState.APPROVED,
        WriteOffState.REVERSED,
        label=_("Take back"),
        event="reversed",
        past=_("Reversed"),
    )
    def reverse(self) -> None:
        """The money is owed again, for instance because it came after all."""

    @property
    def money(self) -> Money:
        """The amount, for display."""
        return Money(self.amount, self.currency)
