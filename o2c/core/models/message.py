"""E-mails to customers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.models.attachment import Attachment
from o2c.core.states import tones


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


class OutgoingMessage(models.Model):
    """One e-mail about one document: queued with the action, sent by the worker.

    `dedup_key` names the occasion ("invoice 17", "reminder 4"), so it is queued once. A message
    that was being sent when the worker died is `uncertain` and waits for a person.
    """

    dedup_key = models.CharField(max_length=120, unique=True)
    document_type = models.CharField(max_length=60)
    document_id = models.BigIntegerField()
    to = models.CharField(max_length=500)  # comma separated addresses
    subject = models.CharField(max_length=200)
    body = models.TextField()
    attachments = models.ManyToManyField(Attachment, blank=True)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.QUEUED, db_index=True
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    failure = models.TextField(blank=True)
    at_most_once = models.BooleanField(default=False)  # reminders: never try a second time
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.CharField(max_length=150)
    sent_at = models.DateTimeField(null=True)

    looks = {"state": MessageState}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=MessageState.values),
                name="core_outgoingmessage_state_known",
            ),
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
