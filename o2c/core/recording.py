"""A document, the Event that says so, and what is owed to subscribers are written together.

A document moves some fifteen times from order to cash, and each move is a row and an event. Sent
together (ADR 32) they cost half as much, and the row cannot be without its event, nor a change of
commercial fields without its history. Only the door
(`o2c.core.transitions`) comes here, by way of `o2c.core.events`.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from o2c.core import prepared
from o2c.core.compiling import (
    ADDED,
    CHANGED,
    fill_in,
    history_values,
    values_of,
    values_of_update,
    writing_of,
)
from o2c.core.models import DeliveryState

_EVENT = (
    "INSERT INTO core_event (name, document_type, document_id, old_state, new_state, actor, "
    "request_id, facts, recorded_at) SELECT %s, %s, {document_id}, %s, %s, %s, %s, %s::jsonb, %s "
    "{source} RETURNING id"
)
_DELIVERIES = (
    "INSERT INTO core_delivery (event_id, handler, slow, state, attempts, next_attempt_at, "
    "done_at, failure) SELECT e.id, s.handler, s.slow, "
    f"CASE WHEN s.joins THEN '{DeliveryState.DONE}' ELSE '{DeliveryState.OWED}' END, "
    "s.joins::int, s.due_at, CASE WHEN s.joins THEN s.due_at END, '' FROM e, "
    "(SELECT *, %s::timestamptz AS due_at FROM unnest(%s::text[], %s::boolean[], %s::boolean[]) "
    "WITH ORDINALITY AS t(handler, slow, joins, nr)) AS s ORDER BY s.nr RETURNING id"
)


class Fact(NamedTuple):
    """What an Event says besides which document it is about."""

    name: str
    document_type: str
    old_state: str
    new_state: str
    actor: str
    request_id: str
    facts: dict[str, Any]
    recorded_at: Any
    #: handlers to tell, which of them are slow, and which join the transaction, in order
    handlers: Sequence[str]
    slow: Sequence[bool]
    joins: Sequence[bool]
    due_at: Any

    def _event_parameters(self, *document_id: int) -> list[Any]:
        facts = json.dumps(self.facts, cls=DjangoJSONEncoder)
        return [
            *(self.name, self.document_type, *document_id, self.old_state, self.new_state),
            *(self.actor, self.request_id, facts, self.recorded_at),
        ]

    def _delivery_parameters(self) -> list[Any]:
        return [self.due_at, list(self.handlers), list(self.slow), list(self.joins)]


def write_event(fact: Fact, document: Model) -> list[int]:
    """Write the event alone. Returns the ids of its deliveries, in order; so do the others."""
    found = prepared.fetch(
        _ALONE, [*fact._event_parameters(document.pk), *fact._delivery_parameters()]
    )
    return [delivery_id for (delivery_id,) in found]


def update_with_event(
    fact: Fact, document: Model, *, keeps_history: bool = False, reason: str | None = None
) -> list[int]:
    """Write every column of a document whose row the caller has locked, and its event."""
    history = history_values(CHANGED, reason) if keeps_history else []
    found = prepared.fetch(
        _update_sql(type(document), keeps_history),
        [
            *(*values_of_update(document), *history),
            *(*fact._event_parameters(document.pk), *fact._delivery_parameters()),
        ],
    )
    return [delivery_id for (delivery_id,) in found]


def insert_with_event(fact: Fact, document: Model) -> list[int]:
    """Insert a document, fill in what the database made up (id, number), and write its event."""
    writing = writing_of(type(document))
    history = history_values(ADDED, None) if writing.insert_history else []
    ((*made_up, delivery_ids),) = prepared.fetch(
        _insert_sql(type(document)),
        [
            *(*values_of(document, writing.fields, add=True), *history),
            *(*fact._event_parameters(), *fact._delivery_parameters()),
        ],
    )
    fill_in(document, writing.made_up, made_up)
    return delivery_ids or []


_ALONE = f"WITH e AS ({_EVENT.format(document_id='%s', source='')}) {_DELIVERIES}"


@cache
def _update_sql(model: type[Model], keeps_history: bool) -> str:
    writing = writing_of(model)
    history = f"h AS ({writing.insert_history}), " if keeps_history else ""
    event = _EVENT.format(document_id="%s", source="")
    return f"WITH document AS ({writing.update}), {history}e AS ({event}) {_DELIVERIES}"


@cache
def _insert_sql(model: type[Model]) -> str:
    writing = writing_of(model)
    history = f"h AS ({writing.insert_history}), " if writing.insert_history else ""
    event = _EVENT.format(document_id="document.id", source="FROM document")
    names = ", ".join(f'document."{field.column}"' for field in writing.made_up)
    return (
        f"WITH document AS ({writing.insert}), {history}e AS ({event}), d AS ({_DELIVERIES}) "
        f"SELECT {names}, (SELECT array_agg(d.id ORDER BY d.id) FROM d) FROM document"
    )
