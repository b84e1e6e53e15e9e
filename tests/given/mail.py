"""Messages in the outbox, and those that wait there for a person."""

import smtplib
from typing import Any

import pytest
from django.db.models import Model, QuerySet

from o2c.core import mail
from o2c.core.actors import SYSTEM
from o2c.core.deliveries import deliver
from o2c.core.models import Delivery, DeliveryState, MessageState, OutgoingMessage

LOST = smtplib.SMTPServerDisconnected("gone")


class Killed(BaseException):
    """The worker's process ends here, in the middle of whatever it does."""


def queued(document: Model, **more: Any) -> OutgoingMessage:
    """A bill to Rita, queued under the occasion "invoice 7" unless told otherwise."""
    given = {"dedup_key": "invoice 7", "to": ["rita@example.com"], "subject": "Your bill"}
    return mail.queue_message(document, **{**given, "body": "Dear Rita", **more}, actor=SYSTEM)


def send_due() -> int:
    """The worker sends the messages that are due, and nothing else. How many have left."""
    sent = OutgoingMessage.objects.filter(state=MessageState.SENT)
    before = sent.count()
    for delivery in _sendings().filter(state=DeliveryState.OWED).order_by("pk"):
        deliver(delivery.pk, slow=True)
    return sent.count() - before


def delivery_of(message: OutgoingMessage) -> Delivery:
    """The latest delivery that is to send message."""
    return _sendings().filter(event__document_id=message.pk).latest("pk")


def _sendings() -> QuerySet[Delivery]:
    return Delivery.objects.filter(handler="o2c.core.mail.send_message")


def killed_sending(message: OutgoingMessage, server: Any) -> OutgoingMessage:
    """The worker died while it talked to the mail server about message."""
    server(Killed())
    with pytest.raises(Killed):
        send_due()
    message.refresh_from_db()
    return message


def uncertain(document: Model, server: Any) -> OutgoingMessage:
    """A message of which nobody knows whether it left: the line broke while it was sent."""
    server(LOST)
    message = queued(document, at_most_once=True)
    send_due()
    message.refresh_from_db()
    return message
