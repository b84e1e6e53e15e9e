"""Documents, the Events that say so, and what is owed to subscribers are written together.

A document moves some fifteen times from order to cash, and each move is a row and an event. Sent
together (ADR 32) they cost half as much, and the row cannot be without its event, nor a change of
commercial fields without its history. Documents that move alike are written together as well
(ADR 58). Only the door (`o2c.core.transitions`) comes here, by way of `o2c.core.events`.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from o2c.core import prepared
from o2c.core.compiling import (
    ADDED,
    CHANGED,
    fill_in,
    history_values,
    in_places,
    typed_source,
    values_of,
    writing_of,
)
from o2c.core.models import DeliveryState

_EVENTS = (
    "INSERT INTO core_event (name, document_type, document_id, old_state, new_state, actor, "
    "request_id, facts, recorded_at) SELECT %s, %s, {document_id}, v.old_state, v.new_state, "
    "%s, %s, v.facts, %s FROM {source} ORDER BY v.nr RETURNING id"
)
_FACT = {"old_state": "text", "new_state": "text", "facts": "jsonb"}
_DELIVERIES = (
    "INSERT INTO core_delivery (event_id, handler, slow, state, attempts, next_attempt_at, "
    "done_at, failure) SELECT e.id, s.handler, s.slow, "
    f"CASE WHEN s.joins THEN '{DeliveryState.DONE}' ELSE '{DeliveryState.OWED}' END, "
    "s.joins::int, s.due_at, CASE WHEN s.joins THEN s.due_at END, '' "
    "FROM (SELECT id, row_number() OVER (ORDER BY id) AS nr FROM e) AS e JOIN "
    "(SELECT *, %s::timestamptz AS due_at FROM unnest(%s::int[], %s::text[], %s::boolean[], "
    "%s::boolean[]) WITH ORDINALITY AS t(event_nr, handler, slow, joins, nr)) AS s "
    "ON s.event_nr = e.nr ORDER BY s.nr RETURNING id"
)


class Telling(NamedTuple):
    """Somebody to be told: of which fact (from 0), by which handler, whether the worker runs it,
    and whether it joins the transaction.
    """

    fact_nr: int
    handler: str
    slow: bool
    joins: bool


class Fact(NamedTuple):
    """What the event says of one document."""

    old_state: str
    new_state: str
    facts: dict[str, Any]


class Recording(NamedTuple):
    """The same event of some documents: what they share, the fact of each in their order, and
    who is told of it.
    """

    name: str
    document_type: str
    actor: str
    request_id: str
    recorded_at: Any
    due_at: Any
    facts: Sequence[Fact]
    tells: Sequence[Telling]

    def _parameters(self, documents: Sequence[Model] | None = None) -> list[Any]:
        """For the events of documents that are there, or of those the same statement inserts."""
        rows = [
            [fact.old_state, fact.new_state, json.dumps(fact.facts, cls=DjangoJSONEncoder)]
            for fact in self.facts
        ]
        if documents is not None:
            rows = [[*row, document.pk] for row, document in zip(rows, documents, strict=True)]
        return [
            *(self.name, self.document_type, self.actor, self.request_id, self.recorded_at),
            *in_places(rows),
            self.due_at,
            [telling.fact_nr + 1 for telling in self.tells],
            [telling.handler for telling in self.tells],
            [telling.slow for telling in self.tells],
            [telling.joins for telling in self.tells],
        ]


def write_events(recording: Recording, documents: Sequence[Model]) -> list[int]:
    """Write the events alone. Returns the ids of the deliveries, in order; so do the others."""
    sql = _alone_sql(many=len(documents) > 1)
    return _delivery_ids(prepared.fetch(sql, recording._parameters(documents)))


def update_with_events(
    recording: Recording,
    documents: Sequence[Model],
    *,
    keeps_history: bool = False,
    reason: str | None = None,
) -> list[int]:
    """Write every column of documents of one model, whose rows the caller has locked."""
    model, many = type(documents[0]), len(documents) > 1
    history = history_values(CHANGED, reason) if keeps_history else []
    found = prepared.fetch(
        _update_sql(model, many=many, keeps_history=keeps_history),
        [
            *values_of(documents, writing_of(model, many=many).changed),
            *history,
            *recording._parameters(documents),
        ],
    )
    return _delivery_ids(found)


def insert_with_events(recording: Recording, documents: Sequence[Model]) -> list[int]:
    """Insert documents of one model, and fill in what the database made up (id, number)."""
    model, many = type(documents[0]), len(documents) > 1
    writing = writing_of(model, many=many)
    history = history_values(ADDED, None) if writing.insert_history else []
    stored = prepared.fetch(
        _insert_sql(model, many=many),
        [*values_of(documents, writing.fields, add=True), *history, *recording._parameters()],
    )
    for document, (*made_up, _ids) in zip(documents, stored, strict=True):
        fill_in(document, writing.made_up, made_up)
    return stored[0][-1] or []


def _delivery_ids(found: Iterable[Sequence[int]]) -> list[int]:
    return list(chain.from_iterable(found))


@cache
def _alone_sql(*, many: bool) -> str:
    return f"WITH e AS ({_events_of_known(many)}) {_DELIVERIES}"


def _events_of_known(many: bool) -> str:
    source = typed_source({**_FACT, "document_id": "bigint"}, many=many)
    return _EVENTS.format(document_id="v.document_id", source=source)


@cache
def _update_sql(model: type[Model], *, many: bool, keeps_history: bool) -> str:
    writing = writing_of(model, many=many)
    history = f"h AS ({writing.insert_history}), " if keeps_history else ""
    events = _events_of_known(many)
    return f"WITH document AS ({writing.update}), {history}e AS ({events}) {_DELIVERIES}"


@cache
def _insert_sql(model: type[Model], *, many: bool) -> str:
    writing = writing_of(model, many=many)
    history = f"h AS ({writing.insert_history}), " if writing.insert_history else ""
    document = "(SELECT id, row_number() OVER (ORDER BY id) AS nr FROM document) AS document"
    source = f"{typed_source(_FACT, many=many)} JOIN {document} USING (nr)"
    events = _EVENTS.format(document_id="document.id", source=source)
    names = ", ".join(f'document."{field.column}"' for field in writing.made_up)
    return (
        f"WITH document AS ({writing.insert}), {history}e AS ({events}), d AS ({_DELIVERIES}) "
        f"SELECT {names}, (SELECT array_agg(d.id ORDER BY d.id) FROM d) FROM document "
        "ORDER BY document.id"
    )
