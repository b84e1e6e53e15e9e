"""The outbox: messages are queued with the command that causes them and sent by the worker.

Each occasion has a key and is queued once. An ordinary message (an invoice) is sent at least once:
after a failure it is tried again, always under the same Message-ID, so that a doubled one can be
recognised. A message marked `at_most_once` (a reminder) is never tried again by itself: when it is
unclear whether it left, it waits as *uncertain* for a person.
"""

import hashlib
import logging
import smtplib
from collections.abc import Sequence
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db.models import F, Model, Q
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor, require
from o2c.core.attachments import CorruptFile, read_file
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.models import Attachment, MessageState, OutgoingMessage

log = logging.getLogger(__name__)

BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
LEASE = timedelta(minutes=10)  # how long one sending may take before it counts as died
UNSENT = (MessageState.QUEUED, MessageState.SENDING)
STUCK = (MessageState.FAILED, MessageState.UNCERTAIN)


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
    message, created = OutgoingMessage.objects.get_or_create(
        dedup_key=dedup_key,
        defaults={
            "document_type": document._meta.label_lower,
            "document_id": document.pk,
            "to": ", ".join(_addresses(to)),
            "subject": " ".join(subject.split())[:200],
            "body": body,
            "at_most_once": at_most_once,
            "next_attempt_at": clock.wall(),
            "created_by": actor.get_username(),
        },
    )
    if created and attachments:
        message.attachments.set(attachments)
    return message


def send_message(message_id: int) -> bool:
    """Send one queued message that is due. Return True when it was sent now.

    Call it outside any transaction: the mail server is slow. Two callers never send at once; a
    failure is noted on the message.
    """
    message = _claim(message_id, actor=SYSTEM)
    if message is None:
        return False
    try:
        _email(message).send()
    except (smtplib.SMTPException, OSError, ValueError, CorruptFile) as error:
        log.warning("Message %s was not sent: %s", message.pk, error)
        _note_failure(message, error, actor=SYSTEM)
        return False
    _settle(message, MessageState.SENT, sent_at=clock.now(), actor=SYSTEM)
    return True


def send_due_messages(*, limit: int = 200) -> int:
    """Send what is due, oldest first; take up what a crash left behind. Return how many went."""
    due = OutgoingMessage.objects.filter(state__in=UNSENT, next_attempt_at__lte=clock.wall())
    return sum(map(send_message, list(due.order_by("pk").values_list("pk", flat=True)[:limit])))


@command
def resend_message(message_id: int, *, actor: Actor) -> OutgoingMessage:
    """A person has a failed or uncertain message sent once more, under its old Message-ID."""
    require(actor, "core.resend_message")
    return _move_stuck(message_id, state=MessageState.QUEUED, attempts=0)


@command
def confirm_message(message_id: int, *, actor: Actor) -> OutgoingMessage:
    """A person knows that a failed or uncertain message arrived after all."""
    require(actor, "core.confirm_message")
    return _move_stuck(message_id, state=MessageState.SENT, sent_at=clock.now())


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
def _claim(message_id: int, *, actor: Actor) -> OutgoingMessage | None:
    """Take a due message for sending. None when it is not due, sent, or another has it."""
    now = clock.wall()
    due = OutgoingMessage.objects.filter(pk=message_id, next_attempt_at__lte=now)
    died = Q(state=MessageState.SENDING)
    again = died & Q(at_most_once=False, attempts__lte=len(BACK_OFF))
    taken = due.filter(Q(state=MessageState.QUEUED) | again).update(
        state=MessageState.SENDING,
        attempts=F("attempts") + 1,
        next_attempt_at=now + LEASE,
        failure="",
    )
    if taken:
        return OutgoingMessage.objects.prefetch_related("attachments").get(pk=message_id)
    due.filter(died).update(state=MessageState.UNCERTAIN, failure="the sender died while sending")
    return None


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
def _note_failure(message: OutgoingMessage, error: Exception, *, actor: Actor) -> None:
    """Put the message off, give it up, or leave it to a person: see the module's promise."""
    failure = f"{type(error).__name__}: {error}"[:2000]
    given_up = message.attempts > len(BACK_OFF) or is_refusal(error)
    if message.at_most_once and not was_not_accepted(error):
        _settle(message, MessageState.UNCERTAIN, failure=failure, actor=actor)
    elif message.at_most_once or given_up:
        _settle(message, MessageState.FAILED, failure=failure, actor=actor)
    else:
        later = clock.wall() + BACK_OFF[message.attempts - 1]
        _settle(message, MessageState.QUEUED, failure=failure, next_attempt_at=later, actor=actor)


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


@command
def _settle(
    message: OutgoingMessage, state: MessageState, *, actor: Actor, **facts: object
) -> None:
    """Write the outcome of this attempt, unless another attempt has begun since."""
    OutgoingMessage.objects.filter(
        pk=message.pk, state=MessageState.SENDING, attempts=message.attempts
    ).update(state=state, **facts)


def _move_stuck(message_id: int, **changes: object) -> OutgoingMessage:
    stuck = OutgoingMessage.objects.filter(pk=message_id, state__in=STUCK)
    if not stuck.update(failure="", next_attempt_at=clock.wall(), **changes):
        raise RuleViolation(_("Only a message that failed or is uncertain can be changed."))
    return OutgoingMessage.objects.get(pk=message_id)
