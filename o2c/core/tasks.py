"""Thin Celery callers. Safe to run twice, at once, or late: the Delivery row decides."""

import logging
from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError

from o2c.core.deliveries import deliver, deliver_due
from o2c.core.verify import run_all

log = logging.getLogger(__name__)

#: For every task: a database that is away is waited for, half an hour or longer. Some tasks come
#: once a day, and a failover takes seconds.
WAITS_FOR_DATABASE: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError),
    "retry_backoff": 1,  # seconds, doubled each time
    "retry_backoff_max": 60,  # seconds
    "max_retries": 60,
}


@shared_task(**WAITS_FOR_DATABASE)
def deliver_event(*, delivery_id: int, **_: Any) -> bool:
    """Pay one slow delivery."""
    return deliver(delivery_id, slow=True)


@shared_task(**WAITS_FOR_DATABASE)
def sweep_deliveries(*, limit: int = 500, **_: Any) -> int:
    """Every minute: pay what a crash between commit and broker left behind."""
    return deliver_due(limit=limit)


@shared_task(**WAITS_FOR_DATABASE, soft_time_limit=1500, time_limit=1800)
def verify_books(**_: Any) -> int:
    """Every night: ask every invariant. Each broken one is an error in the log; how many are."""
    broken = [finding for finding in run_all() if not finding.holds]
    for finding in broken:
        log.error(
            "Invariant %s is broken in %s rows (%s): %s",
            *(finding.invariant.id, finding.violations, finding.invariant.title),
            "; ".join(finding.sentences()),
        )
    return len(broken)
