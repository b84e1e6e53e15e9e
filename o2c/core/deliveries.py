"""Carrying out a command whole, and whatever follows from it.

A command and the followers that join it are one transaction. The other fast followers run right
after the commit in the same process, each in a transaction of its own; the slow ones are left to
the worker. What a crash or a dead broker left behind is owed in the Delivery table, and the
sweeper pays it.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils.module_loading import import_string

from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor
from o2c.core.constraints import constraint_name, sentence_by_name
from o2c.core.database_errors import is_database_away
from o2c.core.doorbell import ring
from o2c.core.errors import Busy, Later, RuleViolation
from o2c.core.events import taker_over
from o2c.core.models import Delivery, DeliveryState
from o2c.core.work import Work, acting_as, begin_work

log = logging.getLogger(__name__)

R = TypeVar("R")

BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
LEASE = timedelta(minutes=5)  # how long a slow handler may take before another worker tries

#: Tests set this, so that a broken handler fails the test that met it.
raise_handler_bugs: ContextVar[bool] = ContextVar("raise_handler_bugs", default=False)


class _FollowerFailed(Exception):
    """A follower that joined, or the commit with it, came to nothing; all was rolled back."""


def carry_out(actor: Actor, body: Callable[[], R]) -> R:
    """Run body in a durable transaction with the followers that join it, then tell the others.

    When a follower fails, the transaction begins anew without followers: each then has its own,
    with its own refusal, back-off or waiting, so body may run twice like after a deadlock.
    """
    try:
        result, work = _transact(actor, body, takes_followers=True)
    except _FollowerFailed as failure:
        log.info("done again without followers: %s", _said(failure.__cause__))
        result, work = _transact(actor, body, takes_followers=False)
    tell_after_commit(work)
    return result


def _transact(actor: Actor, body: Callable[[], R], *, takes_followers: bool) -> tuple[R, Work]:
    has_joined = False
    try:
        with begin_work(actor) as work, transaction.atomic(durable=True):
            work.takes_followers = takes_followers
            result = body()
            run_together(work)
            has_joined = bool(work.joined)
            _run_joined(work)
    except Exception as failure:
        if has_joined and not is_database_away(failure):  # a lost commit may have been carried out
            raise _FollowerFailed from failure
        raise
    return result, work


def _run_joined(work: Work) -> None:
    """Carry out the followers that joined, in order; they may record further events."""
    work.is_following = True
    with acting_as(SYSTEM):
        done = 0
        while done < len(work.joined):  # which grows by what they record
            document_ids = _next_followed(work.joined[done:])
            _follow(work.joined[done][0], document_ids)
            done += len(document_ids)
            run_together(work)


def _next_followed(joined: Sequence[tuple[str, int]]) -> list[int]:
    """The first document that is followed, or the first ones when their follower takes many."""
    path, document_id = joined[0]
    if not _takes_many(path):
        return [document_id]
    return [document_id for _path, document_id in takewhile(lambda owed: owed[0] == path, joined)]


def _follow(path: str, document_ids: Sequence[int]) -> None:
    """Carry out a follower for one document, or for several when it takes many."""
    (which,) = [document_ids] if _takes_many(path) else document_ids
    import_string(path)(which, actor=SYSTEM)


def _takes_many(path: str) -> bool:
    return getattr(import_string(path), "takes_many", False)


def run_together(work: Work) -> None:
    """Run what must commit with the recorded events; they may record further ones."""
    while work.together:
        handler, document_id = work.together.pop(0)
        handler(document_id, actor=SYSTEM)


_queue: ContextVar[deque[int] | None] = ContextVar("deliveries_to_run", default=None)


def tell_after_commit(work: Work) -> None:
    """Run the fast deliveries of a committed command, ring the worker's bell for the slow ones."""
    if work.slow:
        ring(work.slow)
    running = _queue.get()
    if running is not None:  # a handler's own command: the loop below will come to it
        running.extend(work.fast)
        return
    queue = deque(work.fast)
    token = _queue.set(queue)
    try:
        while queue:
            deliver(queue.popleft(), slow=False)
    finally:
        _queue.reset(token)


def deliver(delivery_id: int, *, slow: bool) -> bool:
    """Pay one owed delivery. Return True when this call did the work.

    A RuleViolation parks it with its sentence for a person to look at; any other failure is put
    off with back-off and given up after the last, and so is a lock that somebody else held and
    what a handler calls Later.
    """
    try:
        return _deliver_slow(delivery_id) if slow else _deliver_fast(delivery_id)
    except (Busy, Later) as later:
        _fail(delivery_id, str(later), parked=False)
    except RuleViolation as no:
        _fail(delivery_id, str(no), parked=True)
    except Exception as bug:
        log.exception("Delivery %s failed", delivery_id)
        _fail(delivery_id, _said(bug), parked=False)
        if raise_handler_bugs.get():
            raise
    return False


_CLAIM = (
    "UPDATE core_delivery d SET {change}, attempts = d.attempts + 1, failure = '' "
    f"FROM core_event e WHERE e.id = d.event_id AND d.id = %s AND d.state = '{DeliveryState.OWED}' "
    "{due} "
    "RETURNING d.handler, e.document_id"
)


def _deliver_fast(delivery_id: int) -> bool:
    """Claim, handle and settle in one transaction: the effect and the receipt are one."""

    def pay() -> bool:
        claimed = _claim(
            _CLAIM.format(change=f"state = '{DeliveryState.DONE}', done_at = %s", due=""),
            [clock.wall(), delivery_id],
        )
        if claimed is None:
            return False
        handler, document_id = claimed
        _follow(handler, [document_id])
        return True

    return carry_out(SYSTEM, pay)


def _deliver_slow(delivery_id: int) -> bool:
    """Take a lease, handle outside any transaction of ours, settle. The handler converges.

    A handler whose worker died says nothing: its leases are counted, and the last is not renewed.
    """
    now = clock.wall()
    if _has_died_at_every_attempt(delivery_id, now):
        _fail(delivery_id, "the worker died at every attempt", parked=False)
        return False
    with transaction.atomic():
        claimed = _claim(
            _CLAIM.format(change="next_attempt_at = %s", due="AND d.next_attempt_at <= %s"),
            [now + LEASE, delivery_id, now],
        )
    if claimed is None:
        return False
    handler, document_id = claimed
    _follow(handler, [document_id])
    Delivery.objects.filter(pk=delivery_id, state=DeliveryState.OWED).update(
        state=DeliveryState.DONE, done_at=clock.wall()
    )
    return True


def _has_died_at_every_attempt(delivery_id: int, now: datetime) -> bool:
    """Whether every attempt a delivery may have ended without an answer."""
    return Delivery.objects.filter(
        pk=delivery_id,
        state=DeliveryState.OWED,
        next_attempt_at__lte=now,
        attempts__gt=len(BACK_OFF),
    ).exists()


def _claim(sql: str, parameters: list[Any]) -> tuple[str, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        claimed: tuple[str, int] | None = cursor.fetchone()
        return claimed


def _said(bug: BaseException | None) -> str:
    """What the page of stuck work says of a failure; the log has it in full."""
    if isinstance(bug, IntegrityError):
        return sentence_by_name(constraint_name(bug))
    return f"{type(bug).__name__}: {bug}"


def _fail(delivery_id: int, failure: str, *, parked: bool) -> None:
    """Note in a transaction of its own why a delivery was not paid."""
    with begin_work(SYSTEM) as work, transaction.atomic():
        rows = Delivery.objects.select_related("event")
        delivery = rows.select_for_update(no_key=True, of=("self",)).get(pk=delivery_id)
        if delivery.state != DeliveryState.OWED:
            return
        if delivery.slow is False:  # the claim was rolled back with the effect
            delivery.attempts += 1
        delivery.failure = failure[:2000]
        if parked:
            delivery.state = DeliveryState.PARKED
        elif delivery.attempts > len(BACK_OFF):
            _give_up(delivery)
        else:
            delivery.next_attempt_at = clock.wall() + BACK_OFF[max(delivery.attempts, 1) - 1]
        delivery.save()
        run_together(work)
    tell_after_commit(work)


def _give_up(delivery: Delivery) -> None:
    """Hand a delivery that failed for good to who takes over, else leave it to a person."""
    at_last = taker_over(delivery.event.name, delivery.handler)
    if at_last is None:
        delivery.state = DeliveryState.DEAD
        return
    at_last(delivery.event.document_id, failure=delivery.failure, actor=SYSTEM)
    delivery.state, delivery.done_at = DeliveryState.DONE, clock.wall()


def deliver_due(*, limit: int = 500, slow: bool | None = None) -> int:
    """Pay what is owed and due, oldest first, crash leftovers among it. Return how many."""
    owed = Delivery.objects.filter(state=DeliveryState.OWED, next_attempt_at__lte=clock.wall())
    if slow is not None:
        owed = owed.filter(slow=slow)
    due = list(owed.order_by("pk").values_list("pk", "slow")[:limit])
    return sum(deliver(pk, slow=is_slow) for pk, is_slow in due)


def retry(delivery_id: int) -> bool:
    """A person asks to try a parked or dead delivery again. Return True when it worked."""
    with transaction.atomic():
        stuck = Delivery.objects.filter(
            pk=delivery_id, state__in=[DeliveryState.PARKED, DeliveryState.DEAD]
        )
        stuck.update(state=DeliveryState.OWED, attempts=0, next_attempt_at=clock.wall())
    delivery = Delivery.objects.get(pk=delivery_id)
    return deliver(delivery_id, slow=delivery.slow)
