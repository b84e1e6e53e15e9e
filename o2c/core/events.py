"""Recording what happened, with what is owed to those who must act on it.

`o2c.flow` says who: `when` after the commit, or in the same transaction where nobody needs to see
them apart; `together` before the commit, for what must never be seen apart. A fast handler
(database only) is run by `o2c.core.deliveries`; a slow one (files, mail) is left to the worker.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.bulk import insert_rows
from o2c.core.models import Document, Event, Eventful
from o2c.core.recording import Fact
from o2c.core.work import Work, assert_in_command, request_id

Handler = Callable[..., Any]

#: A command whose followers are more than this, such as the import of a file, leaves the rest of
#: them to transactions of their own, so that none holds the rows of a thousand orders.
MOST_FOLLOWERS = 20


class UnknownEvent(Exception):
    """`o2c.flow` names an event nothing records. Found at boot."""


@dataclass(frozen=True)
class Subscription:
    """Who is told, whether by the worker, which fact of the event must be true for it, who takes
    over when every attempt has failed, and whether it joins the transaction of the event.
    """

    handler: str
    slow: bool
    given: str = ""
    at_last: Handler | None = None
    joins: bool = False


_after: dict[str, list[Subscription]] = {}
_before_commit: dict[str, list[Handler]] = {}


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
    joins: bool = False,
) -> None:
    """After event is committed, run each handler as `handler(document_id, actor=SYSTEM)`.

    With `given` only when that fact of the event is true: the stage that recorded the event
    decided it, so that nobody is woken for nothing. A handler converges: running twice changes
    nothing. When every attempt has failed, `at_last` is run with the `failure` and the document
    itself waits for a person; without it, the delivery does, as stuck work.

    One that `joins` is carried out in the transaction of the event when it can be. When it fails
    there, all of it is done again with the handler after the commit, as if it did not join.
    Raises UnknownEvent.
    """
    assert not (slow and joins), "what the worker does cannot join a transaction"
    _refuse_unknown(event)
    for handler in handlers:
        path = f"{handler.__module__}.{handler.__qualname__}"
        subscription = Subscription(path, slow, given, at_last, joins)
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
    write: Callable[[Fact, Any], list[int]],
    old_state: str = "",
    facts: dict[str, Any],
) -> None:
    """Write one Event, the document with it, and what is owed; the door's alone.

    `write` is one of the ways of `o2c.core.recording`.
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
        joins=_joining(owed, work),
        due_at=clock.wall(),
    )
    delivery_ids = write(fact, document)
    for delivery_id, subscription, joins in zip(delivery_ids, owed, fact.joins, strict=True):
        if joins:
            work.joined.append((subscription.handler, document.pk))
        else:
            (work.slow if subscription.slow else work.fast).append(delivery_id)
    work.together += [(handler, document.pk) for handler in _before_commit.get(name, [])]


def _joining(owed: Sequence[Subscription], work: Work) -> list[bool]:
    """Which of these join the running transaction: those that may, while there is room."""
    room = MOST_FOLLOWERS - len(work.joined) if work.takes_followers else 0
    return [subscription.joins and nr < room for nr, subscription in enumerate(owed)]


def taker_over(event: str, handler: str) -> Handler | None:
    """Who takes over a delivery of event to handler when every attempt has failed."""
    return next((s.at_last for s in _after.get(event, []) if s.handler == handler), None)


def record_many(
    documents: Sequence[Document], event: str, *, actor: Actor, facts: dict[str, Any]
) -> None:
    """Write the same Event for many newly created documents.

    Raises AssertionError when somebody subscribes: each delivery needs an event of its own.
    """
    assert_in_command()
    if not documents:
        return
    name = f"{documents[0].noun}.{event}"
    assert name in documents[0].event_words(), name
    assert name not in _after, f"{name} has subscribers; record it one by one"
    assert name not in _before_commit, f"{name} has companions; record it one by one"
    insert_rows(
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
