"""A person has a stuck message sent once more."""

import smtplib

import pytest

from o2c.core import mail
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.models import MessageState
from tests.given.mail import queued, send_due, uncertain

pytestmark = pytest.mark.django_db

REFUSED = smtplib.SMTPRecipientsRefused({"rita@example.com": (550, b"unknown")})


def test_an_uncertain_message_goes_once_more_under_its_old_id(parcel, server, biller):
    message = uncertain(parcel, server)
    sent = server()

    again = mail.resend_message(message.pk, actor=biller)

    assert (again.state, again.attempts, again.failure) == (MessageState.QUEUED, 0, "")
    assert send_due() == 1
    assert sent[0].extra_headers["Message-ID"] == mail.message_id_header("invoice 7")
    again.refresh_from_db()
    assert again.state == MessageState.SENT


def test_so_does_one_that_the_server_refused(parcel, server):
    server(REFUSED)
    message = queued(parcel)
    send_due()

    mail.resend_message(message.pk, actor=SYSTEM)

    assert send_due() == 1


def test_a_message_that_is_not_stuck_is_left_alone(parcel, mailoutbox):
    message = queued(parcel)
    with pytest.raises(TransitionRefused):
        mail.resend_message(message.pk, actor=SYSTEM)
    send_due()

    with pytest.raises(TransitionRefused):
        mail.resend_message(message.pk, actor=SYSTEM)

    assert send_due() == 0
    assert len(mailoutbox) == 1


def test_who_may_not_resend_leaves_it_stuck(parcel, server, clerk):
    message = uncertain(parcel, server)

    with pytest.raises(NotPermitted):
        mail.resend_message(message.pk, actor=clerk)

    message.refresh_from_db()
    assert message.state == MessageState.UNCERTAIN


def test_the_same_form_sent_twice_sends_one_message(parcel, server):
    message = uncertain(parcel, server)
    sent = server()

    for _ in range(2):
        mail.resend_message(message.pk, actor=SYSTEM, op_id="one form")
        send_due()

    assert len(sent) == 1
