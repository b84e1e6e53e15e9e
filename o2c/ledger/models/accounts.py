"""The chart of accounts. Stages post to roles; the chart says which account plays which."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from o2c.masters.models.base import Coded


class AccountKind(models.TextChoices):
    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    INCOME = "income", _("Income")
    EXPENSE = "expense", _("Expense")
    EQUITY = "equity", _("Equity")


class Role(models.TextChoices):
    """What an account is for. AR is the control account: its lines name the customer."""

    AR = "AR", _("Receivables")
    UNAPPLIED_CASH = "UNAPPLIED_CASH", _("Unapplied cash")
    INVENTORY = "INVENTORY", _("Inventory")
    SHIPPED_NOT_INVOICED = "SHIPPED_NOT_INVOICED", _("Shipped, not invoiced")
    COGS = "COGS", _("Cost of goods sold")
    REVENUE = "REVENUE", _("Revenue")
    TAX = "TAX", _("Tax owed")
    DISCOUNT = "DISCOUNT", _("Early payment discounts")
    WRITE_OFF = "WRITE_OFF", _("Write-offs")
    FX_DIFFERENCE = "FX_DIFFERENCE", _("Exchange differences")
    ROUNDING = "ROUNDING", _("Rounding differences")
    STOCK_ADJUSTMENT = "STOCK_ADJUSTMENT", _("Stock adjustments")
    GOODS_RECEIVED = "GOODS_RECEIVED", _("Goods received, not billed")
    BANK = "BANK", _("Bank")
    BANK_CHARGES = "BANK_CHARGES", _("Bank charges")
    BANK_SUSPENSE = "BANK_SUSPENSE", _("Bank lines not yet explained")


class Account(Coded):
    """An account of the chart.

    A role is played by one account; BANK by one per bank account of ours and one for all others.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)
    role = models.CharField(_("role"), max_length=24, choices=Role, null=True, blank=True)  # noqa: DJ001  # NULL: no role, and many have none
    bank_account = models.ForeignKey(
        "masters.BankAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("bank account"),
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["code"]
        constraints = [
            *Coded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=AccountKind.values), name="ledger_account_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(role__isnull=True) | Q(role__in=Role.values),
                name="ledger_account_role_known",
            ),
            models.CheckConstraint(
                condition=Q(bank_account__isnull=True) | Q(role=Role.BANK),
                name="ledger_account_bank_plays_bank",
                violation_error_message=_(
                    "Only an account with the role “Bank” has a bank account."
                ),
            ),
            models.UniqueConstraint(
                fields=["role", "bank_account"],
                condition=Q(role__isnull=False),
                nulls_distinct=False,
                name="ledger_account_role_once",
                violation_error_message=_("Another account plays this role."),
            ),
        ]
        triggers = [
            # A posted line's meaning would change under it.
            pgtrigger.Trigger(
                name="role_stays_once_used",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__role__df=pgtrigger.F("new__role")),
                func="""
                IF EXISTS (SELECT 1 FROM ledger_line WHERE account_id = NEW.id) THEN
                    RAISE EXCEPTION 'ledger_account: % has lines, its role stays', OLD.code;
                END IF;
                RETURN NEW;
                """,
            )
        ]
