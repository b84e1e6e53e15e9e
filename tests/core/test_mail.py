"""The outbox: sent at least once or at most once, and never a secret about it."""

import smtplib
from datetime import timedelta

import pytest
import time_machine

from o2c.core import clock, mail
from o2c.core.actors import SYSTEM
from o2c.core.attachments import store_file, stored_path
from o2c.core.commands import command
from o2c.core.models import MessageState
from tests.given.mail import LOST, queued

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


def test_a_letter_leaves_with_its_attachment_and_a_fixed_message_id(parcel, mailoutbox):
    @command
    def attach(*, actor):
        return store_file(
            parcel, b"%PDF-", name="bill.pdf", content_type="application/pdf", purpose="x",
            actor=actor,
        )  # fmt: skip

    message = queued(parcel, attachments=[attach(actor=SYSTEM)])

    assert mail.send_message(message.pk)

    (email,) = mailoutbox
    assert (email.to, email.subject, email.body) == (["rita@example.com"], "Your bill", "Dear Rita")
    assert email.attachments == [("bill.pdf", b"%PDF-", "application/pdf")]
    assert email.message()["Message-ID"] == mail.message_id_header("invoice 7")
    assert state_of(message) == MessageState.SENT
    assert message.sent_at is not None


def test_a_sent_letter_is_not_sent_again(parcel, mailoutbox):
    message = queued(parcel)
    mail.send_message(message.pk)

    assert not mail.send_message(message.pk)
    assert mail.send_due_messages() == 0
    assert len(mailoutbox) == 1


def test_a_line_break_in_a_subject_adds_no_header(parcel, mailoutbox):
    message = queued(parcel, subject="Bill\r\nBcc: evil@example.com")

    mail.send_message(message.pk)

    assert mailoutbox[0].message()["Bcc"] is None
    assert mailoutbox[0].subject == "Bill Bcc: evil@example.com"


def test_a_failed_letter_is_tried_again_later_under_the_same_id(parcel, server):
    sent = server(LOST, BUSY)
    message = queued(parcel)

    assert not mail.send_message(message.pk)
    assert not mail.send_message(message.pk), "not due yet"
    with later(2):
        assert mail.send_due_messages() == 0, "the second attempt fails too"
    assert state_of(message) == MessageState.QUEUED
    with later(10):
        assert mail.send_due_messages() == 1

    assert state_of(message) == MessageState.SENT
    assert message.attempts == 3
    assert sent[0].extra_headers["Message-ID"] == mail.message_id_header("invoice 7")


def test_a_server_that_says_never_is_believed(parcel, server):
    server(REFUSED)
    message = queued(parcel)

    mail.send_message(message.pk)

    assert state_of(message) == MessageState.FAILED
    assert "550" in message.failure


def test_our_own_wrong_password_is_no_reason_to_give_a_letter_up(parcel, server):
    server(WRONG_PASSWORD)
    message = queued(parcel)

    mail.send_message(message.pk)

    assert state_of(message) == MessageState.QUEUED


def test_after_the_last_attempt_a_letter_is_given_up(parcel, server):
    server(*[LOST] * 9)
    message = queued(parcel)

    for attempt in range(1, 10):
        with later(minutes=attempt * 24 * 60):
            mail.send_message(message.pk)

    assert state_of(message) == MessageState.FAILED
    assert message.attempts == len(mail.BACK_OFF) + 1


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

    mail.send_message(message.pk)

    assert state_of(message) == MessageState.FAILED
    assert "changed on disk" in message.failure
    assert mailoutbox == []
    stored_path(attachment.sha256).unlink()


class TestAtMostOnce:
    def test_an_unclear_answer_leaves_it_to_a_person(self, parcel, server):
        server(LOST)
        message = queued(parcel, at_most_once=True)

        mail.send_message(message.pk)
        with later(60 * 24):
            assert mail.send_due_messages() == 0

        assert state_of(message) == MessageState.UNCERTAIN

    @pytest.mark.parametrize("error", [REFUSED, BUSY, ConnectionRefusedError()])
    def test_a_clear_no_is_a_failure_and_no_second_attempt(self, parcel, server, error):
        server(error)
        message = queued(parcel, at_most_once=True)

        mail.send_message(message.pk)

        assert state_of(message) == MessageState.FAILED

    def test_a_sender_that_died_leaves_it_uncertain(self, parcel, mailoutbox):
        message = queued(parcel, at_most_once=True)
        mail._claim(message.pk, actor=SYSTEM)

        with later(11):
            assert mail.send_due_messages() == 0

        assert state_of(message) == MessageState.UNCERTAIN
        assert mailoutbox == []


def test_an_ordinary_letter_survives_a_sender_that_died(parcel, mailoutbox):
    message = queued(parcel)
    mail._claim(message.pk, actor=SYSTEM)

    assert mail.send_due_messages() == 0, "the other one may still be at it"
    with later(11):
        assert mail.send_due_messages() == 1

    assert state_of(message) == MessageState.SENT


def test_a_sender_that_comes_back_from_the_dead_changes_nothing(parcel, server):
    server()
    message = queued(parcel)
    dead = mail._claim(message.pk, actor=SYSTEM)
    with later(11):
        mail.send_message(message.pk)

    mail._settle(dead, MessageState.FAILED, failure="late news", actor=SYSTEM)

    assert state_of(message) == MessageState.SENT
