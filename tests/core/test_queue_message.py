"""A message is queued with the command that causes it, once per occasion."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.mail import queue_message
from o2c.core.models import MessageState, OutgoingMessage
from tests.given.mail import queued

pytestmark = pytest.mark.django_db


def test_a_queued_message_waits_for_the_worker(parcel, mailoutbox):
    message = queued(parcel, to=[" rita@example.com ", "", "rob@example.com"])

    assert (message.state, message.attempts, message.sent_at) == (MessageState.QUEUED, 0, None)
    assert (message.document_type, message.document_id) == ("sample.parcel", parcel.pk)
    assert (message.to, message.subject) == ("rita@example.com, rob@example.com", "Your bill")
    assert message.created_by == "system"
    assert mailoutbox == []


def test_an_occasion_is_queued_once(parcel):
    first = queued(parcel)

    second = queued(parcel, subject="Another")

    assert second.pk == first.pk
    assert OutgoingMessage.objects.get().subject == "Your bill"


def test_another_occasion_is_another_message(parcel):
    assert queued(parcel).pk != queued(parcel, dedup_key="invoice 8").pk


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ([], "no e-mail address"),
        (["  "], "no e-mail address"),
        (["nobody"], "“nobody” is not an e-mail address"),
        (["rita@example.com", "a@b.example\nBcc: x@y.example"], "is not an e-mail address"),
    ],
)
def test_a_message_without_a_proper_address_is_refused(parcel, to, sentence):
    with pytest.raises(RuleViolation, match=sentence) as refused:
        queued(parcel, to=to)

    assert refused.value.field == "to"
    assert not OutgoingMessage.objects.exists()


def test_a_command_that_fails_takes_its_message_back(parcel):
    @command
    def fail(*, actor):
        queue_message(
            parcel, dedup_key="x", to=["rita@example.com"], subject="s", body="b", actor=actor
        )
        raise RuleViolation("no")

    with pytest.raises(RuleViolation):
        fail(actor=SYSTEM)

    assert not OutgoingMessage.objects.exists()
