"""A follower that joined comes to a lower rank again: waiting there would deadlock."""

import threading
from functools import partial
from unittest import mock

import pytest
from django.db import connection
from psycopg import errors as pg

from o2c.core import events, locks
from o2c.core.actors import SYSTEM
from o2c.core.commands import command, lock
from o2c.core.transitions import begin
from tests.concurrency.race import race
from tests.sample.models import Parcel, Piece

pytestmark = pytest.mark.django_db(transaction=True)

#: What the database refused, whoever met it.
REFUSED: list[type[Exception]] = []
BOTH_HOLD = threading.Barrier(2)
SHARED: list[int] = []


@command
def visit(parcel_id: int, *, actor) -> None:
    lock(Parcel, SHARED[0])


@command
def wrap_beside(piece_id: int, *, actor) -> Parcel:
    """Hold a piece (rank 50); what follows comes to the shared parcel (rank 40)."""
    lock(Piece, piece_id)
    _meet(wrap_beside)
    parcel = Parcel(address="Rome", value=1)
    return begin(parcel, actor=actor, event="wrapped")


@command
def walk_in_order(piece_id: int, *, actor) -> int:
    """Hold the shared parcel, then wait for the piece."""
    lock(Parcel, SHARED[0])
    _meet(walk_in_order)
    return lock(Piece, piece_id).pk


def _meet(who) -> None:
    """Go on when both hold their first row; a second run of the same does not wait."""
    if who not in MET:
        MET.append(who)
        BOTH_HOLD.wait(20)


MET: list[object] = []


def collected(contender):
    def note(execute, sql, params, many, context):
        try:
            return execute(sql, params, many, context)
        except Exception as error:
            REFUSED.append(type(error.__cause__))
            raise

    with connection.execute_wrapper(note):
        return contender()


@pytest.fixture
def contenders(monkeypatch):
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})
    REFUSED.clear(), MET.clear(), SHARED.clear()
    shared = Parcel.objects.create(address="Oslo", value=1)
    SHARED.append(shared.pk)
    piece = Piece.objects.create(parcel=shared, quantity=1)
    events.when("parcel.wrapped", visit, joins=True)
    return [
        partial(collected, partial(wrap_beside, piece.pk, actor=SYSTEM)),
        partial(collected, partial(walk_in_order, piece.pk, actor=SYSTEM)),
    ]


def test_it_gives_way_and_takes_its_own_turn(contenders):
    wrapped, walked = race(*contenders)

    assert (type(wrapped), type(walked)) == (Parcel, int)
    assert [pg.LockNotAvailable] == REFUSED


def test_one_that_waited_would_deadlock(contenders):
    with mock.patch.object(locks, "take_rank", return_value=False):
        race(*contenders)

    assert pg.DeadlockDetected in REFUSED
