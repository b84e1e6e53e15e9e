"""One letter is taken out of a proposed run; the others leave."""

from datetime import timedelta

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from receivables.commands import (
    approve_dunning_run,
    drop_dunning_letter,
    propose_dunning,
    send_dunning_letters,
)
from receivables.models import DunningLetter, DunningNotice, DunningRun

pytestmark = pytest.mark.django_db


def drop(run, letter, actor=SYSTEM):
    return drop_dunning_letter(run.pk, letter_id=letter.pk, reason="we call them", actor=actor)


@pytest.fixture
def letters(proposed_run):
    """The letter that is taken out, and the one that stays."""
    return list(proposed_run.letters.order_by("pk"))


def test_the_others_leave(proposed_run, letters, collector, printed):
    dropped, kept = letters

    run = drop(proposed_run, dropped, collector)

    assert (run.letter_count, run.notice_count) == (1, 1)
    assert DunningNotice.objects.get(letter=dropped).dropped_reason == "dropped"
    facts = Event.objects.get(name="dunning_run.letter_dropped").facts
    assert facts == {"number": dropped.number, "reason": "we call them"}
    approve_dunning_run(run.pk, actor=SYSTEM)
    assert send_dunning_letters(run.pk, actor=SYSTEM) == 1
    assert DunningLetter.objects.get(sent_at__isnull=False) == kept


def test_its_items_are_proposed_again_in_the_next_run(proposed_run, letters, today):
    dropped, _kept = letters
    drop(proposed_run, dropped)

    with clock.at(today + timedelta(days=1)):
        run = propose_dunning(actor=SYSTEM)

    assert run.letters.get().customer_id == dropped.customer_id


def test_it_is_taken_out_once(proposed_run, letters):
    drop(proposed_run, letters[0])

    with pytest.raises(RuleViolation, match=f"{letters[0]} was taken out already") as refused:
        drop(proposed_run, letters[0])

    assert refused.value.field == "letter_id"
    run = DunningRun.objects.get()
    assert (run.letter_count, run.notice_count) == (1, 1)


def test_another_runs_letter_is_not_in_this_one(proposed_run, letters, today):
    drop(proposed_run, letters[0])
    with clock.at(today + timedelta(days=1)):
        other = propose_dunning(actor=SYSTEM)

    with pytest.raises(RuleViolation, match=f"is not in {other}"):
        drop(other, letters[1])

    assert DunningLetter.objects.get(pk=letters[1].pk).dropped_at is None


def test_nothing_is_taken_out_of_an_approved_run(proposed_run, letters):
    approve_dunning_run(proposed_run.pk, actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is approved"):
        drop(proposed_run, letters[0])


def test_who_only_looks_may_not(proposed_run, letters, auditor):
    with pytest.raises(NotPermitted):
        drop(proposed_run, letters[0], auditor)

    assert DunningRun.objects.get().letter_count == 2


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why(proposed_run, letters, blank):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        drop_dunning_letter(proposed_run.pk, letter_id=letters[0].pk, reason=blank, actor=SYSTEM)

    assert refused.value.field == "reason"
    assert DunningRun.objects.get().letter_count == 2
