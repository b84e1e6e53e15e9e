"""Thin Celery callers: safe to run twice, at once, or late."""

from typing import Any

from celery import shared_task

from o2c.core.actors import SystemActor
from o2c.core.tasks import WAITS_FOR_DATABASE
from receivables.commands import propose_daily_dunning


@shared_task(**WAITS_FOR_DATABASE)
def propose_dunning_of_the_day(**_: Any) -> str:
    """Every morning, on beat: propose the day's dunning run for a person to approve."""
    run = propose_daily_dunning(actor=SystemActor("dunning"))
    return str(run or "")
