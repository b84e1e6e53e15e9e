"""Thin Celery callers of what looks across stages: safe to run twice, at once, or late."""

from typing import Any

from celery import shared_task

from o2c import flow
from o2c.core.actors import SystemActor
from o2c.core.tasks import WAITS_FOR_DATABASE


@shared_task(**WAITS_FOR_DATABASE)
def tell_credit_who_is_late(**_: Any) -> int:
    """Every morning, on beat: what fell due over night counts at the credit gate."""
    return flow.tell_credit_who_is_late(actor=SystemActor("overdue of the day"))
