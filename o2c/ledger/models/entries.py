"""Entries and their lines: append-only, balanced, in an open period. The database sees to it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.days import DayKind
from o2c.core.fields import AmountField, DayField
from o2c.core.states import number_from_id
from o2c.core.triggers import append_only
from o2c.ledger.models.accounts import Role

#: First key of the advisory locks on periods; the second is the period's id.
PERIOD_LOCK = 20
#: SQLSTATE of a posting into a closed period.
PERIOD_CLOSED = "O2C20"

_NEW_ROWS = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]


class Entry(models.Model):
    """One posting of one source for one purpose, such as ("invoicing.invoice", 7) for "post".

    Never changed: what was wrong is reversed by its exact mirror, once. `line_count` seals it.
    """

    number = number_from_id("JE")
    source_type = models.CharField(_("source"), max_length=60)  # app.model
    source_id = models.BigIntegerField()
    purpose = models.CharField(_("purpose"), max_length=40)
    posting_date = DayField(_("posting date"), kind=DayKind.PAST, db_index=True)
    period = models.ForeignKey("ledger.Period", models.PROTECT, related_name="entries")
    description = models.CharField(_("description"), max_length=200, blank=True)
    line_count = models.PositiveIntegerField()
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversal",
        verbose_name=_("reverses"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now)
    recorded_by = models.CharField(_("recorded by"), max_length=150)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "purpose"], name="ledger_entry_posted_once"
            ),
            models.CheckConstraint(
                condition=Q(line_count__gte=2), name="ledger_entry_two_lines_at_least"
            ),
            models.CheckConstraint(
                condition=~Q(source_type="") & ~Q(purpose="") & ~Q(recorded_by=""),
                name="ledger_entry_has_source",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | ~Q(reverses=F("id")),
                name="ledger_entry_not_its_own_mirror",
            ),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                # The shared lock makes closing wait for this posting, and the reading after it
                # sees what a closer committed meanwhile.
                name="period_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("period", "ledger_period%ROWTYPE")],
                func=f"""
                PERFORM pg_advisory_xact_lock_shared({PERIOD_LOCK}, NEW.period_id::integer);
                SELECT * INTO period FROM ledger_period WHERE id = NEW.period_id;
                IF period.state <> 'open' THEN
                    RAISE EXCEPTION 'ledger_entry: period % is closed', period.code
                    USING ERRCODE = '{PERIOD_CLOSED}';
                END IF;
                IF NEW.posting_date NOT BETWEEN period.start_date AND period.end_date THEN
                    RAISE EXCEPTION 'ledger_entry: % is not in period %',
                        NEW.posting_date, period.code;
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="balanced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                IF (SELECT count(*) FROM ledger_line WHERE entry_id = NEW.id) <> NEW.line_count
                THEN
                    RAISE EXCEPTION 'ledger_entry: % has not its % lines', NEW.id, NEW.line_count
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                IF EXISTS (
                    SELECT 1 FROM ledger_line WHERE entry_id = NEW.id
                    GROUP BY currency HAVING sum(amount) <> 0
                ) OR (SELECT sum(base_amount) FROM ledger_line WHERE entry_id = NEW.id) <> 0
                THEN
                    RAISE EXCEPTION 'ledger_entry: % does not balance', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                IF NEW.reverses_id IS NOT NULL AND EXISTS (
                    SELECT 1 FROM ledger_line WHERE entry_id IN (NEW.id, NEW.reverses_id)
                    GROUP BY account_id, customer_id, currency
                    HAVING sum(amount) <> 0 OR sum(base_amount) <> 0
                ) THEN
                    RAISE EXCEPTION 'ledger_entry: % does not mirror %', NEW.id, NEW.reverses_id
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"


class Line(models.Model):
    """One account's share. Debits positive, credits negative.

    `amount` in `currency`, `base_amount` in the base currency. A pure exchange or rounding
    difference has amount 0. `posting_date` repeats the entry's, so that balances as of any date
    are read from one index.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveSmallIntegerField()  # 1 to the entry's line_count
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, related_name="lines", db_index=False
    )
    customer = models.ForeignKey(
        "masters.Customer", models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("base amount"))
    posting_date = DayField(_("posting date"), kind=DayKind.PAST)

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="ledger_line_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="ledger_line_number_from_1"),
            models.CheckConstraint(
                condition=~Q(amount=0) | ~Q(base_amount=0), name="ledger_line_not_zero"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, base_amount__gte=0)
                | Q(amount__lte=0, base_amount__lte=0),
                name="ledger_line_signs_agree",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="ledger_line_currency_iso"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "customer", "currency", "posting_date"],
                include=["amount", "base_amount"],
                name="ledger_line_balances",
            )
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                # Line numbers are unique and end at line_count: a full entry takes no more.
                name="fits_its_entry",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=_NEW_ROWS,
                func=f"""
                IF EXISTS (
                    SELECT 1 FROM new_rows AS l JOIN ledger_entry AS e ON e.id = l.entry_id
                    WHERE l.number > e.line_count OR l.posting_date <> e.posting_date
                ) THEN
                    RAISE EXCEPTION 'ledger_line: not a line of its entry'
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                IF EXISTS (
                    SELECT 1 FROM new_rows AS l JOIN ledger_account AS a ON a.id = l.account_id
                    WHERE a.role = '{Role.AR.value}' AND l.customer_id IS NULL
                ) THEN
                    RAISE EXCEPTION 'ledger_line: a receivable names its customer'
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount:+f} {self.currency}"
