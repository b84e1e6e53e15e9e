"""The daily dunning run: proposed by the product, looked through and approved by a person."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock, lock_where
from o2c.core.days import PastDay
from o2c.core.errors import RuleViolation
from o2c.core.models import JobRun
from o2c.core.transitions import begin, refuse_blocked, save_document, transition
from o2c.web.formats import date_text
from receivables.commands.proposing import decide, write_exclusions, write_letters
from receivables.models import (
    DunningLetter,
    DunningNotice,
    DunningPolicy,
    DunningRun,
    DunningRunState,
    ExclusionReason,
)
from receivables.queries import dunning as facts

JOB = "dunning"


@command
def propose_daily_dunning(*, actor: Actor) -> DunningRun | None:
    """The beat's run of the day: proposed by the first who comes, once.

    None when somebody was first, or when nobody has set up a policy yet.
    """
    today = clock.today()
    _slot, is_first = JobRun.objects.get_or_create(name=JOB, slot=today.isoformat())
    if not is_first or facts.policies() is None or _run_of(today):
        return None
    return propose_dunning(run_date=today, actor=actor)


@command
def propose_dunning(*, run_date: PastDay | None = None, actor: Actor) -> DunningRun:
    """Look at every debt that is due, and propose whom to remind of what, at which level.

    What is left alone is kept with its reason. One live run a day; proposals wait for each other
    on the policies' locks. Raises RuleViolation.
    """
    require(actor, "receivables.propose_dunning")
    today = run_date or clock.today()
    lock_where(DunningPolicy, active=True)
    policies = facts.policies()
    if policies is None:
        raise RuleViolation(
            _("There is no default dunning policy yet. Mark an active policy as the default.")
        )
    _refuse_day(today)
    known = facts.bank_known_through()
    proposal, items = decide(policies, today, known)
    run = DunningRun(
        run_date=today,
        bank_date=known.oldest,
        letter_count=len({items[r.open_item_id].customer_id for r in proposal.reminders}),
        notice_count=len(proposal.reminders),
        excluded_count=len({e.open_item_id for e in proposal.exclusions}),
    )
    counts = {"letters": run.letter_count, "items": run.notice_count}
    begin(run, actor=actor, event="proposed", date=today, **counts, excluded=run.excluded_count)
    write_letters(run, policies, proposal.reminders, items)
    write_exclusions(run, proposal.exclusions, items)
    return run


@command
def approve_dunning_run(run_id: int, *, actor: Actor) -> DunningRun:
    """Have the letters of a run sent. Each is looked at once more before it leaves.

    Locks the run. Raises RuleViolation.
    """
    run = lock(DunningRun, run_id)
    return transition(run, "approve", actor=actor, letters=run.letter_count)


@command
def discard_dunning_run(run_id: int, *, reason: str, actor: Actor) -> DunningRun:
    """Send nothing of a run; its items may be proposed again. Locks the run.

    Raises RuleViolation.
    """
    if not reason.strip():
        raise RuleViolation(_("Say why nothing of the run is sent."), field="reason")
    run = lock(DunningRun, run_id)
    require(actor, DunningRun.permission("discard"))
    refuse_blocked(run, "discard")
    drop_letters(run.letters.filter(dropped_at__isnull=True).values_list("pk", flat=True))
    return transition(run, "discard", actor=actor, reason=reason.strip())


@command
def drop_dunning_letter(run_id: int, *, letter_id: int, reason: str, actor: Actor) -> DunningRun:
    """Take one letter out of a proposed run, with a reason. Locks the run.

    Raises RuleViolation.
    """
    require(actor, "receivables.drop_letter")
    if not reason.strip():
        raise RuleViolation(_("Say why the letter is taken out."), field="reason")
    run = lock(DunningRun, run_id)
    refuse_blocked(run, "discard")
    letter = run.letters.filter(pk=letter_id).first()
    if letter is None:
        raise RuleViolation(
            _("Letter %(pk)s is not in %(run)s.") % {"pk": letter_id, "run": run}, field="letter_id"
        )
    if letter.dropped_at is not None:
        raise RuleViolation(
            _("%(letter)s was taken out already.") % {"letter": letter}, field="letter_id"
        )
    run.notice_count -= drop_letters([letter.pk])
    run.letter_count -= 1
    return save_document(
        run, actor=actor, event="letter_dropped", reason=reason.strip(), number=letter.number
    )


def drop_letters(letter_ids: Iterable[int]) -> int:
    """Mark letters and their notices as taken out by hand; how many notices."""
    ids, now = list(letter_ids), clock.now()
    DunningLetter.objects.filter(pk__in=ids).update(dropped_at=now)
    live = DunningNotice.objects.filter(letter__in=ids, dropped_at__isnull=True)
    return live.update(dropped_at=now, dropped_reason=ExclusionReason.DROPPED)


def _refuse_day(day: date) -> None:
    """Refuse a day that has a run."""
    run = _run_of(day)
    if run is None:
        return
    sentence = _("%(run)s of %(day)s is there already. Discard it first.")
    if run.state == DunningRunState.APPROVED:
        sentence = _("%(run)s of %(day)s was approved already. The next run is for another day.")
    raise RuleViolation(sentence % {"run": run, "day": date_text(day)}, field="run_date")


def _run_of(day: date) -> DunningRun | None:
    return DunningRun.objects.filter(run_date=day).exclude(state=DunningRunState.DISCARDED).first()
