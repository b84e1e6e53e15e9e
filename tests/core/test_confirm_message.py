"""A person knows that a stuck message arrived after all."""

from datetime import UTC, datetime

import pytest

from o2c.core import clock, mail
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.models import MessageState
from tests.given.mail import queued, send_due, uncertain

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_a_confirmed_message_counts_as_sent_and_does_not_go_again(parcel, server, biller):
    message = uncertain(parcel, server)
    sent = server()

    with clock.at(NOW):
        confirmed = mail.confirm_message(message.pk, actor=biller)

    assert (confirmed.state, confirmed.failure) == (MessageState.SENT, "")
    assert confirmed.sent_at == NOW
    assert send_due() == 0
    assert sent == []


def test_what_is_not_stuck_needs_no_confirmation(parcel):
    message = queued(parcel)

    with pytest.raises(TransitionRefused):
        mail.confirm_message(message.pk, actor=SYSTEM)


def test_a_message_is_confirmed_once(parcel, server):
    message = uncertain(parcel, server)
    mail.confirm_message(message.pk, actor=SYSTEM)

    with pytest.raises(TransitionRefused):
        mail.confirm_message(message.pk, actor=SYSTEM)


def test_who_may_not_confirm_leaves_it_stuck(parcel, server, clerk):
    message = uncertain(parcel, server)

    with pytest.raises(NotPermitted):
        mail.confirm_message(message.pk, actor=clerk)

    message.refresh_from_db()
    assert (message.state, message.sent_at) == (MessageState.UNCERTAIN, None)
