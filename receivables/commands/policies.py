"""How a new company reminds: one policy to start with, which the admin changes."""

from decimal import Decimal

from django.utils.translation import gettext_noop as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command
from o2c.masters.commands import amend_master
from receivables.models import DunningLevel, DunningPolicy

#: Level, days after the due date, title, fee in base currency, interest in percent a year.
#: Documents translate title and text; the database keeps the English words.
LEVELS = [
    (0, -3, _("Your invoice falls due soon"), "0", "0"),
    (1, 5, _("Payment reminder"), "0", "0"),
    (2, 20, _("Second reminder"), "5", "0"),
    (3, 40, _("Final notice"), "15", "9"),
]
TEXT = _("If your payment is on its way, please disregard this letter.")


@command
def install_reminders(*, actor: Actor) -> DunningPolicy | None:
    """Create the policy by which customers without one of their own are reminded.

    A hint before the due date, two reminders, a final notice. None when there is a policy
    already: what is there stays as it is, so this may run again.
    """
    require(actor, "receivables.add_dunningpolicy")
    if DunningPolicy.objects.exists():
        return None
    policy = amend_master(
        DunningPolicy(
            code="STANDARD", name="Standard reminders", is_default=True, days_between=7,
            minimum=Decimal(10), bank_days=10,
        ),
        reason="Set up",
        actor=actor,
    )  # fmt: skip
    for level, days, title, fee, interest in LEVELS:
        amend_master(
            DunningLevel(
                policy=policy, level=level, days=days, title=title, text=TEXT, fee=Decimal(fee),
                interest_percent=Decimal(interest),
            ),
            reason="Set up",
            actor=actor,
        )  # fmt: skip
    return policy
