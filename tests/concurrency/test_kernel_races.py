"""One delivery, one number, one key, one row: each taken by many at once."""

import threading
from decimal import Decimal
from functools import partial
from unittest import mock

import pytest

from o2c.core import deliveries, events, numbering
from o2c.core.actors import SYSTEM
from o2c.core.commands import command, lock
from o2c.core.models import Delivery, IdempotencyKey
from o2c.core.numbering import draw_number
from o2c.core.transitions import begin, transition
from tests.concurrency.race import locks_off, lost, race, won
from tests.sample.models import Parcel

pytestmark = pytest.mark.django_db(transaction=True)

DELIVERED: list[int] = []


@command
def wrap(*, actor) -> Parcel:
    return begin(Parcel(address="Rome", value=Decimal(1)), actor=actor, event="wrapped")


@command
def send(parcel_id: int, *, actor) -> Parcel:
    return transition(lock(Parcel, parcel_id), "send", actor=actor)


@command
def note(parcel_id: int, *, actor) -> None:
    DELIVERED.append(parcel_id)


@command
def draw(*, actor) -> str:
    return draw_number("race", "R-")


def test_a_document_is_moved_once_by_eight_at_once():
    parcel = wrap(actor=SYSTEM)

    outcomes = race(*[partial(send, parcel.pk, actor=SYSTEM)] * 8)

    assert (len(won(outcomes)), len(lost(outcomes))) == (1, 7)


def test_without_locks_a_document_is_moved_more_than_once():
    parcel = wrap(actor=SYSTEM)

    with locks_off():
        outcomes = race(*[partial(send, parcel.pk, actor=SYSTEM)] * 8)

    assert len(won(outcomes)) > 1


def test_one_delivery_is_carried_out_once(monkeypatch):
    monkeypatch.setattr(events, "_after", {})
    events.when("parcel.sent", note, slow=True)
    send(wrap(actor=SYSTEM).pk, actor=SYSTEM)
    Delivery.objects.update(slow=False)
    delivery = Delivery.objects.get()
    DELIVERED.clear()

    outcomes = race(*[partial(deliveries.deliver, delivery.pk, slow=False)] * 8)

    assert sorted(outcomes) == [False] * 7 + [True]
    assert len(DELIVERED) == 1


def test_without_the_claim_one_delivery_is_carried_out_many_times(monkeypatch):
    monkeypatch.setattr(events, "_after", {})
    events.when("parcel.sent", note, slow=True)
    parcel = send(wrap(actor=SYSTEM).pk, actor=SYSTEM)
    delivery = Delivery.objects.get()
    DELIVERED.clear()

    handler = f"{note.__module__}.note"
    with mock.patch.object(deliveries, "_claim", return_value=(handler, parcel.pk)):
        race(*[partial(deliveries.deliver, delivery.pk, slow=False)] * 8)

    assert len(DELIVERED) == 8


def test_eight_draw_eight_numbers_without_gap_or_repeat():
    outcomes = race(*[partial(draw, actor=SYSTEM)] * 8)

    assert sorted(outcomes) == [f"R-{n:06d}" for n in range(1, 9)]


def test_counting_without_the_locked_counter_repeats_numbers():
    taken: list[str] = []
    all_have_counted = threading.Barrier(8)

    @command
    def count(*, actor) -> str:
        number = f"R-{len(taken) + 1:06d}"
        all_have_counted.wait(20)
        taken.append(number)
        return number

    outcomes = race(*[partial(count, actor=SYSTEM)] * 8)

    assert set(outcomes) == {"R-000001"}
    assert numbering.NUMBER_RANK == 110


def test_one_operation_key_has_one_effect():
    outcomes = race(*[partial(wrap, actor=SYSTEM, op_id="same")] * 8)

    assert len(won(outcomes)) == 8
    assert {parcel.pk for parcel in outcomes} == {outcomes[0].pk}
    assert Parcel.objects.count() == IdempotencyKey.objects.count() == 1


def test_without_the_key_every_caller_has_an_effect():
    race(*[partial(wrap, actor=SYSTEM)] * 8)

    assert Parcel.objects.count() == 8
