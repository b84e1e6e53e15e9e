"""Recording what happened, with what is owed to those who must act on it.

`o2c.flow` says who: `when` after the commit, or in the same transaction where nobody needs to see
them apart; `together` before the commit, for what must never be seen apart. A fast handler
(database only) is run by `o2c.core.deliveries`; a slow one (files, mail) is left to the worker.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.models import Eventful
from o2c.core.recording import Fact, Recording, Telling
from o2c.core.work import Work, assert_in_command, request_id

Handler = Callable[..., Any]
H = TypeVar("H", bound=Handler)

#: A command whose followers are more than this, such as the import of a file, leaves the rest of
#: them to transactions of their own, so that none holds the rows of a thousand orders.
MOST_FOLLOWERS = 50


class UnknownEvent(Exception):
    """`o2c.flow` names an event nothing records. Found at boot."""


def takes_many(handler: H) -> H:
    """Mark a follower that is called with the ids of all documents it follows in a transaction.

    It converges like every other, and after a commit it may be called with one of them.
    """
    handler.takes_many = True  # type: ignore[attr-defined]
    return handler


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
    """After event is committed, run each handler as `handler(document_id, actor=SYSTEM)`, and one
    that `takes_many` as `handler([document_id], actor=SYSTEM)`.

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
    documents: Sequence[Eventful],
    event: str,
    *,
    actor: Actor,
    write: Callable[[Recording, Sequence[Any]], list[int]],
    facts: Sequence[dict[str, Any]],
    old_states: Sequence[str],
) -> None:
    """Write one Event for each of some documents of one model, with the documents and what is
    owed; the door's alone.

    `write` is one of the ways of `o2c.core.recording`. `facts` and `old_states` are in the order
    of the documents.
    """
    work = assert_in_command()
    name = f"{documents[0].noun}.{event}"
    assert name in documents[0].event_words(), f"{name} is not declared by {documents[0]!r}"
    recording = Recording(
        name=name,
        document_type=documents[0]._meta.label_lower,
        actor=actor.get_username(),
        request_id=request_id.get(),
        recorded_at=clock.now(),
        due_at=clock.wall(),
        facts=[
            Fact(old_state, getattr(document, "state", ""), said)
            for document, old_state, said in zip(documents, old_states, facts, strict=True)
        ],
        tells=_tells(name, facts, work),
    )
    delivery_ids = write(recording, documents)
    for telling, delivery_id in zip(recording.tells, delivery_ids, strict=True):
        if telling.joins:
            work.joined.append((telling.handler, documents[telling.fact_nr].pk))
        else:
            (work.slow if telling.slow else work.fast).append(delivery_id)
    companions = _before_commit.get(name, [])
    work.together += [(handler, document.pk) for document in documents for handler in companions]


def _tells(name: str, facts: Sequence[dict[str, Any]], work: Work) -> list[Telling]:
    """Who is told of these facts; those that may join do while there is room."""
    room = MOST_FOLLOWERS - len(work.joined) if work.takes_followers else 0
    tells = []
    for subscription in _after.get(name, []):
        for fact_nr, said in enumerate(facts):
            if subscription.given and not said.get(subscription.given):
                continue
            joins = subscription.joins and room > 0
            room -= joins
            tells.append(Telling(fact_nr, subscription.handler, subscription.slow, joins))
    return tells


def taker_over(event: str, handler: str) -> Handler | None:
    """Who takes over a delivery of event to handler when every attempt has failed."""
    return next((s.at_last for s in _after.get(event, []) if s.handler == handler), None)
