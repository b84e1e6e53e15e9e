"""What is known about reminding a customer, and about the bank."""

from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.days import PastDay, PlannedDay
from o2c.core.errors import RuleViolation
from o2c.core.work import assert_in_command
from receivables.models import DunningPolicy, DunningProfile


@command
def pause_dunning(
    customer_id: int, *, until: PlannedDay, reason: str, actor: Actor
) -> DunningProfile:
    """Send a customer no letters up to a day, with a reason. Raises RuleViolation."""
    require(actor, "receivables.pause_dunning")
    if until < clock.today():
        raise RuleViolation(
            _("The day is over already. A pause ends today or later."), field="until"
        )
    if not reason.strip():
        raise RuleViolation(_("Say why reminders are paused."), field="reason")
    return _change(customer_id, paused_until=until, pause_reason=reason.strip()[:200])


@command
def resume_dunning(customer_id: int, *, actor: Actor) -> DunningProfile:
    """End a customer's pause."""
    require(actor, "receivables.pause_dunning")
    return _change(customer_id, paused_until=None, pause_reason="")


@command
def set_dunning_profile(
    customer_id: int, *, policy_id: int | None, reason: str, actor: Actor
) -> DunningProfile:
    """Remind a customer by a policy of its own; None is the default one. Pauses stay.

    Raises RuleViolation without a reason, or for a policy that is not in use; one that the
    customer has already may stay.
    """
    require(actor, "receivables.set_dunning_profile")
    if not reason.strip():
        raise RuleViolation(_("Say why."), field="reason")
    in_use = Q(active=True) | Exists(
        DunningProfile.objects.filter(customer=customer_id, policy=OuterRef("pk"))
    )
    if policy_id and not DunningPolicy.objects.filter(in_use, pk=policy_id).exists():
        raise RuleViolation(_("There is no such policy."), field="policy")
    return _change(customer_id, why=reason.strip(), policy_id=policy_id)


def _change(customer_id: int, *, why: str = "", **fields: Any) -> DunningProfile:
    """Write these fields of a customer's profile, and leave the rest of it as it is.

    Locks the profile. Whoever comes second to a customer without one waits for the first.
    What says nothing new is not written: the profile is unsaved where there is none yet.
    """
    blank = DunningProfile(customer_id=customer_id)
    known = DunningProfile.objects.filter(customer_id=customer_id).first()
    if known is None:
        if _has(blank, fields):
            return blank
        known, is_new = DunningProfile.objects.get_or_create(
            customer_id=customer_id, defaults=fields
        )
        if is_new:
            return known
    profile = lock(DunningProfile, known.pk)
    if _has(profile, fields):
        return profile
    for name, value in fields.items():
        setattr(profile, name, value)
    profile._change_reason = why[:200]  # type: ignore[attr-defined]  # read by the history
    profile.version += 1
    profile.save()
    return profile


def _has(profile: DunningProfile, fields: dict[str, Any]) -> bool:
    return all(getattr(profile, name) == value for name, value in fields.items())


@command
def note_bank_data(bank_account_id: int, *, through_date: PastDay, actor: Actor) -> None:
    """Note up to which day the movements of a bank account are known; it never goes back.

    Called with every imported statement.
    """
    assert_in_command()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO receivables_bankfeed (bank_account_id, through_date, noted_at) "
            "VALUES (%s, %s, %s) ON CONFLICT (bank_account_id) DO UPDATE SET "
            "through_date = greatest(receivables_bankfeed.through_date, excluded.through_date), "
            "noted_at = excluded.noted_at",
            [bank_account_id, through_date, clock.now()],
        )
