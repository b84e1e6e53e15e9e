"""How the kernel's promises could be broken."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.attachments import store_file
from o2c.core.commands import command, lock
from o2c.core.mail import queue_message
from o2c.core.models import Attachment, Event
from o2c.core.transitions import begin, transition
from tests.invariants.planted import plant, sql
from tests.sample.models import Parcel


@command
def wrap(*, actor) -> Parcel:
    return begin(Parcel(address="Rome", value=Decimal(1)), actor=actor, event="wrapped")


@command
def wrap_and_send(*, actor) -> Parcel:
    return transition(wrap(actor=actor), "send", actor=actor)


@command
def lose(parcel_id: int, *, actor) -> Parcel:
    return transition(lock(Parcel, parcel_id), "lose", actor=actor)


@plant("I1")
def a_state_set_without_the_door():
    parcel = wrap(actor=SYSTEM)
    yield
    sql("UPDATE sample_parcel SET state = 'sent' WHERE id = %s", parcel.pk)


@plant("I1")
def a_document_without_a_birth():
    parcel = wrap(actor=SYSTEM)
    yield
    sql("DELETE FROM core_event WHERE document_id = %s", parcel.pk)


@plant("I1b", without=["core_event"])
def an_event_by_nobody():
    wrap(actor=SYSTEM)
    yield
    sql("UPDATE core_event SET actor = ' '")


@plant("I1c")
def an_event_taken_out_of_the_chain():
    parcel = wrap_and_send(actor=SYSTEM)
    yield
    first = Event.objects.filter(document_id=parcel.pk).earliest("pk")
    sql("DELETE FROM core_event WHERE id = %s", first.pk)


@plant("A5")
def a_document_found_again_after_it_was_lost():
    parcel = wrap_and_send(actor=SYSTEM)
    lose(parcel.pk, actor=SYSTEM)
    yield
    sql(
        "INSERT INTO core_event (name, document_type, document_id, old_state, new_state, actor, "
        "request_id, facts, recorded_at) VALUES ('parcel.found', 'sample.parcel', %s, 'lost', "
        "'draft', 'somebody', '', '{}', now())",
        parcel.pk,
    )


@plant("I4")
def a_delivery_that_nobody_tried():
    wrap(actor=SYSTEM)
    yield
    sql(
        "INSERT INTO core_delivery (event_id, handler, slow, state, attempts, next_attempt_at, "
        "failure) SELECT id, 'x', false, 'owed', 0, %s, '' FROM core_event",
        clock.now() - timedelta(minutes=16),
    )


@plant("I4b")
def a_letter_that_nobody_sent():
    queue_message(
        wrap(actor=SYSTEM),
        dedup_key="a message",
        to=["rita@rome.example"],
        subject="Hello",
        body="Hello",
        actor=SYSTEM,
    )
    yield
    sql("UPDATE core_delivery SET state = 'done', done_at = now()")


@command
def keep_file(data: bytes, *, actor) -> Attachment:
    return store_file(
        wrap(actor=actor),
        data,
        name="a.txt",
        content_type="text/plain",
        purpose="upload",
        actor=actor,
    )


def path_in_store(file: Attachment) -> Path:
    return Path(settings.CONTENT_STORE) / file.sha256[:2] / file.sha256


@plant("I5b")
def a_file_that_is_gone():
    file = keep_file(b"gone tomorrow", actor=SYSTEM)
    yield
    path_in_store(file).unlink()


@plant("I5b")
def a_file_cut_short():
    file = keep_file(b"cut short", actor=SYSTEM)
    yield
    path_in_store(file).write_bytes(b"cut")


@plant("I5b")
def a_file_of_its_size_with_other_bytes():
    file = keep_file(b"one bit", actor=SYSTEM)
    yield
    path_in_store(file).write_bytes(b"one byt")


@plant("I7")
def a_guard_switched_off():
    yield
    sql("ALTER TABLE core_event DISABLE TRIGGER ALL")


@plant("D4")
def a_number_drawn_for_no_document():
    yield
    sql("INSERT INTO core_numberseries (code, last_number) VALUES ('planted', 1)")


@plant("X1")
def an_amount_that_is_not_a_number():
    parcel = wrap(actor=SYSTEM)
    yield
    sql("ALTER DOMAIN o2c_amount DROP CONSTRAINT o2c_amount_check")
    sql("UPDATE sample_parcel SET value = 'NaN' WHERE id = %s", parcel.pk)


@plant("I4")
def a_delivery_that_failed_once_and_was_forgotten():
    wrap(actor=SYSTEM)
    yield
    sql(
        "INSERT INTO core_delivery (event_id, handler, slow, state, attempts, next_attempt_at, "
        "failure) SELECT id, 'x', true, 'owed', 1, %s, 'timeout' FROM core_event",
        clock.now() - timedelta(hours=1),
    )
