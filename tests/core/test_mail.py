"""The outbox: sent at least once or at most once, and never a secret about it."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage

from o2c.core import clock, mail
from o2c.core.actors import SYSTEM
from o2c.core.attachments import store_file, stored_path
from o2c.core.commands import command
from o2c.core.deliveries import BACK_OFF
from o2c.core.models import DeliveryState, Event, MessageState
from tests.given.mail import LOST, delivery_of, killed_sending, queued, send_due

pytestmark = pytest.mark.django_db

REFUSED = smtplib.SMTPRecipientsRefused({"rita@example.com": (550, b"unknown")})
BUSY = smtplib.SMTPRecipientsRefused({"rita@example.com": (451, b"later")})
WRONG_PASSWORD = smtplib.SMTPAuthenticationError(535, b"no")


def state_of(message) -> str:
    message.refresh_from_db()
    return message.state


def later(minutes: int):
    """The wall clock decides about retries, not the business day."""
    return time_machine.travel(clock.wall() + timedelta(minutes=minutes))


def test_a_message_leaves_with_its_attachment_and_a_fixed_message_id(parcel, mailoutbox):
    @command
    def attach(*, actor):
        return store_file(
            parcel, b"%PDF-", name="bill.pdf", content_type="application/pdf", purpose="x",
            actor=actor,
        )  # fmt: skip

    message = queued(parcel, attachments=[attach(actor=SYSTEM)])

    assert send_due() == 1

    (email,) = mailoutbox
    assert (email.to, email.subject, email.body) == (["rita@example.com"], "Your bill", "Dear Rita")
    assert email.attachments == [("bill.pdf", b"%PDF-", "application/pdf")]
    assert email.message()["Message-ID"] == mail.message_id_header("invoice 7")
    assert state_of(message) == MessageState.SENT
    assert message.sent_at is not None


def test_a_sent_message_is_not_sent_again(parcel, mailoutbox):
    message = queued(parcel)
    send_due()

    assert not mail.send_message(message.pk, actor=SYSTEM)
    assert send_due() == 0
    assert len(mailoutbox) == 1


def test_a_line_break_in_a_subject_adds_no_header(parcel, mailoutbox):
    queued(parcel, subject="Bill\r\nBcc: evil@example.com")

    send_due()

    assert mailoutbox[0].message()["Bcc"] is None
    assert mailoutbox[0].subject == "Bill Bcc: evil@example.com"


def test_a_failed_message_is_tried_again_later_under_the_same_id(parcel, server):
    sent = server(LOST, BUSY)
    message = queued(parcel)

    assert send_due() == 0
    assert send_due() == 0, "not due yet"
    with later(2):
        assert send_due() == 0, "the second attempt fails too"
    assert (state_of(message), message.failure) == (
        MessageState.QUEUED,
        "SMTPRecipientsRefused: {'rita@example.com': (451, b'later')}",
    )
    with later(10):
        assert send_due() == 1

    assert (state_of(message), message.failure) == (MessageState.SENT, "")
    assert message.attempts == 3
    assert sent[0].extra_headers["Message-ID"] == mail.message_id_header("invoice 7")


def test_a_server_that_says_never_is_believed(parcel, server):
    server(REFUSED)
    message = queued(parcel)

    send_due()

    assert state_of(message) == MessageState.FAILED
    assert "550" in message.failure


def test_our_own_wrong_password_is_no_reason_to_give_a_message_up(parcel, server):
    server(WRONG_PASSWORD)
    message = queued(parcel)

    send_due()

    assert state_of(message) == MessageState.QUEUED


def test_after_the_last_attempt_a_message_is_given_up(parcel, server):
    server(*[LOST] * 9)
    message = queued(parcel)

    for attempt in range(1, 10):
        with later(minutes=attempt * 24 * 60):
            send_due()

    assert (state_of(message), message.failure) == (
        MessageState.FAILED,
        "SMTPServerDisconnected: gone",
    )
    assert message.attempts == len(BACK_OFF) + 1
    assert delivery_of(message).state == DeliveryState.DONE, "it waits in the outbox alone"
    assert list(
        Event.objects.filter(document_type="core.outgoingmessage").values_list("name", flat=True)
    ) == ["message.queued", *["message.started", "message.put_off"] * 6, "message.failed"]


def test_a_changed_attachment_is_not_sent(parcel, mailoutbox):
    @command
    def attach(*, actor):
        return store_file(
            parcel, b"as posted", name="a.pdf", content_type="application/pdf", purpose="y",
            actor=actor,
        )  # fmt: skip

    attachment = attach(actor=SYSTEM)
    message = queued(parcel, attachments=[attachment])
    stored_path(attachment.sha256).write_bytes(b"tampered")

    send_due()

    assert state_of(message) == MessageState.FAILED
    assert "changed on disk" in message.failure
    assert mailoutbox == []
    stored_path(attachment.sha256).unlink()


class TestAtMostOnce:
    def test_an_unclear_answer_leaves_it_to_a_person(self, parcel, server):
        server(LOST)
        message = queued(parcel, at_most_once=True)

        send_due()
        with later(60 * 24):
            assert send_due() == 0

        assert state_of(message) == MessageState.UNCERTAIN

    @pytest.mark.parametrize("error", [REFUSED, BUSY, ConnectionRefusedError()])
    def test_a_clear_no_is_a_failure_and_no_second_attempt(self, parcel, server, error):
        server(error)
        message = queued(parcel, at_most_once=True)

        send_due()

        assert state_of(message) == MessageState.FAILED

    def test_a_sender_that_died_leaves_it_uncertain(self, parcel, server):
        message = killed_sending(queued(parcel, at_most_once=True), server)
        assert message.state == MessageState.SENDING, "known before the server was talked to"
        sent = server()

        with later(11):
            assert send_due() == 0

        assert (state_of(message), message.failure) == (
            MessageState.UNCERTAIN,
            "the sender died while sending",
        )
        assert sent == []

    def test_a_late_success_is_believed(self, parcel, worker_hangs):
        message = queued(parcel, at_most_once=True)
        sent = worker_hangs(None)

        send_due()

        assert state_of(message) == MessageState.SENT
        assert len(sent) == 1


def test_an_ordinary_message_survives_a_sender_that_died(parcel, server):
    message = killed_sending(queued(parcel), server)
    server()

    assert send_due() == 0, "the other one may still be at it"
    with later(11):
        assert send_due() == 1

    assert (state_of(message), message.attempts) == (MessageState.SENT, 2)


def test_a_sender_that_dies_at_every_attempt_leaves_it_to_a_person(parcel, server):
    message = queued(parcel)
    for attempt in range(len(BACK_OFF) + 1):
        with later(attempt * 11):
            killed_sending(message, server)
    sent = server()

    with later(24 * 60):
        assert send_due() == 0

    assert (state_of(message), message.failure) == (
        MessageState.UNCERTAIN,
        "the worker died at every attempt",
    )
    assert sent == []
    assert delivery_of(message).state == DeliveryState.DONE


def test_a_sender_that_comes_back_from_the_dead_changes_nothing(parcel, worker_hangs):
    message = queued(parcel)
    sent = worker_hangs(LOST)

    send_due()

    assert (state_of(message), message.failure) == (MessageState.SENT, "")
    assert len(sent) == 1
    assert delivery_of(message).state == DeliveryState.DONE


def test_a_late_success_keeps_the_next_attempt_from_mattering(parcel, worker_hangs):
    """Two workers sent it under one Message-ID; the one that failed does not send it again."""
    message = queued(parcel)
    worker_hangs(None, meanwhile=LOST)

    send_due()
    with later(24 * 60):
        send_due()

    assert state_of(message) == MessageState.SENT
    assert message.attempts == 2


@pytest.fixture
def worker_hangs(monkeypatch):
    """The first attempt hangs until another worker has tried (`meanwhile`), then ends as given."""

    def hangs(end, meanwhile=None):
        sent, depth = [], []

        def send(email, fail_silently=False):
            depth.append(email)
            first = len(depth) == 1
            if first:
                with later(11):
                    send_due()
            error = end if first else meanwhile
            if error is not None:
                raise error
            sent.append(email)

        monkeypatch.setattr(EmailMessage, "send", send)
        return sent

    return hangs
