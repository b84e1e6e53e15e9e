"""A message of which no attempt is left waits for a person."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.mail import give_up_message
from o2c.core.models import Event, MessageState
from tests.given.mail import killed_sending, queued, send_due

pytestmark = pytest.mark.django_db


def given_up(message):
    give_up_message(message.pk, failure="no use", actor=SYSTEM)
    message.refresh_from_db()
    return message.state, message.failure


def test_one_that_did_not_leave_has_failed(parcel):
    message = queued(parcel)

    assert given_up(message) == (MessageState.FAILED, "no use")
    assert Event.objects.get(name="message.failed").facts == {"failure": "no use"}


def test_one_whose_sender_died_may_have_left(parcel, server):
    message = killed_sending(queued(parcel), server)

    assert given_up(message) == (MessageState.UNCERTAIN, "no use")


def test_one_that_left_stays_sent(parcel, mailoutbox):
    message = queued(parcel)
    send_due()

    assert given_up(message) == (MessageState.SENT, "")


def test_once_is_enough(parcel):
    message = queued(parcel)
    given_up(message)

    given_up(message)

    assert Event.objects.filter(name="message.failed").count() == 1
