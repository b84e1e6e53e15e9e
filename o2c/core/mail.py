"""The outbox: messages are queued with the command that causes them and sent by the worker.

Each occasion has a key and is queued once. Sending is a slow delivery (`o2c.core.events`): its
lease keeps two workers apart, and it says when to try again. An ordinary message (an invoice) is
sent at least once, always under the same Message-ID, so that a doubled one can be recognised. A
message marked `at_most_once` (a reminder) is never tried again by itself: when it is unclear
whether it left, it waits as *uncertain* for a person.
"""

import hashlib
import logging
import smtplib
from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.attachments import CorruptFile, read_file
from o2c.core.commands import attempt, command, lock
from o2c.core.errors import Later, RuleViolation
from o2c.core.models import UNSENT_STATES, Attachment, MessageState, OutgoingMessage
from o2c.core.transitions import begin, transition

log = logging.getLogger(__name__)


@command
def queue_message(
    document: Model,
    *,
    dedup_key: str,
    to: Sequence[str],
    subject: str,
    body: str,
    attachments: Sequence[Attachment] = (),
    at_most_once: bool = False,
    actor: Actor,
) -> OutgoingMessage:
    """Queue a message about document, once per dedup_key: a second call returns the first message.

    Raises RuleViolation when nobody is named or an address is none.
    """
    queued: QuerySet[OutgoingMessage] = OutgoingMessage.objects.filter(dedup_key=dedup_key)
    if (known := queued.first()) is not None:
        return known
    message = OutgoingMessage(
        dedup_key=dedup_key,
        document_type=document._meta.label_lower,
        document_id=document.pk,
        to=", ".join(_addresses(to)),
        subject=" ".join(subject.split())[:200],
        body=body,
        at_most_once=at_most_once,
    )
    try:
        with attempt():
            begin(message, actor=actor, event="queued")
    except IntegrityError:  # somebody else has just queued it
        return queued.get()
    if attachments:
        message.attachments.set(attachments)
    return message


def send_message(message_id: int, *, actor: Actor) -> bool:
    """Send one queued message. Return True when it left now.

    The worker's, by a slow delivery: the mail server is slow, so it is talked to outside any
    transaction. Raises Later when it is worth another try.
    """
    message = _start(message_id, actor=actor)
    if message is None:
        return False
    try:
        _email(message).send()
    except (smtplib.SMTPException, OSError, ValueError, CorruptFile) as error:
        log.warning("Message %s was not sent: %s", message.pk, error)
        failure = f"{type(error).__name__}: {error}"[:2000]
        if _note_failure(message, error, failure, actor=actor):
            raise Later(failure) from error
        return False
    _finish(message_id, actor=actor)
    return True


@command
def give_up_message(message_id: int, *, failure: str, actor: Actor) -> None:
    """No attempt is left: the message waits for a person.

    One whose sender died at the last attempt may have left, so that is *uncertain*. Locks the
    message.
    """
    message = lock(OutgoingMessage, message_id)
    if message.state in UNSENT_STATES:
        verb = "lose" if message.state == MessageState.SENDING else "give_up"
        _move(message, verb, failure, actor)


@command
def resend_message(message_id: int, *, actor: Actor) -> OutgoingMessage:
    """A person has a failed or uncertain message sent once more, under its old Message-ID.

    Locks the message. Raises TransitionRefused.
    """
    return transition(lock(OutgoingMessage, message_id), "resend", actor=actor)


@command
def confirm_message(message_id: int, *, actor: Actor) -> OutgoingMessage:
    """A person knows that a failed or uncertain message arrived after all.

    Locks the message. Raises TransitionRefused.
    """
    return transition(lock(OutgoingMessage, message_id), "confirm", actor=actor)


def message_id_header(dedup_key: str) -> str:
    """The Message-ID of an occasion: the same at every attempt."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return f"<{hashlib.sha256(dedup_key.encode()).hexdigest()[:32]}@{domain}>"


def _addresses(to: Sequence[str]) -> list[str]:
    addresses = [address.strip() for address in to if address.strip()]
    if not addresses:
        raise RuleViolation(_("There is no e-mail address to send this to."), field="to")
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError:
            raise RuleViolation(
                _("“%(address)s” is not an e-mail address.") % {"address": address[:100]},
                field="to",
            ) from None
    return addresses


@command
def _start(message_id: int, *, actor: Actor) -> OutgoingMessage | None:
    """Note, before the server is talked to, that a message is being sent. None: leave it alone.

    One that was being sent before has lost its sender. Locks the message.
    """
    message = lock(OutgoingMessage, message_id)
    if message.state == MessageState.SENDING and message.at_most_once:
        _move(message, "lose", "the sender died while sending", actor)
        return None
    return transition(message, "start", actor=actor) if message.state in UNSENT_STATES else None


def _email(message: OutgoingMessage) -> EmailMessage:
    """The message as it goes out. Raises CorruptFile when an attachment is not what was stored."""
    email = EmailMessage(
        subject=message.subject,
        body=message.body,
        to=message.to.split(", "),
        headers={
            "Message-ID": message_id_header(message.dedup_key),
            "Auto-Submitted": "auto-generated",
        },
    )
    for attachment in message.attachments.all():
        email.attach(attachment.name, read_file(attachment), attachment.content_type)
    return email


@command
def _note_failure(
    message: OutgoingMessage, error: Exception, failure: str, *, actor: Actor
) -> bool:
    """Put a message off, give it up, or leave it to a person; True when it is tried again.

    When another attempt has begun since, that one decides and nothing is written. Locks the
    message.
    """
    now = lock(OutgoingMessage, message.pk)
    if now.version != message.version:
        return True
    if message.at_most_once and not was_not_accepted(error):
        verb = "lose"
    elif message.at_most_once or is_refusal(error):
        verb = "give_up"
    else:
        verb = "put_off"
    _move(now, verb, failure, actor)
    return verb == "put_off"


@command
def _finish(message_id: int, *, actor: Actor) -> None:
    """Note that the server took a message, whatever was thought of it meanwhile. Locks it."""
    message = lock(OutgoingMessage, message_id)
    if message.state != MessageState.SENT:
        transition(message, "finish", actor=actor)


def _move(message: OutgoingMessage, verb: str, failure: str, actor: Actor) -> None:
    message.failure = failure
    transition(message, verb, actor=actor, failure=failure)


def is_refusal(error: Exception) -> bool:
    """Whether trying again is in vain: the server says never, or the message itself is broken."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False  # our password, not the message
    codes = _reply_codes(error)
    return (bool(codes) and min(codes) >= 500) or isinstance(error, ValueError | CorruptFile)


def was_not_accepted(error: Exception) -> bool:
    """Whether the message certainly did not leave: nobody answered, or the server said no."""
    refused = isinstance(error, ConnectionRefusedError | smtplib.SMTPConnectError)
    return refused or bool(_reply_codes(error)) or is_refusal(error)


def _reply_codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _reply in error.recipients.values()]
    if isinstance(error, smtplib.SMTPResponseException):
        return [error.smtp_code]
    return []
