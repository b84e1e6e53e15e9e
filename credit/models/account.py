"""The credit account of a paying customer, and its dated limits."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.history import CommercialHistory
from o2c.core.models import Document
from o2c.core.states import Amount, StateField, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank


class AccountState(models.TextChoices):
    OPEN = "open", _("Open")
    BLOCKED = "blocked", _("Blocked")

    tones = tones(
        open="success circle-check",
        blocked="danger octagon-x",
    )


class RiskClass(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class CreditAccount(Document):
    """What we know about a payer's credit. Its row lock is the gate through which credit is spent.

    Amounts are in `currency`. `overdue_amount` and `oldest_due_date` are fed by receivables.
    """

    lock_rank = Rank.CREDIT_ACCOUNT
    noun = "account"
    other_events = {
        "opened": _("Opened"),
        "classified": _("Classified"),
        "limit_set": _("Limit set"),
        "cleared": _("Cleared"),
    }
    fact_words = {
        "customer": _("Customer"),
        "kind": _("Kind"),
        "amount": Amount(_("Amount")),
        "valid_from": _("Valid from"),
        "valid_to": _("Valid to"),
        "risk_class": _("Risk class"),
        "overdue_days_allowed": _("Overdue days allowed"),
        "check": _("Credit check"),
        "reason": _("Reason"),
    }

    number = number_from_id("CA")
    state = StateField(AccountState, default=AccountState.OPEN, verbose_name=_("state"))
    customer = models.OneToOneField(
        "masters.Customer",
        models.PROTECT,
        related_name="credit_account",
        verbose_name=_("customer"),
    )
    currency = models.CharField(_("currency"), max_length=3)
    risk_class = models.CharField(
        _("risk class"), max_length=10, choices=RiskClass, default=RiskClass.MEDIUM
    )
    stop_reason = models.CharField(_("why it is blocked"), max_length=200, blank=True)
    #: set when a person approved the first order, or by a person who knows the customer
    first_order_cleared = models.BooleanField(_("known customer"), default=False)
    #: how late the oldest open item may be; empty: overdue items do not hold orders
    overdue_days_allowed = models.PositiveSmallIntegerField(
        _("days overdue allowed"), null=True, blank=True, default=30
    )
    overdue_amount = AmountField(_("overdue"), default=0)
    oldest_due_date = DayField(_("oldest due date"), kind=DayKind.PLANNED, null=True, blank=True)

    history = CommercialHistory(
        excluded_fields=("number", "state", "version", "overdue_amount", "oldest_due_date")
    )

    class Meta:
        verbose_name = _("credit account")
        verbose_name_plural = _("credit accounts")
        constraints = [
            state_known(AccountState, "credit_account_state_known"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="credit_account_currency_iso"
            ),
            models.CheckConstraint(
                condition=Q(risk_class__in=RiskClass.values),
                name="credit_account_risk_class_known",
            ),
            models.CheckConstraint(
                condition=Q(state=AccountState.OPEN, stop_reason="")
                | (Q(state=AccountState.BLOCKED) & ~Q(stop_reason="")),
                name="credit_account_block_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(overdue_amount__gte=0), name="credit_account_overdue_not_negative"
            ),
        ]

    @step(
        AccountState.OPEN,
        AccountState.BLOCKED,
        label=_("Block"),
        event="blocked",
        past=_("Blocked"),
    )
    def block(self) -> None:
        """No order of this payer is released until somebody unblocks it."""

    @step(
        AccountState.BLOCKED,
        AccountState.OPEN,
        label=_("Unblock"),
        event="unblocked",
        past=_("Unblocked"),
    )
    def unblock(self) -> None:
        """Orders are checked by the limit again."""
        self.stop_reason = ""

    @property
    def blocked(self) -> bool:
        """Whether every order is held."""
        return self.state == AccountState.BLOCKED


class LimitKind(models.TextChoices):
    """A temporary limit stands in for the permanent one; insurance comes on top of either."""

    PERMANENT = "permanent", _("Permanent")
    TEMPORARY = "temporary", _("Temporary")
    INSURED = "insured", _("Insured")


class CreditLimit(models.Model):
    """How much the payer may owe from one day to another, both included. No row: no limit."""

    account = models.ForeignKey(
        CreditAccount, models.PROTECT, related_name="limits", verbose_name=_("account")
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=LimitKind, default=LimitKind.PERMANENT
    )
    amount = MoneyField(
        _("amount"), max_digits=19, decimal_places=4, currency_field_name="currency"
    )
    valid_from = DayField(_("valid from"), kind=DayKind.ANY)
    valid_to = DayField(_("valid to"), kind=DayKind.ANY, null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    approved_by = models.CharField(_("set by"), max_length=150)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    history = CommercialHistory(excluded_fields=("created_at",))
    objects = models.Manager()

    class Meta:
        verbose_name = _("credit limit")
        verbose_name_plural = _("credit limits")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=LimitKind.values), name="credit_limit_kind_known"
            ),
            models.CheckConstraint(
                # numeric accepts NaN, and NaN >= 0 is true: name an upper end as well
                condition=Q(amount__gte=0, amount__lt=10**15),
                name="credit_limit_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="credit_limit_validity_ordered",
            ),
            models.CheckConstraint(
                condition=Q(kind=LimitKind.PERMANENT) | Q(valid_to__isnull=False),
                name="credit_limit_temporary_ends",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=""), name="credit_limit_set_by_somebody"
            ),
            ExclusionConstraint(
                name="credit_limit_no_overlap",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (
                        Func(
                            "valid_from",
                            "valid_to",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"
