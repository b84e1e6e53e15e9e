"""Telling the worker that something slow is owed. The broker is a doorbell, not a store.

When it is down nobody waits for it: the Delivery rows are there, and the sweeper comes by.
"""

import logging
from collections.abc import Sequence
from functools import cache
from time import monotonic

import redis
from celery import current_app
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

TIMEOUT_S = 0.2
REST_S = 30  # how long this process leaves a broken bell alone

_silent_until = 0.0  # monotonic seconds


def ask_broker() -> None:
    """Raise redis.RedisError unless the broker answers at once."""
    _client(settings.REDIS_URL).ping()


@cache
def _client(url: str) -> redis.Redis:
    """One for the process: connecting costs more than asking. A connection that a restart of the
    broker has cut is made once anew."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )


def ring(delivery_ids: Sequence[int]) -> None:
    """Hand deliveries to the worker, after the commit that owes them. Never raises."""
    global _silent_until
    if monotonic() < _silent_until:
        return
    try:
        if not settings.CELERY_BROKER_URL.startswith("memory:"):
            ask_broker()
        for delivery_id in delivery_ids:
            current_app.send_task(
                "o2c.core.tasks.deliver_event", kwargs={"delivery_id": delivery_id}, retry=False
            )
        _silent_until = 0.0
    except Exception as error:
        level = logging.DEBUG if _silent_until else logging.WARNING  # said once until it answers
        log.log(level, "The broker does not answer (%s); the sweeper will come.", error)
        _silent_until = monotonic() + REST_S
