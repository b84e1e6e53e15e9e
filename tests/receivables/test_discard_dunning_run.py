"""Nothing of a run is sent, and its items may be proposed again."""

from datetime import timedelta

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from receivables.commands import (
    approve_dunning_run,
    discard_dunning_run,
    drop_dunning_letter,
    propose_dunning,
    send_dunning_letters,
)
from receivables.models import DunningLetter, DunningNotice, DunningRun, DunningRunState

pytestmark = pytest.mark.django_db


def test_its_letters_never_leave(proposed_run, collector):
    run = discard_dunning_run(proposed_run.pk, reason="wrong day", actor=collector)

    assert run.state == DunningRun.objects.get().state == DunningRunState.DISCARDED
    assert not DunningLetter.objects.filter(dropped_at=None).exists()
    assert set(DunningNotice.objects.values_list("dropped_reason", flat=True)) == {"dropped"}
    assert send_dunning_letters(run.pk, actor=SYSTEM) == 0
    event = Event.objects.get(name="dunning_run.discarded")
    assert event.facts["reason"] == "wrong day"


def test_its_items_may_be_proposed_again_on_the_same_day(proposed_run):
    discard_dunning_run(proposed_run.pk, reason="wrong day", actor=SYSTEM)

    again = propose_dunning(actor=SYSTEM)

    assert again.run_date == proposed_run.run_date
    assert (again.letter_count, again.notice_count, again.excluded_count) == (2, 2, 0)


def test_what_was_taken_out_before_keeps_its_time(proposed_run, today):
    letter = proposed_run.letters.earliest("pk")
    drop_dunning_letter(proposed_run.pk, letter_id=letter.pk, reason="a friend", actor=SYSTEM)
    dropped_at = DunningLetter.objects.get(pk=letter.pk).dropped_at

    with clock.at(today + timedelta(days=1)):
        discard_dunning_run(proposed_run.pk, reason="wrong day", actor=SYSTEM)

    times = DunningLetter.objects.order_by("pk").values_list("dropped_at", flat=True)
    assert list(times) == [dropped_at, dropped_at + timedelta(days=1)]


def test_what_was_approved_is_not_discarded(proposed_run):
    approve_dunning_run(proposed_run.pk, actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is approved"):
        discard_dunning_run(proposed_run.pk, reason="wrong day", actor=SYSTEM)

    assert not DunningLetter.objects.exclude(dropped_at=None).exists()


def test_it_is_discarded_once(proposed_run):
    discard_dunning_run(proposed_run.pk, reason="wrong day", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is discarded"):
        discard_dunning_run(proposed_run.pk, reason="wrong day", actor=SYSTEM)


def test_who_only_looks_may_not(proposed_run, auditor):
    with pytest.raises(NotPermitted):
        discard_dunning_run(proposed_run.pk, reason="wrong day", actor=auditor)

    assert not DunningLetter.objects.exclude(dropped_at=None).exists()


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why(proposed_run, blank):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        discard_dunning_run(proposed_run.pk, reason=blank, actor=SYSTEM)

    assert refused.value.field == "reason"
    assert DunningRun.objects.get().state == DunningRunState.PROPOSED
