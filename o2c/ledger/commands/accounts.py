"""Changing the chart of accounts by hand."""

from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.ledger.models import Account, Line
from o2c.masters.commands import amend_master


@command
def amend_account(account: Account, *, reason: str = "", actor: Actor) -> Account:
    """Store a new or changed account with its history. Needs the add or change right.

    An account that has lines keeps its role and its bank account: what was posted would mean
    something else. Raises RuleViolations, and StaleVersion as for every master.
    """
    if account.pk is not None and Line.objects.filter(account=account.pk).exists():
        before = Account.objects.get(pk=account.pk)
        for field in ("role", "bank_account_id"):
            if getattr(before, field) != getattr(account, field):
                raise RuleViolation(
                    _("This account has entries; it keeps its role and its bank account."),
                    field=field.removesuffix("_id"),
                )
    return amend_master(account, reason=reason, actor=actor)
