"""The credit check of an order: the question, the figures, the decision, and who may make it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from credit.models.account import CreditAccount
from o2c.core.fields import AmountField
from o2c.core.history import CommercialHistory
from o2c.core.models import Document
from o2c.core.states import Amount, StateField, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank


class CheckState(models.TextChoices):
    HELD = "held", _("Held")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")

    tones = tones(
        held="attention pause",
        approved="success shield-check",
        rejected="danger shield-x",
        withdrawn="neutral history",
    )


C = CheckState


class CreditCheck(Document):
    """One decision about one order, with everything it was based on at that moment.

    Approved at once when no rule fires, else held until a person decides, the cause goes away, or
    the order does. `amount`, `exposure` and `limit_amount` are in `currency`, the account's;
    `order_gross` is the order's total in its own currency.
    """

    lock_rank = Rank.CREDIT_CHECK
    noun = "check"
    other_events = {
        "passed": _("Passed"),
        "held": _("Put on hold"),
        "rechecked": _("Rechecked"),
    }
    fact_words = {
        "order": _("Order"),
        "amount": Amount(_("Amount")),
        "exposure": Amount(_("Exposure")),
        "limit": Amount(_("Limit")),
        "rules": _("Rules"),
        "reason": _("Reason"),
    }

    number = number_from_id("CC")
    state = StateField(CheckState, default=C.HELD, verbose_name=_("state"))
    account = models.ForeignKey(
        CreditAccount, models.PROTECT, related_name="checks", verbose_name=_("account")
    )
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="credit_checks", verbose_name=_("order")
    )
    order_gross = AmountField(_("order total"))
    #: who made the order, kept here so that the database can refuse that they approve it
    requested_by = models.CharField(max_length=150)
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("this order"))
    exposure = AmountField(_("exposure"))
    limit_amount = AmountField(_("limit"), null=True, blank=True)
    #: the waterfall, part by part: [{"part": ..., "amount": ..., "counts": true}]
    waterfall = models.JSONField(default=list)
    #: the rules that fired with their numbers: [{"rule": ..., ...}]
    rules = models.JSONField(default=list)
    rule_version = models.CharField(max_length=20)
    #: a person approved although rules had fired
    overridden = models.BooleanField(default=False)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("credit check")
        verbose_name_plural = _("credit checks")
        constraints = [
            state_known(CheckState, "credit_check_state_known"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state=C.HELD), name="credit_check_one_held"
            ),
            models.CheckConstraint(
                condition=~Q(state=C.HELD) | ~Q(rules=[]), name="credit_check_held_for_a_rule"
            ),
            models.CheckConstraint(
                condition=Q(state=C.HELD, decided_by="", decided_at__isnull=True)
                | (~Q(state=C.HELD) & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="credit_check_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(overridden=False)
                | (
                    Q(state=C.APPROVED)
                    & ~Q(reason__regex=r"^\s*$")
                    & ~Q(decided_by=F("requested_by"))
                ),
                name="credit_check_override_by_another_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=C.REJECTED) | ~Q(reason__regex=r"^\s*$"),
                name="credit_check_rejected_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["account"], condition=Q(state=C.HELD), name="credit_check_held"),
        ]

    @step(C.HELD, C.APPROVED, label=_("Approve"), event="approved", past=_("Approved"))
    def approve(self) -> None:
        """Release the order in spite of the rules that fired, on this person's authority."""
        self.overridden = True

    @step(C.HELD, C.REJECTED, label=_("Reject"), event="rejected", past=_("Rejected"))
    def reject(self) -> None:
        """The order stays on hold; sales may reduce or cancel it."""

    @step(C.HELD, C.APPROVED, label=_("Cure"), event="cured", past=_("Cured"))
    def cure(self) -> None:
        """Looked at again, no rule fires any more."""

    @step(C.HELD, C.WITHDRAWN, label=_("Withdraw"), event="withdrawn", past=_("Withdrawn"))
    def withdraw(self) -> None:
        """The order is gone; nobody needs to decide."""


class CreditAuthority(models.Model):
    """Up to which amount, in the base currency, a role may approve orders and set limits.

    A role without a row has no authority at all; an empty amount is no ceiling.
    """

    role = models.CharField(_("role"), max_length=150, unique=True)
    amount = AmountField(_("up to"), null=True, blank=True)

    history = CommercialHistory()

    lock_rank = Rank.CREDIT_AUTHORITY

    class Meta:
        verbose_name = _("credit authority")
        verbose_name_plural = _("credit authorities")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="credit_authority_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.role
