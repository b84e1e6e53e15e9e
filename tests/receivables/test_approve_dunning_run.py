"""A person has looked through the run: its letters leave, and nothing leaves before."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Delivery, Event
from receivables.commands import (
    approve_dunning_run,
    discard_dunning_run,
    drop_dunning_letter,
    propose_dunning,
    send_dunning_letters,
)
from receivables.models import DunningLetter, DunningRun, DunningRunState
from tests.factories.receivables import DunningPolicyFactory

pytestmark = pytest.mark.django_db


def test_its_letters_are_owed_to_the_worker_and_leave(proposed_run, controller, printed):
    run = approve_dunning_run(proposed_run.pk, actor=controller)

    assert run.state == DunningRun.objects.get().state == DunningRunState.APPROVED
    event = Event.objects.get(name="dunning_run.approved")
    assert (event.actor, event.facts) == ("corinna", {"letters": 2})
    delivery = Delivery.objects.get(event=event)
    assert delivery.handler.endswith(".send_dunning_letters")
    assert delivery.slow  # printing takes its time: not while a person waits
    assert not DunningLetter.objects.exclude(sent_at=None).exists()
    assert send_dunning_letters(run.pk, actor=SYSTEM) == 2


def test_a_run_without_letters_is_not_approved(today):
    DunningPolicyFactory()
    run = propose_dunning(actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It proposes no letters"):
        approve_dunning_run(run.pk, actor=SYSTEM)


def test_nor_one_whose_letters_were_all_taken_out(proposed_run):
    for letter in proposed_run.letters.all():
        drop_dunning_letter(
            proposed_run.pk, letter_id=letter.pk, reason="we call them", actor=SYSTEM
        )

    with pytest.raises(TransitionRefused, match="It proposes no letters"):
        approve_dunning_run(proposed_run.pk, actor=SYSTEM)


def test_what_was_discarded_is_not_approved(proposed_run):
    discard_dunning_run(proposed_run.pk, reason="wrong day", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is discarded"):
        approve_dunning_run(proposed_run.pk, actor=SYSTEM)


def test_it_is_approved_once(proposed_run):
    approve_dunning_run(proposed_run.pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="It is approved"):
        approve_dunning_run(proposed_run.pk, actor=SYSTEM)

    assert Delivery.objects.filter(event__name="dunning_run.approved").count() == 1


def test_a_form_sent_twice_is_one_approval(proposed_run):
    for _ in range(2):
        approve_dunning_run(proposed_run.pk, actor=SYSTEM, op_id="form-1")

    assert Event.objects.filter(name="dunning_run.approved").count() == 1


def test_who_proposes_may_not_approve(proposed_run, collector):
    with pytest.raises(NotPermitted):
        approve_dunning_run(proposed_run.pk, actor=collector)

    assert DunningRun.objects.get().state == DunningRunState.PROPOSED
