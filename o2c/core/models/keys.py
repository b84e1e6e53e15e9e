"""Keys that make things happen once: operations, jobs, numbers."""

from django.db import models
from django.db.models.functions import Now

from o2c.core import clock


class IdempotencyKey(models.Model):
    """An operation that was carried out. Inserted in the same transaction as its effect.

    `result_type`/`result_id` name the row the command returned, `answer` the page a form led to,
    for the second asker.
    """

    scope = models.CharField(max_length=120)  # the command, or "form"
    key = models.CharField(max_length=100)  # chosen by the form, the client, or a sha256
    fingerprint = models.CharField(max_length=64)  # sha256 of the arguments, or of what was sent
    result_type = models.CharField(max_length=60, blank=True)
    result_id = models.BigIntegerField(null=True)
    answer = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(default=clock.now, db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="core_idempotencykey_once")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class JobRun(models.Model):
    """A scheduled job's slot (business date or hour), taken by the first who comes."""

    name = models.CharField(max_length=60)
    slot = models.CharField(max_length=25)
    started_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="core_jobrun_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot}"


class NumberSeries(models.Model):
    """The last number drawn of a series without gaps."""

    code = models.CharField(max_length=40, unique=True)  # e.g. invoice:2026
    last_number = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "number series"

    def __str__(self) -> str:
        return f"{self.code} {self.last_number}"
