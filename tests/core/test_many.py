"""Many documents begun, moved and followed are what each alone would be (ADR 58)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from o2c.core import events
from o2c.core.actors import SYSTEM
from o2c.core.commands import command, lock_all
from o2c.core.errors import TransitionRefused
from o2c.core.events import MOST_FOLLOWERS, takes_many, when
from o2c.core.models import Delivery, DeliveryState, Event
from o2c.core.transitions import begin, begin_many, transition, transition_many
from tests.sample.models import Parcel

pytestmark = pytest.mark.django_db

CALLS: list[list[int]] = []
#: An address with what JSON, arrays and quotes could stumble over; none at all; a NULL by name.
ADDRESSES = st.sampled_from(["Rome", "", "NULL", "{\"a\", 'b'}", "a,b", "back\\slash", "Ærø ✓"])


@command
def begin_all(parcels, facts, *, actor):
    return begin_many(parcels, actor=actor, event="wrapped", facts=facts)


@command
def begin_each(parcels, facts, *, actor):
    return [begin(p, actor=actor, event="wrapped", **f) for p, f in zip(parcels, facts)]  # noqa: B905


@command
def send_all(keys, facts, *, actor):
    held = lock_all(Parcel, keys)
    transition_many([held[key] for key in keys], "send", actor=actor, facts=facts)


@command
def send_each(keys, facts, *, actor):
    held = lock_all(Parcel, keys)
    for key, said in zip(keys, facts, strict=True):
        transition(held[key], "send", actor=actor, **said)


@takes_many
@command
def note_all(parcel_ids, *, actor):
    CALLS.append(list(parcel_ids))


@command
def note_one(parcel_id, *, actor):
    CALLS.append([parcel_id])


@pytest.fixture(autouse=True)
def flow(monkeypatch):
    monkeypatch.setattr(events, "_after", {})
    monkeypatch.setattr(events, "_before_commit", {})
    CALLS.clear()


def parcels(addresses) -> list[Parcel]:
    return [Parcel(address=address, value=5) for address in addresses]


def as_stored(keys) -> list[tuple]:
    """Rows, histories, events and deliveries of parcels in their order, without keys and times."""
    found = []
    for key in keys:
        row = Parcel.objects.values("address", "value", "state", "version").get(pk=key)
        told = Event.objects.filter(document_id=key).order_by("pk")
        history = Parcel.history.filter(id=key).order_by("history_id")
        owed = Delivery.objects.filter(event__in=told).order_by("pk")
        found.append(
            (
                tuple(row.values()),
                list(told.values_list("name", "old_state", "new_state", "actor", "facts")),
                list(history.values_list("address", "history_type", "history_user_id")),
                list(owed.values_list("event__name", "handler", "slow", "state", "attempts")),
            )
        )
    return found


@settings(max_examples=25, deadline=None)
@any_of(st.lists(ADDRESSES, min_size=1, max_size=6))
def test_many_are_stored_as_each_alone(addresses):
    events._after.clear()
    when("parcel.wrapped", note_one, slow=True, given="tell")
    when("parcel.sent", note_one, given="tell", joins=True)
    facts = [{"address": a, "tell": len(a) % 2} for a in addresses]

    together = [p.pk for p in begin_all(parcels(addresses), facts, actor=SYSTEM)]
    alone = [p.pk for p in begin_each(parcels(addresses), facts, actor=SYSTEM)]
    assert as_stored(together) == as_stored(alone)

    good = [nr for nr, address in enumerate(addresses) if address]
    said = [facts[nr] for nr in good]
    send_all([together[nr] for nr in good], said, actor=SYSTEM)
    send_each([alone[nr] for nr in good], said, actor=SYSTEM)
    assert as_stored(together) == as_stored(alone)


def test_they_are_one_statement_with_their_events_and_what_is_owed():
    when("parcel.wrapped", note_one, slow=True)
    begin_all(parcels(["Rome", "Bonn"]), None, actor=SYSTEM)

    with CaptureQueriesContext(connection) as captured:
        made = begin_all(parcels(["Rome"] * 20), None, actor=SYSTEM)
        send_all([parcel.pk for parcel in made], [{}] * 20, actor=SYSTEM)

    assert len([q for q in captured if "core_event" in q["sql"]]) == 2
    assert len([q for q in captured if "sample_" in q["sql"]]) == 3  # begun, locked, sent
    assert [parcel.number for parcel in made] == [f"PA-{parcel.pk:06d}" for parcel in made]


def test_when_one_cannot_move_none_does():
    keys = [parcel.pk for parcel in begin_all(parcels(["Rome", "", "Bonn"]), None, actor=SYSTEM)]

    with pytest.raises(TransitionRefused, match="has no address"):
        send_all(keys, [{}] * 3, actor=SYSTEM)

    assert set(Parcel.objects.values_list("state", flat=True)) == {"draft"}
    assert not Event.objects.filter(name="parcel.sent").exists()


def test_no_documents_are_nothing():
    assert begin_all([], None, actor=SYSTEM) == []
    send_all([], [], actor=SYSTEM)
    assert not Event.objects.exists()


def test_a_follower_that_takes_many_is_called_once_in_the_transaction():
    when("parcel.sent", note_all, joins=True)
    keys = [parcel.pk for parcel in begin_all(parcels(["Rome"] * 7), None, actor=SYSTEM)]

    send_all(keys, [{}] * 7, actor=SYSTEM)

    assert [keys] == CALLS
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DONE}


def test_after_the_commit_it_is_called_with_each():
    when("parcel.sent", note_all)
    keys = [parcel.pk for parcel in begin_all(parcels(["Rome"] * 3), None, actor=SYSTEM)]

    send_all(keys, [{}] * 3, actor=SYSTEM)

    assert [[key] for key in keys] == CALLS
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DONE}


def test_one_that_takes_one_is_called_for_each_and_each_follower_has_its_turn():
    when("parcel.sent", note_one, note_all, joins=True)
    keys = [parcel.pk for parcel in begin_all(parcels(["Rome"] * 2), None, actor=SYSTEM)]

    send_all(keys, [{}] * 2, actor=SYSTEM)

    assert [[keys[0]], [keys[1]], keys] == CALLS


def test_what_finds_no_room_follows_after_the_commit():
    when("parcel.sent", note_all, joins=True)
    count = MOST_FOLLOWERS + 2
    keys = [parcel.pk for parcel in begin_all(parcels(["Rome"] * count), None, actor=SYSTEM)]

    send_all(keys, [{}] * count, actor=SYSTEM)

    assert [keys[:MOST_FOLLOWERS], [keys[-2]], [keys[-1]]] == CALLS
