"""A follower that joins commits with its event, or takes its own turn after the commit."""

import pytest
from django.db import OperationalError, connection

from o2c.core import deliveries, events
from o2c.core.actors import SYSTEM
from o2c.core.commands import attempt, command, lock
from o2c.core.errors import TransitionRefused
from o2c.core.events import when
from o2c.core.models import Delivery, DeliveryState, Event
from o2c.core.transitions import save_document, transition
from o2c.core.work import LockOrderBroken, assert_in_command
from tests.core.test_kernel import inside, send, wrap
from tests.sample.models import Parcel, Piece

pytestmark = pytest.mark.django_db

RUNS: list[tuple[int, bool]] = []


@command
def note(parcel_id: int, *, actor) -> None:
    """Note whether it runs within the command it follows."""
    RUNS.append((parcel_id, assert_in_command().is_following))


@command
def lose(parcel_id: int, *, actor) -> None:
    parcel = lock(Parcel, parcel_id)
    if parcel.state == "sent":
        transition(parcel, "lose", actor=actor)


@command
def refuse(parcel_id: int, *, actor) -> None:
    RUNS.append((parcel_id, assert_in_command().is_following))
    raise TransitionRefused("Not today.")


@command
def readdress(parcel_id: int, *, actor) -> None:
    parcel = lock(Parcel, parcel_id)
    parcel.address = "Paris"
    save_document(parcel, actor=actor)


@pytest.fixture(autouse=True)
def flow(monkeypatch):
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})
    RUNS.clear()


def outcomes() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_it_runs_in_the_transaction_of_its_event_and_its_receipt_is_there():
    when("parcel.sent", note, joins=True)

    parcel = send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

    assert [(parcel.pk, True)] == RUNS
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DONE, 1)
    assert delivery.done_at is not None


def test_it_saves_the_claim_and_the_second_lock(count_statements):
    when("parcel.sent", lose)
    apart, joined = (wrap("Rome", "5", actor=SYSTEM).pk for _ in range(2))
    with count_statements() as before:
        send(apart, actor=SYSTEM)
    events._after.clear()
    when("parcel.sent", lose, joins=True)

    with count_statements() as after:
        send(joined, actor=SYSTEM)

    assert int(before) - int(after) == 2
    assert set(Parcel.objects.values_list("state", flat=True)) == {"lost"}


def test_what_follows_a_follower_joins_too():
    when("parcel.sent", lose, joins=True)
    when("parcel.lost", note, joins=True)

    parcel = send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

    assert [(parcel.pk, True)] == RUNS
    assert outcomes() == ["done", "done"]


def test_history_shows_the_system_for_what_it_does(clerk):
    when("parcel.wrapped", readdress, joins=True)

    parcel = wrap("Rome", "5", actor=clerk)

    writers = parcel.history.order_by("pk").values_list("history_user_id", flat=True)
    assert list(writers) == ["clara", SYSTEM.get_username()]


def test_a_refusal_undoes_nothing_and_is_parked_in_its_own_turn():
    when("parcel.sent", lose, refuse, joins=True)

    parcel = send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

    assert Parcel.objects.get().state == "lost"
    assert [is_following for _pk, is_following in RUNS] == [True, False]
    assert sorted(outcomes()) == ["done", "parked"]
    assert Event.objects.filter(name="parcel.sent", document_id=parcel.pk).count() == 1


def test_what_a_part_took_back_is_followed_by_nobody():
    when("parcel.sent", note, joins=True)
    parcel = wrap("Rome", "5", actor=SYSTEM)

    def work() -> None:
        with attempt() as part:
            send(parcel.pk, actor=SYSTEM)
            part.take_back()

    inside(work, actor=SYSTEM)

    assert (RUNS, outcomes()) == ([], [])


def test_only_so_many_join_and_the_rest_take_their_own_turn(monkeypatch):
    monkeypatch.setattr(events, "MOST_FOLLOWERS", 2)
    when("parcel.sent", note, joins=True)
    parcels = [wrap("Rome", "5", actor=SYSTEM).pk for _ in range(3)]

    inside(lambda: [send(pk, actor=SYSTEM) for pk in parcels], actor=SYSTEM)

    assert [is_following for _pk, is_following in RUNS] == [True, True, False]
    assert outcomes() == ["done"] * 3


def test_it_comes_to_a_lower_rank_without_waiting(count_statements):
    parcel = wrap("Rome", "5", actor=SYSTEM)
    piece = Piece.objects.create(parcel=parcel, quantity=1)
    other = wrap("Oslo", "5", actor=SYSTEM)
    when("parcel.sent", lock_other, joins=True)
    lock_other.pk = other.pk  # type: ignore[attr-defined]

    def work() -> None:
        locked = lock(Parcel, parcel.pk)
        lock(Piece, piece.pk)
        transition(locked, "send", actor=SYSTEM)

    with count_statements() as count:
        inside(work, actor=SYSTEM)

    (read,) = [sql for sql in count.statements if "NOWAIT" in sql]
    assert "sample_parcel" in read


@command
def lock_other(parcel_id: int, *, actor) -> None:
    lock(Parcel, lock_other.pk)  # type: ignore[attr-defined]


def test_the_command_itself_keeps_the_order():
    parcel = wrap("Rome", "5", actor=SYSTEM)
    piece = Piece.objects.create(parcel=parcel, quantity=1)

    with pytest.raises(LockOrderBroken):
        inside(lambda: (lock(Piece, piece.pk), lock(Parcel, parcel.pk)), actor=SYSTEM)


def test_a_commit_that_got_lost_is_not_tried_again(monkeypatch):
    """Nobody knows whether it was carried out: only the key of a form can tell."""
    when("parcel.sent", lose_connection, joins=True)
    parcel = wrap("Rome", "5", actor=SYSTEM)

    with pytest.raises(OperationalError):
        send(parcel.pk, actor=SYSTEM)

    assert len(RUNS) == 1
    assert Parcel.objects.get().state == "draft"
    assert connection.is_usable()


@command
def lose_connection(parcel_id: int, *, actor) -> None:
    RUNS.append((parcel_id, True))
    raise OperationalError("server closed the connection unexpectedly")


def test_the_worker_joins_nothing():
    with pytest.raises(AssertionError):
        when("parcel.sent", note, slow=True, joins=True)


def test_a_bug_in_one_that_joined_is_put_off_in_its_own_turn():
    deliveries.raise_handler_bugs.set(False)
    when("parcel.sent", stumble, joins=True)

    send(wrap("Rome", "5", actor=SYSTEM).pk, actor=SYSTEM)

    assert Parcel.objects.get().state == "sent"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.OWED, 1)
    assert "ZeroDivisionError" in delivery.failure


@command
def stumble(parcel_id: int, *, actor) -> None:
    raise ZeroDivisionError
