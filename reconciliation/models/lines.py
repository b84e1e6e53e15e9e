"""The lines of bank statements, and what each is matched with."""

from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.models import Document
from o2c.core.states import StateField, condition, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank
from reconciliation.models.statements import BankStatement


class BankLineManager(models.Manager["BankLine"]):
    """Lines that can be asked for `has_live_match` beside their fields."""

    def get_queryset(self) -> models.QuerySet["BankLine"]:
        live = Match.objects.filter(bank_line=models.OuterRef("pk"), state__in=LIVE)
        return super().get_queryset().alias(has_live_match=models.Exists(live))


class BankLine(models.Model):
    """One movement on our account. Money in is positive. What it paid is its live match.

    `dedup_key` is a digest of everything the bank said about it. Two equal bookings have equal
    ones: whether a line is here already, the balances of its statement say (`rules.chain`).
    """

    lock_rank = Rank.MONEY_DOCUMENT

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey("masters.BankAccount", on_delete=models.PROTECT, related_name="+")
    line_number = models.PositiveIntegerField()
    entry_date = DayField(kind=DayKind.PAST)
    value_date = DayField(kind=DayKind.NEAR)
    amount = AmountField()
    currency = models.CharField(max_length=3)
    text = models.TextField(blank=True)
    counterparty_name = models.CharField(max_length=200, blank=True)
    counterparty_iban = models.CharField(max_length=40, blank=True)
    end_to_end_id = models.CharField(max_length=80, blank=True)
    bank_reference = models.CharField(max_length=80, blank=True)
    references = models.JSONField(default=list)
    #: a batch's transactions, each a `DetailRecord` as a dict with its amount as text
    details = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    is_reversal = models.BooleanField(default=False)  # the bank took a booking of its own back
    is_return = models.BooleanField(default=False)  # a payment came back: theirs or ours
    return_reason = models.CharField(max_length=35, blank=True)  # AC04, or the bank's own code
    return_text = models.CharField(max_length=300, blank=True)
    dedup_key = models.CharField(max_length=64)
    #: the main payer's; those of others know the line by `Payment.bank_line_id`
    payment = models.OneToOneField(
        "receivables.Payment", on_delete=models.PROTECT, null=True, related_name="bank_line"
    )
    ignored_reason = models.CharField(max_length=200, blank=True)
    ignored_by = models.CharField(max_length=150, blank=True)

    objects = BankLineManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "line_number"], name="reconciliation_bankline_number_once"
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=True) | Q(ignored_reason=""),
                name="reconciliation_bankline_applied_or_ignored",
            ),
            models.CheckConstraint(
                condition=Q(ignored_reason="") | ~Q(ignored_by=""),
                name="reconciliation_bankline_ignored_by_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "dedup_key"], name="reconciliation_bankline_key"),
            models.Index(
                fields=["statement"],
                condition=Q(payment__isnull=True, ignored_reason=""),
                name="reconciliation_bankline_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement} / {self.line_number}"

    @property
    def transactions(self) -> list[dict[str, Any]]:
        """The transactions of a batch with their amounts, signed like the line's."""
        return [{**detail, "amount": Decimal(detail["amount"])} for detail in self.details]

    @property
    def size(self) -> Decimal:
        """The amount without its direction."""
        return abs(self.amount)

    @property
    def comes_back(self) -> bool:
        """Whether it undoes an earlier movement: money in is then our own, not a customer's."""
        return self.is_reversal or self.is_return

    @property
    def is_settled(self) -> bool:
        """Applied or ignored: nothing is left to do about it."""
        return self.payment_id is not None or bool(self.ignored_reason)


class MatchTier(models.TextChoices):
    EXACT = "exact", _("Exact")
    STRONG = "strong", _("Strong")
    POSSIBLE = "possible", _("Possible")
    NONE = "none", _("No match")
    MANUAL = "manual", _("By hand")

    tones = tones(
        manual="neutral hand",
        exact="success equal",
        strong="info equal-approximately",
        possible="attention circle-question-mark",
        none="neutral minus",
    )


class MatchKind(models.TextChoices):
    SETTLES = "settles", _("Is a payment")
    JOINS = "joins", _("Is a payment entered by hand")
    RETURNS = "returns", _("Takes a payment back")


class MatchState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPLIED = "applied", _("Applied")
    DISMISSED = "dismissed", _("Dismissed")
    UNDONE = "undone", _("Undone")

    tones = tones(
        proposed="attention circle-question-mark",
        applied="success link",
        dismissed="neutral eye-off",
        undone="neutral undo-2",
    )


#: a match that says something about its line now
LIVE = [MatchState.PROPOSED, MatchState.APPLIED]


@condition(_("It names nobody who paid."))
def has_payer(match: "Match") -> bool:
    return match.has_answer


class Match(Document):
    """What we say one bank line pays, and why: evidence in words, never a bare score.

    One that joins or returns names the `payment` that was there before: the line is it, or takes
    it back.
    """

    lock_rank = Rank.MATCH
    other_events = {
        "proposed": _("Proposed"),
        "chosen": _("Chosen"),
    }
    fact_words = {
        "line": _("Bank line"),
        "tier": _("Certainty"),
        "reason": _("Reason"),
    }

    number = number_from_id("MT")
    state = StateField(MatchState, default=MatchState.PROPOSED)
    bank_line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="matches")
    kind = models.CharField(max_length=10, choices=MatchKind.choices, default=MatchKind.SETTLES)
    payment = models.ForeignKey(
        "receivables.Payment", on_delete=models.PROTECT, null=True, related_name="+"
    )
    tier = models.CharField(max_length=10, choices=MatchTier.choices)
    payer = models.ForeignKey(
        "masters.Customer", on_delete=models.PROTECT, null=True, related_name="+"
    )
    evidence = models.JSONField(default=list)  # [{"kind", "value", "other"}], see queries.in_words
    on_account = AmountField(default=0)  # what of the line settles nothing yet
    looks = {"tier": MatchTier}
    undone_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = _("matches")
        constraints = [
            state_known(MatchState, "reconciliation_match_state_known"),
            models.CheckConstraint(
                condition=Q(kind__in=MatchKind.values), name="reconciliation_match_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=MatchKind.SETTLES, payment__isnull=True)
                | ~Q(kind=MatchKind.SETTLES) & Q(payment__isnull=False),
                name="reconciliation_match_payment_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(tier__in=MatchTier.values), name="reconciliation_match_tier_known"
            ),
            models.CheckConstraint(
                condition=Q(on_account__gte=0), name="reconciliation_match_on_account_positive"
            ),
            models.UniqueConstraint(
                fields=["bank_line"],
                condition=Q(state__in=LIVE),
                name="reconciliation_match_one_live_per_line",
            ),
        ]

    @property
    def has_answer(self) -> bool:
        """Whether it says whose money it is, or which payment: else there is nothing to apply."""
        return self.payer_id is not None or self.payment_id is not None

    @step(
        MatchState.PROPOSED,
        MatchState.APPLIED,
        label=_("Apply"),
        event="applied",
        past=_("Applied"),
        conditions=[has_payer],
    )
    def apply(self) -> None:
        """Record the payment and settle the open items."""

    @step(
        MatchState.PROPOSED,
        MatchState.DISMISSED,
        label=_("Dismiss"),
        event="dismissed",
        past=_("Dismissed"),
    )
    def dismiss(self) -> None:
        """The proposal is wrong."""

    @step(MatchState.APPLIED, MatchState.UNDONE, label=_("Undo"), event="undone", past=_("Undone"))
    def undo(self) -> None:
        """Take payment and allocations back, exactly."""


class MatchShare(models.Model):
    """The part of a bank line that goes to one open item, and the discount it takes besides.

    Items may be of several customers: each gets a payment of its own. With `credit_item` so much
    of that credit is used for the item, and nothing of the line. Without an item the part goes on
    the account of `payer`, or waits for one.
    """

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="shares")
    open_item = models.ForeignKey(
        "receivables.OpenItem", on_delete=models.PROTECT, null=True, related_name="+"
    )
    credit_item = models.ForeignKey(
        "receivables.OpenItem", on_delete=models.PROTECT, null=True, related_name="+"
    )
    payer = models.ForeignKey(
        "masters.Customer", on_delete=models.PROTECT, null=True, related_name="+"
    )
    amount = AmountField()
    discount = AmountField(default=0)
    credit_application = models.OneToOneField(  # how the credit was used when this was applied
        "receivables.CreditApplication", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["match", "open_item", "credit_item"],
                condition=Q(open_item__isnull=False),
                nulls_distinct=False,
                name="reconciliation_matchshare_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, discount__gte=0),
                name="reconciliation_matchshare_positive",
            ),
            models.CheckConstraint(
                condition=Q(open_item__isnull=False, payer__isnull=True)
                | Q(open_item__isnull=True, credit_item__isnull=True, discount=0),
                name="reconciliation_matchshare_item_or_account",
            ),
            models.CheckConstraint(
                condition=Q(credit_item__isnull=False, discount=0)
                | Q(credit_item__isnull=True, credit_application__isnull=True),
                name="reconciliation_matchshare_credit_takes_no_discount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.match}"

    @property
    def other_payer(self) -> str:
        """Whose part it is when that is not the match's payer; reads item, payer and match."""
        payer = self.open_item.customer if self.open_item else self.payer
        if payer is None:
            return str(_("payer unknown"))
        return "" if payer.pk == self.match.payer_id else str(payer)


class PayerAlias(models.Model):
    """An account or a name that a payer was seen to pay from; learnt from what people applied."""

    customer = models.ForeignKey("masters.Customer", on_delete=models.PROTECT, related_name="+")
    iban = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)  # normal form, see rules.normal_name
    times_used = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = _("payer aliases")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "iban", "name"], name="reconciliation_payeralias_once"
            ),
            models.CheckConstraint(
                condition=~Q(iban="", name=""), name="reconciliation_payeralias_says_something"
            ),
        ]
        indexes = [
            models.Index(fields=["iban"], name="reconciliation_alias_iban"),
            models.Index(fields=["name"], name="reconciliation_alias_name"),
        ]

    def __str__(self) -> str:
        return self.iban or self.name
