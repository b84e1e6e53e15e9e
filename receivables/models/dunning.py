"""Reminders: the policy, the daily run, its letters, and what was left alone and why."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.addresses import row_address
from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField, RateField
from o2c.core.models import Document
from o2c.core.states import StateField, condition, number_from_id, state_known, step, tones
from o2c.masters.models import Coded, Recorded
from o2c.masters.rules.ranks import Rank
from receivables.models.items import OpenItem
from receivables.rules import dunning as rules

HIGHEST_LEVEL = 9


class DunningPolicy(Coded):
    """How customers are reminded. Amounts in base currency."""

    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("For customers without a policy of their own.")
    )
    days_between = models.PositiveSmallIntegerField(
        _("days between letters"), default=7, help_text=_("About the same item.")
    )
    minimum = AmountField(_("smallest amount"), default=0)
    bank_days = models.PositiveSmallIntegerField(
        _("bank data at most this old, days"),
        null=True,
        blank=True,
        help_text=_("Nobody is reminded while newer payments may not be seen yet. Empty: never."),
    )
    charge_days = models.PositiveSmallIntegerField(_("days to pay late charges"), default=7)
    charge_account = models.ForeignKey(
        "ledger.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account for late charges"),
        help_text=_("Empty: revenue."),
    )

    class Meta:
        verbose_name = _("dunning policy")
        verbose_name_plural = _("dunning policies")
        constraints = [
            *Coded.Meta.constraints,
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="receivables_dunningpolicy_one_default",
                violation_error_message=_("Another policy is the default."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__gte=0), name="receivables_dunningpolicy_minimum"
            ),
        ]

    def rule(self, *, paused: bool = False) -> rules.PolicyRule:
        """The policy as plain values; `levels` prefetched."""
        return rules.PolicyRule(
            levels=[level.rule() for level in sorted(self.levels.all(), key=lambda x: x.level)],
            days_between=self.days_between,
            minimum=self.minimum,
            paused=paused,
        )


class DunningLevel(Recorded):
    """One letter of a policy. Level 0 is the friendly reminder before the due date."""

    policy = models.ForeignKey(
        DunningPolicy, models.PROTECT, related_name="levels", verbose_name=_("policy")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    days = models.SmallIntegerField(
        _("days after the due date"), help_text=_("Level 0: days before it, as a negative number.")
    )
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"), max_length=2000, blank=True)
    fee = AmountField(_("fee"), default=0, help_text=_("Per letter, in base currency."))
    fee_percent = RateField(_("fee, % of the amount"), default=0)
    interest_percent = RateField(_("interest, % a year"), default=0)

    class Meta:
        verbose_name = _("dunning level")
        verbose_name_plural = _("dunning levels")
        ordering = ["policy", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "level"],
                name="receivables_dunninglevel_once",
                violation_error_message=_("The policy has this level."),
            ),
            models.CheckConstraint(
                condition=Q(level=0, days__lte=0, fee=0, fee_percent=0, interest_percent=0)
                | Q(level__gte=1, level__lte=HIGHEST_LEVEL, days__gt=0),
                name="receivables_dunninglevel_days_fit_level",
                violation_error_message=_(
                    "Level 0 comes before the due date and costs nothing; the others come after it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(fee__gte=0, fee_percent__range=(0, 100))
                & Q(interest_percent__range=(0, 100)),
                name="receivables_dunninglevel_charges_sane",
            ),
        ]

    def __str__(self) -> str:
        if self.level == 0:
            return gettext("Before due: %(title)s") % {"title": self.title}
        return gettext("Level %(level)s: %(title)s") % {"level": self.level, "title": self.title}

    def rule(self) -> rules.LevelRule:
        """The level as plain values."""
        return rules.LevelRule(
            self.level, self.days, self.fee, self.fee_percent, self.interest_percent
        )


class DunningProfile(Recorded):
    """What is special about reminding one customer: a policy of its own, or a pause."""

    customer = models.OneToOneField(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    policy = models.ForeignKey(
        DunningPolicy,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("policy"),
        help_text=_("Empty: the default policy."),
    )
    paused_until = DayField(_("paused until"), kind=DayKind.PLANNED, null=True, blank=True)
    pause_reason = models.CharField(_("reason for the pause"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("dunning profile")
        verbose_name_plural = _("dunning profiles")
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_until__isnull=True) | ~Q(pause_reason=""),
                name="receivables_dunningprofile_pause_has_reason",
                violation_error_message=_("A pause needs a reason."),
            )
        ]

    def __str__(self) -> str:
        return str(self.customer)

    def is_paused(self, today: date) -> bool:
        """Whether the customer gets no letters today."""
        return self.paused_until is not None and today <= self.paused_until


class BankFeed(models.Model):
    """Up to which day the movements of one of our bank accounts are known.

    What that means for reminders is decided by `rules.freshness`.
    """

    bank_account = models.OneToOneField("masters.BankAccount", models.PROTECT, related_name="+")
    through_date = DayField(_("known up to"), kind=DayKind.PAST)
    noted_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("bank data")
        verbose_name_plural = _("bank data")

    def __str__(self) -> str:
        return f"{self.bank_account_id}: {self.through_date:%Y-%m-%d}"


class DunningRunState(models.TextChoices):
    PROPOSED = "proposed", _("waiting for approval")
    APPROVED = "approved", _("approved")
    DISCARDED = "discarded", _("discarded")

    tones = tones(
        proposed="attention circle-question-mark",
        approved="success shield-check",
        discarded="neutral trash-2",
    )


class ExclusionReason(models.TextChoices):
    DISPUTED = rules.DISPUTED, _("Disputed")
    PROMISED = rules.PROMISED, _("Payment promised")
    COVERED = rules.COVERED, _("Covered by unapplied money")
    PAUSED = rules.PAUSED, _("Customer paused")
    WAITING = rules.WAITING, _("A letter is under way")
    TOO_RECENT = rules.TOO_RECENT, _("Last letter too recent")
    STALE_BANK = rules.STALE_BANK, _("Bank data too old")
    BELOW_MINIMUM = rules.BELOW_MINIMUM, _("Below the smallest amount")
    PAID = rules.PAID, _("Paid")
    DROPPED = "dropped", _("Taken out by hand")


@condition(_("It proposes no letters."))
def has_letters(run: "DunningRun") -> bool:
    return run.letter_count > 0


class DunningRun(Document):
    """One day's proposal: whom to remind of what. Nothing leaves before a person approves it."""

    lock_rank = Rank.MONEY_DOCUMENT
    other_events = {
        "proposed": _("Proposed"),
        "letter_dropped": _("Letter dropped"),
    }
    fact_words = {
        "date": _("Day"),
        "customers": _("Customers"),
        "items": _("Items"),
        "letters": _("Reminders"),
        "excluded": _("Left out"),
        "number": _("Number"),
        "reason": _("Reason"),
    }

    number = number_from_id("DR")
    state = StateField(DunningRunState, default=DunningRunState.PROPOSED)
    run_date = DayField(_("date"), kind=DayKind.PAST)
    bank_date = DayField(_("bank data up to"), kind=DayKind.PAST, null=True)
    letter_count = models.PositiveIntegerField(_("letters"), default=0)
    notice_count = models.PositiveIntegerField(_("items"), default=0)
    excluded_count = models.PositiveIntegerField(_("left alone"), default=0)

    class Meta:
        verbose_name = _("dunning run")
        verbose_name_plural = _("dunning runs")
        constraints = [
            state_known(DunningRunState, "receivables_dunningrun_state_known"),
            models.UniqueConstraint(
                fields=["run_date"],
                condition=~Q(state=DunningRunState.DISCARDED),
                name="receivables_dunningrun_once_a_day",
                violation_error_message=_("There is a run of this day already."),
            ),
        ]

    @step(
        DunningRunState.PROPOSED,
        DunningRunState.APPROVED,
        label=_("Approve and send"),
        event="approved",
        past=_("Approved"),
        conditions=[has_letters],
    )
    def approve(self) -> None:
        """Send the letters. What was paid or disputed meanwhile is left out at the last moment."""

    @step(
        DunningRunState.PROPOSED,
        DunningRunState.DISCARDED,
        label=_("Discard"),
        event="discarded",
        past=_("Discarded"),
    )
    def discard(self) -> None:
        """Send nothing; the items may be proposed again."""


class DunningLetter(models.Model):
    """One customer's letter of a run, at the highest level of its items. Sent at most once."""

    lock_rank = Rank.DUNNING_LETTER

    number = number_from_id("DL")
    run = models.ForeignKey(DunningRun, models.PROTECT, related_name="letters")
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    level = models.ForeignKey(DunningLevel, models.PROTECT, related_name="+")
    fee = AmountField(_("fee"), default=0)  # base currency
    recipient = models.CharField(_("to"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True)

    class Meta:
        verbose_name = _("dunning letter")
        verbose_name_plural = _("dunning letters")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "customer"], name="receivables_dunningletter_one_per_customer"
            ),
            models.CheckConstraint(condition=Q(fee__gte=0), name="receivables_dunningletter_fee"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(dropped_at__isnull=True),
                name="receivables_dunningletter_sent_or_dropped",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return row_address("receivables:dunning_letter", self.pk)


class DunningNotice(models.Model):
    """One item in a letter. `amount` (what is dunned) and `interest` in the item's currency."""

    letter = models.ForeignKey(DunningLetter, models.PROTECT, related_name="notices")
    open_item = models.ForeignKey(OpenItem, models.PROTECT, related_name="notices")
    level = models.PositiveSmallIntegerField(_("level"))
    amount = AmountField(_("amount"))
    days_overdue = models.IntegerField(_("days overdue"))
    interest = AmountField(_("interest"), default=0)  # what this letter adds
    sent_at = models.DateTimeField(_("sent"), null=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True)
    dropped_reason = models.CharField(
        _("reason"), max_length=20, blank=True, choices=ExclusionReason
    )

    class Meta:
        verbose_name = _("dunning notice")
        verbose_name_plural = _("dunning notices")
        constraints = [
            models.UniqueConstraint(
                fields=["open_item", "level"],
                condition=Q(dropped_at__isnull=True),
                name="receivables_dunningnotice_once_per_level",
            ),
            models.CheckConstraint(
                condition=Q(level__lte=HIGHEST_LEVEL, amount__gt=0, interest__gte=0),
                name="receivables_dunningnotice_amounts",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True, dropped_reason="")
                | Q(dropped_at__isnull=False, sent_at__isnull=True) & ~Q(dropped_reason=""),
                name="receivables_dunningnotice_sent_or_dropped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.open_item_id} / {self.level}"


class DunningExclusion(models.Model):
    """What a run looked at and left alone; `amount` in the item's currency."""

    run = models.ForeignKey(DunningRun, models.PROTECT, related_name="exclusions")
    open_item = models.ForeignKey(OpenItem, models.PROTECT, related_name="+")
    customer = models.ForeignKey("masters.Customer", models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=20, choices=ExclusionReason)
    amount = AmountField(_("amount"))

    class Meta:
        verbose_name = _("left alone")
        verbose_name_plural = _("left alone")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=ExclusionReason.values),
                name="receivables_dunningexclusion_reason_known",
            ),
            models.UniqueConstraint(
                fields=["run", "open_item", "reason"], name="receivables_dunningexclusion_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="receivables_dunningexclusion_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.open_item_id}: {self.get_reason_display()}"
