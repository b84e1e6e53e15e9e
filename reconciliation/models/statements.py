"""Statements of our bank accounts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.models import Document
from o2c.core.states import StateField, condition, number_from_id, state_known, step, tones
from o2c.masters.rules.ranks import Rank


class StatementState(models.TextChoices):
    IMPORTED = "imported", _("Imported")
    RECONCILED = "reconciled", _("Reconciled")
    REPLACED = "replaced", _("Replaced")

    tones = tones(
        imported="info file-down",
        reconciled="success badge-check",
        replaced="neutral replace",
    )


@condition(_("Lines are still open."))
def every_line_is_settled(statement: "BankStatement") -> bool:
    return not statement.lines.filter(payment=None, ignored_reason="").exists()


@condition(_("Its balances do not fit; accept them with a reason first."))
def balances_fit(statement: "BankStatement") -> bool:
    return not statement.problem or bool(statement.accepted_reason)


class BankStatement(Document):
    """One statement of one of our accounts, as the bank sent it.

    Amounts in the account's currency. `problem` says in words why opening + lines = closing, or
    the chain to the statement before, does not hold: such a statement is shown, not posted.
    `follows` is the statement that ends with the balance this one begins with; the first of an
    account follows none. One that the bank has corrected is replaced and stays on record.
    """

    lock_rank = Rank.BANK_STATEMENT
    other_events = {
        "imported": _("Imported"),
        "accepted": _("Accepted"),
        "joined": _("Joined to the chain of balances"),
        "cut_off": _("Cut off from the chain of balances"),
    }
    fact_words = {
        "file": _("File"),
        "lines": _("Lines"),
        "skipped": _("Skipped"),
        "reason": _("Reason"),
        "beside": _("Other statement"),
        "by": _("Imported by"),
    }

    number = number_from_id("BS")
    state = StateField(StatementState, default=StatementState.IMPORTED)
    account = models.ForeignKey("masters.BankAccount", on_delete=models.PROTECT, related_name="+")
    statement_id = models.CharField(max_length=80)  # the bank's own, may come again next year
    sequence = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    opening = AmountField(null=True)
    closing = AmountField(null=True)
    opening_date = DayField(kind=DayKind.PAST, null=True)
    closing_date = DayField(kind=DayKind.PAST, null=True)
    line_count = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    accepted_reason = models.TextField(blank=True)
    notices = models.JSONField(default=list)  # what the reader found odd, one sentence each
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="follower"
    )
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replaces"
    )
    content_digest = models.CharField(max_length=64)  # equal for two files of one statement
    file_sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            state_known(StatementState, "reconciliation_bankstatement_state_known"),
            models.UniqueConstraint(
                fields=["account", "file_sha256", "statement_id"],
                condition=~Q(state=StatementState.REPLACED),
                name="reconciliation_bankstatement_file_once",
            ),
            models.UniqueConstraint(
                fields=["account", "content_digest"],
                condition=~Q(state=StatementState.REPLACED),
                name="reconciliation_bankstatement_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=StatementState.REPLACED, replaced_by__isnull=False, follows__isnull=True
                )
                | (~Q(state=StatementState.REPLACED) & Q(replaced_by__isnull=True)),
                name="reconciliation_bankstatement_replaced_by_one",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "closing_date"], name="reconciliation_statement_chain")
        ]

    @step(
        StatementState.IMPORTED,
        StatementState.RECONCILED,
        label=_("Reconcile"),
        event="reconciled",
        past=_("Reconciled"),
        conditions=[every_line_is_settled, balances_fit],
    )
    def reconcile(self) -> None:
        """Sign the statement off: every line is explained."""

    @step(
        StatementState.IMPORTED,
        StatementState.REPLACED,
        label=_("Replace"),
        event="replaced",
        past=_("Replaced"),
    )
    def replace(self) -> None:
        """The bank has sent it anew, corrected: its lines are in nobody's queue any more."""
