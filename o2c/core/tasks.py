"""Thin Celery callers. Safe to run twice, at once, or late: the Delivery row decides."""

import logging
from typing import Any

from celery import shared_task

from o2c.core.deliveries import deliver, deliver_due
from o2c.core.verify import run_all

log = logging.getLogger(__name__)


@shared_task
def deliver_event(*, delivery_id: int, **_: Any) -> bool:
    """Pay one slow delivery."""
    return deliver(delivery_id, slow=True)


@shared_task
def sweep_deliveries(*, limit: int = 500, **_: Any) -> int:
    """Every minute: pay what a crash between commit and broker left behind."""
    return deliver_due(limit=limit)


@shared_task(soft_time_limit=1500, time_limit=1800)
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
