"""Messages in the outbox, and those that wait there for a person."""

import smtplib
from typing import Any

from django.db.models import Model

from o2c.core import mail
from o2c.core.actors import SYSTEM
from o2c.core.models import OutgoingMessage

LOST = smtplib.SMTPServerDisconnected("gone")


def queued(document: Model, **more: Any) -> OutgoingMessage:
    """A bill to Rita, queued under the occasion "invoice 7" unless told otherwise."""
    given = {"dedup_key": "invoice 7", "to": ["rita@example.com"], "subject": "Your bill"}
    return mail.queue_message(document, **{**given, "body": "Dear Rita", **more}, actor=SYSTEM)


def uncertain(document: Model, server: Any) -> OutgoingMessage:
    """A message of which nobody knows whether it left: the line broke while it was sent."""
    server(LOST)
    message = queued(document, at_most_once=True)
    mail.send_message(message.pk)
    message.refresh_from_db()
    return message
