"""E-mails to customers."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.models.attachment import Attachment
from o2c.core.models.document import Document
from o2c.core.states import StateField, state_known, step, tones

#: After the documents of every stage (`o2c.masters.rules.ranks`) and their numbers.
MESSAGE_RANK = 120


class MessageState(models.TextChoices):
    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNCERTAIN = "uncertain", _("unclear whether sent")

    tones = tones(
        queued="neutral ellipsis",
        sending="active send",
        sent="info mail-check",
        failed="danger circle-x",
        uncertain="attention circle-question-mark",
    )


UNSENT_STATES = [MessageState.QUEUED, MessageState.SENDING]
STUCK_STATES = [MessageState.FAILED, MessageState.UNCERTAIN]


class OutgoingMessage(Document):
    """One e-mail about one document: queued with the action, sent by the worker.

    `dedup_key` names the occasion ("invoice 17", "reminder 4"), so it is queued once. When it is
    sent, tried again or given up is said by the delivery of its event (`o2c.core.events`). One
    that is `at_most_once` and was being sent when the worker died is `uncertain` and waits for a
    person.
    """

    noun = "message"
    other_events: ClassVar = {"queued": _("Queued")}
    fact_words: ClassVar = {"failure": _("Failure")}
    known_by = "subject"
    lock_rank = MESSAGE_RANK

    dedup_key = models.CharField(max_length=120, unique=True)
    document_type = models.CharField(max_length=60)
    document_id = models.BigIntegerField()
    to = models.CharField(max_length=500)  # comma separated addresses
    subject = models.CharField(max_length=200)
    body = models.TextField()
    attachments = models.ManyToManyField(Attachment, blank=True)
    state = StateField(MessageState, default=MessageState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)  # since a person last asked for it
    failure = models.TextField(blank=True)  # of the latest attempt
    at_most_once = models.BooleanField(default=False)  # reminders: never try a second time
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            state_known(MessageState, "core_outgoingmessage_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=MessageState.SENT, sent_at__isnull=False)
                | (~models.Q(state=MessageState.SENT) & models.Q(sent_at__isnull=True)),
                name="core_outgoingmessage_sent_when_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["document_type", "document_id"], name="core_message_document")
        ]

    def __str__(self) -> str:
        return self.subject

    @step(
        UNSENT_STATES,
        MessageState.SENDING,
        label=_("Start"),
        event="started",
        past=_("Sending began"),
    )
    def start(self) -> None:
        """The worker takes it in hand; after the worker's death, once more."""
        self.attempts += 1
        self.failure = ""

    @step(
        MessageState.SENDING,
        MessageState.QUEUED,
        label=_("Put off"),
        event="put_off",
        past=_("Put off"),
    )
    def put_off(self) -> None:
        """It did not leave, and it is worth another try later."""

    @step(
        [*UNSENT_STATES, *STUCK_STATES],
        MessageState.SENT,
        label=_("Note as sent"),
        event="sent",
        past=_("Sent"),
    )
    def finish(self) -> None:
        """The mail server has it, whatever was thought of it meanwhile."""
        self.sent_at = clock.now()
        self.failure = ""

    @step(UNSENT_STATES, MessageState.FAILED, label=_("Give up"), event="failed", past=_("Failed"))
    def give_up(self) -> None:
        """It certainly did not leave and is not tried again by itself."""

    @step(
        MessageState.SENDING,
        MessageState.UNCERTAIN,
        label=_("Leave to a person"),
        event="lost",
        past=_("Unclear whether sent"),
    )
    def lose(self) -> None:
        """Nobody knows whether it left, and it must not leave twice."""

    @step(
        STUCK_STATES,
        MessageState.QUEUED,
        label=_("Send again"),
        event="requeued",
        past=_("Queued again"),
    )
    def resend(self) -> None:
        """Send it once more, under its old Message-ID."""
        self.attempts = 0
        self.failure = ""

    @step(
        STUCK_STATES,
        MessageState.SENT,
        label=_("It arrived"),
        event="confirmed",
        past=_("Confirmed as arrived"),
    )
    def confirm(self) -> None:
        """Somebody knows that it arrived after all."""
        self.sent_at = clock.now()
        self.failure = ""
