"""Thin Celery callers. Safe to run twice, at once, or late: the Delivery row decides."""

from typing import Any

from celery import shared_task

from o2c.core.events import deliver, deliver_due


@shared_task
def deliver_event(*, delivery_id: int, **_: Any) -> bool:
    """Pay one slow delivery."""
    return deliver(delivery_id, slow=True)


@shared_task
def sweep_deliveries(*, limit: int = 500, **_: Any) -> int:
    """Every minute: pay what a crash between commit and broker left behind."""
    return deliver_due(limit=limit)
