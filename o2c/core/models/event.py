"""What happened, once and for good; and who must still be told."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from o2c.core import clock
from o2c.core.states import tones
from o2c.core.triggers import append_only


class Event(models.Model):
    """One fact about one document. Timeline and outbox at once; never changed, never deleted.

    Facts are JSON: amounts as strings, times as ISO 8601.
    """

    name = models.CharField(max_length=60)  # noun.past_tense, e.g. order.confirmed
    document_type = models.CharField(max_length=60)  # app.model, e.g. orders.order
    document_id = models.BigIntegerField()
    old_state = models.CharField(max_length=20, blank=True)
    new_state = models.CharField(max_length=20, blank=True)
    actor = models.CharField(max_length=150)
    request_id = models.CharField(max_length=36, blank=True)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(actor=""), name="core_event_has_actor"),
            models.CheckConstraint(condition=~models.Q(name=""), name="core_event_has_name"),
        ]
        indexes = [
            models.Index(fields=["document_type", "document_id", "id"], name="core_event_document"),
            models.Index(fields=["name", "id"], name="core_event_name"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.name} {self.document_id}"


class DeliveryState(models.TextChoices):
    OWED = "owed", _("owed")
    DONE = "done", _("done")
    PARKED = "parked", _("needs a person")
    DEAD = "dead", _("given up")

    tones = tones(
        owed="info hourglass",
        done="success check",
        parked="attention circle-alert",
        dead="danger octagon-x",
    )


class Delivery(models.Model):
    """One subscriber of `o2c.flow` owed one event. Written with the event, settled after commit."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=120)  # dotted path of the command
    slow = models.BooleanField(default=False)  # files, mail: for the worker, not the request
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.OWED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)  # why it is parked or was put off

    looks = {"state": DeliveryState}

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="core_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=DeliveryState.values), name="core_delivery_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.DONE, done_at__isnull=False)
                | (~models.Q(state=DeliveryState.DONE) & models.Q(done_at__isnull=True)),
                name="core_delivery_done_when_done",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state=DeliveryState.OWED),
                name="core_delivery_owed",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=[DeliveryState.PARKED, DeliveryState.DEAD]),
                name="core_delivery_stuck",
            ),
        ]

    def __str__(self) -> str:
        return self.follower

    @property
    def is_stuck(self) -> bool:
        """Whether it waits for a person."""
        return self.state in (DeliveryState.PARKED, DeliveryState.DEAD)

    @property
    def follower(self) -> str:
        """`credit.commands.checks.check_order` as `Check order`: what should follow."""
        return capfirst(self.handler.rpartition(".")[2].replace("_", " "))
