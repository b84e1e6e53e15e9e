"""A part of a command may fail alone: memory goes back with the database."""

from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction

from o2c.core import events
from o2c.core.actors import SYSTEM
from o2c.core.commands import attempt, command, lock, lock_where
from o2c.core.errors import TransitionRefused
from o2c.core.models import Delivery, Event
from o2c.core.transitions import save_document, transition
from o2c.core.work import OutsideCommand, current_work
from tests.core.test_kernel import inside, wrap
from tests.sample.models import Parcel, Piece

pytestmark = pytest.mark.django_db

LOG: list[int] = []


@command
def note(parcel_id: int, *, actor) -> None:
    LOG.append(parcel_id)


@pytest.fixture
def flow(monkeypatch):
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})
    LOG.clear()
    return events


@pytest.fixture
def parcels():
    return [wrap(place, "5", actor=SYSTEM) for place in ("Rome", "Oslo")]


@command
def send_both(first_id: int, second_id: int, *, actor, savepoint) -> None:
    """Send the first and undo it, then send the second."""
    with suppress(TransitionRefused), savepoint():
        transition(lock(Parcel, first_id), "send", actor=actor)
        raise TransitionRefused("no")
    transition(lock(Parcel, second_id), "send", actor=actor)


def test_followers_of_what_was_undone_do_not_run(flow, parcels):
    flow.together("parcel.sent", note)
    flow.when("parcel.sent", note)
    first, second = parcels

    send_both(first.pk, second.pk, actor=SYSTEM, savepoint=attempt)

    assert [second.pk, second.pk] == LOG
    assert Delivery.objects.count() == 1
    assert not Event.objects.filter(document_id=first.pk, name="parcel.sent").exists()


def test_a_bare_savepoint_would_let_them_run(flow, parcels):
    """The twin: with what `attempt` replaces, the first parcel is told of though it stayed."""
    flow.together("parcel.sent", note)
    first, second = parcels

    send_both(first.pk, second.pk, actor=SYSTEM, savepoint=transaction.atomic)

    assert [first.pk, second.pk] == LOG


def test_a_row_held_before_says_again_what_it_said(parcels):
    def work():
        parcel = lock(Parcel, parcels[0].pk)
        with suppress(ZeroDivisionError), attempt():
            parcel.address = "Paris"
            save_document(parcel, actor=SYSTEM)
            transition(parcel, "send", actor=SYSTEM)
            raise ZeroDivisionError
        return parcel, lock(Parcel, parcel.pk)

    held, again = inside(work, actor=SYSTEM)

    assert held is again
    assert (held.address, held.state, held.version) == ("Rome", "draft", 1)
    held.refresh_from_db()
    assert (held.address, held.state, held.version) == ("Rome", "draft", 1)


def test_a_row_locked_in_it_is_locked_anew_and_at_its_own_rank(parcels, count_statements):
    piece = Piece.objects.create(parcel=parcels[0], quantity=1)

    def work():
        with attempt() as part:
            lost = lock_where(Piece, parcel_id=parcels[0].pk)
            part.take_back()
        lock(Parcel, parcels[0].pk)  # a lower rank: the piece's lock is gone, so this is no error
        with count_statements() as count:
            again = lock_where(Piece, parcel_id=parcels[0].pk)
        return lost[0] is again[0], int(count)

    assert inside(work, actor=SYSTEM) == (False, 1)
    assert Piece.objects.get() == piece


def test_what_succeeds_stays_and_is_told(flow, parcels):
    flow.together("parcel.sent", note)

    def work():
        with attempt():
            transition(lock(Parcel, parcels[0].pk), "send", actor=SYSTEM)

    inside(work, actor=SYSTEM)

    assert [parcels[0].pk] == LOG
    assert Parcel.objects.filter(state="sent").count() == 1


def test_an_attempt_in_an_attempt_goes_back_with_the_outer_one(flow, parcels):
    flow.together("parcel.sent", note)

    def work():
        with attempt() as whole:
            with attempt():
                transition(lock(Parcel, parcels[0].pk), "send", actor=SYSTEM)
            with pytest.raises(IntegrityError), attempt():
                Piece.objects.create(parcel=parcels[1], quantity=1, taken=2)
            whole.take_back()
        return list(current_work().held)

    assert inside(work, actor=SYSTEM) == []
    assert LOG == []
    assert not Parcel.objects.filter(state="sent").exists()


def test_there_is_none_outside_a_command():
    with pytest.raises(OutsideCommand), attempt():
        pass
