"""Recording what happened, and telling those who must act on it.

`o2c.flow` says who: `when` after the commit, `together` before it. A fast handler (database only)
runs right after the commit in the same process, in a transaction of its own; a slow one (files,
mail) is left to the worker. What a crash or a dead broker left behind is owed in the Delivery
table, and the sweeper pays it.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils.module_loading import import_string

from o2c.core import clock
from o2c.core.actors import SYSTEM, Actor
from o2c.core.constraints import constraint_name, sentence_by_name
from o2c.core.doorbell import ring
from o2c.core.errors import Busy, Later, RuleViolation
from o2c.core.models import Delivery, DeliveryState, Document, Event, Eventful
from o2c.core.recording import Fact, Owed
from o2c.core.work import Work, assert_in_command, begin_work, request_id

log = logging.getLogger(__name__)

Handler = Callable[..., Any]

BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
LEASE = timedelta(minutes=5)  # how long a slow handler may take before another worker tries


class UnknownEvent(Exception):
    """`o2c.flow` names an event nothing records. Found at boot."""


@dataclass(frozen=True)
class Subscription:
    """Who is told, whether by the worker, which fact of the event must be true for it, and who
    takes over when every attempt has failed.
    """

    handler: str
    slow: bool
    given: str = ""
    at_last: Handler | None = None


_after: dict[str, list[Subscription]] = {}
_before_commit: dict[str, list[Handler]] = {}

#: Tests set this, so that a broken handler fails the test that met it.
raise_handler_bugs: ContextVar[bool] = ContextVar("raise_handler_bugs", default=False)


def known_events() -> set[str]:
    """Every event anything can record."""
    sources = [model for model in apps.get_models() if issubclass(model, Eventful)]
    return {name for source in sources for name in source.event_words()}


def when(
    event: str,
    *handlers: Handler,
    slow: bool = False,
    given: str = "",
    at_last: Handler | None = None,
) -> None:
    """After event is committed, run each handler as `handler(document_id, actor=SYSTEM)`.

    With `given` only when that fact of the event is true: the stage that recorded the event
    decided it, so that nobody is woken for nothing. A handler converges: running twice changes
    nothing. When every attempt has failed, `at_last` is run with the `failure` and the document
    itself waits for a person; without it, the delivery does, as stuck work. Raises UnknownEvent.
    """
    _refuse_unknown(event)
    for handler in handlers:
        path = f"{handler.__module__}.{handler.__qualname__}"
        subscription = Subscription(path, slow, given, at_last)
        known = _after.setdefault(event, [])
        if subscription not in known:
            known.append(subscription)


def together(event: str, *handlers: Handler) -> None:
    """Run each handler inside the transaction that records event, right before its commit.

    For what must never be seen apart, such as an invoice and its open items. Raises UnknownEvent.
    """
    _refuse_unknown(event)
    known = _before_commit.setdefault(event, [])
    known.extend(handler for handler in handlers if handler not in known)


def _refuse_unknown(event: str) -> None:
    if event not in known_events():
        raise UnknownEvent(event)


def record(
    document: Eventful,
    event: str,
    *,
    actor: Actor,
    write: Callable[[Fact, Any], list[Owed]],
    old_state: str = "",
    facts: dict[str, Any],
) -> None:
    """Write one Event, the document with it, and what is owed; the door's alone.

    `write` is one of the three ways of `o2c.core.recording`, each one SQL statement.
    """
    work = assert_in_command()
    name = f"{document.noun}.{event}"
    assert name in document.event_words(), f"{name} is not declared by {type(document).__name__}"
    owed = [s for s in _after.get(name, []) if not s.given or facts.get(s.given)]
    fact = Fact(
        name=name,
        document_type=document._meta.label_lower,
        old_state=old_state,
        new_state=getattr(document, "state", ""),
        actor=actor.get_username(),
        request_id=request_id.get(),
        facts=facts,
        recorded_at=clock.now(),
        handlers=[s.handler for s in owed],
        slow=[s.slow for s in owed],
        due_at=clock.wall(),
    )
    for delivery_id, slow in write(fact, document):
        (work.slow if slow else work.fast).append(delivery_id)
    work.together += [(handler, document.pk) for handler in _before_commit.get(name, [])]


def record_many(
    documents: Sequence[Document], event: str, *, actor: Actor, facts: dict[str, Any]
) -> None:
    """Write the same Event for many newly created documents. One SQL statement.

    Raises AssertionError when somebody subscribes: each delivery needs an event of its own.
    """
    assert_in_command()
    if not documents:
        return
    name = f"{documents[0].noun}.{event}"
    assert name in documents[0].event_words(), name
    assert name not in _after, f"{name} has subscribers; record it one by one"
    assert name not in _before_commit, f"{name} has companions; record it one by one"
    Event.objects.bulk_create(
        Event(
            name=name,
            document_type=document._meta.label_lower,
            document_id=document.pk,
            new_state=document.state,
            actor=actor.get_username(),
            request_id=request_id.get(),
            facts=facts,
        )
        for document in documents
    )


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
    with begin_work(SYSTEM) as work, transaction.atomic(durable=True):
        claimed = _claim(
            _CLAIM.format(change=f"state = '{DeliveryState.DONE}', done_at = %s", due=""),
            [clock.wall(), delivery_id],
        )
        if claimed is None:
            return False
        handler, document_id = claimed
        import_string(handler)(document_id, actor=SYSTEM)
        run_together(work)
    tell_after_commit(work)
    return True


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
    import_string(handler)(document_id, actor=SYSTEM)
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


def _said(bug: Exception) -> str:
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
    known = _after.get(delivery.event.name, [])
    at_last = next((s.at_last for s in known if s.handler == delivery.handler), None)
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
