"""What the kernel promises for every document of every app, made from the models themselves."""

from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext_lazy as _
from django_fsm import State

from o2c.core.attachments import lost_files
from o2c.core.models import DeliveryState, Document, MessageState
from o2c.core.verify import Invariant


def _documents() -> list[type[Document]]:
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Document) and not model._meta.proxy
    ]


def _last_event_differs() -> str:
    """Documents whose state is not the one their last event led to, or that have no event."""
    return " UNION ALL ".join(
        f"SELECT '{model._meta.label_lower}' AS document, d.id, d.state, e.new_state AS last_event "
        f'FROM "{model._meta.db_table}" AS d LEFT JOIN LATERAL ('
        f"SELECT new_state FROM core_event WHERE document_type = '{model._meta.label_lower}' "
        f"AND document_id = d.id ORDER BY id DESC LIMIT 1) AS e ON true "
        f"WHERE e.new_state IS DISTINCT FROM d.state"
        for model in _documents()
    )


def _undeclared_moves() -> str:
    """Events that led a document from one state to another by no declared step."""
    return " UNION ALL ".join(
        "SELECT document_type, document_id, id AS event, name, old_state, new_state "
        f"FROM core_event WHERE document_type = '{model._meta.label_lower}' "
        "AND old_state <> '' AND old_state <> new_state "
        f"AND (old_state, new_state) NOT IN (VALUES {_declared_moves(model)})"
        for model in _documents()
    )


def _declared_moves(model: type[Document]) -> str:
    """`('draft', 'posted'), ...`, or a pair that never is when the document has no step."""
    moves = set()
    field: Any = next(field for field in model._meta.fields if field.name == "state")
    states = [value for value, _label in field.choices or ()]
    for step in model.transitions():
        targets = step.target.allowed_states if isinstance(step.target, State) else [step.target]
        sources = states if step.source == "*" else [step.source]
        moves |= {(source, target) for source in sources for target in targets}
    return ", ".join(f"('{one}', '{other}')" for one, other in sorted(moves)) or "('', '')"


_BROKEN_CHAIN = """
    SELECT document_type, document_id, id AS event, old_state, before
    FROM (
        SELECT *, coalesce(lag(new_state) OVER (
            PARTITION BY document_type, document_id ORDER BY id), '') AS before
        FROM core_event
    ) AS chain
    WHERE old_state <> before
"""

_NAMELESS_EVENT = "SELECT id AS event, name FROM core_event WHERE btrim(actor) = ''"

_FORGOTTEN_DELIVERY = f"""
    SELECT id AS delivery, event_id, handler, next_attempt_at FROM core_delivery
    WHERE state = '{DeliveryState.OWED}'
    AND next_attempt_at < %(now)s::timestamptz - interval '15 minutes'
"""

_FORGOTTEN_MESSAGE = f"""
    SELECT m.id AS message, m.dedup_key, m.state FROM core_outgoingmessage AS m
    WHERE m.state IN ('{MessageState.QUEUED}', '{MessageState.SENDING}') AND NOT EXISTS (
        SELECT FROM core_event AS e JOIN core_delivery AS d ON d.event_id = e.id
        WHERE e.document_type = 'core.outgoingmessage' AND e.document_id = m.id
        AND d.state <> '{DeliveryState.DONE}'
    )
"""


def _lost_files() -> str:
    """Kept files whose bytes are gone or are other ones; the store is asked, not the database.

    Each file is read and hashed, since an equal size proves nothing: 200 MB in 1.1 s.
    """
    lost = lost_files()
    if not lost:
        return ""
    hashes = ", ".join(f"'{sha256}'" for sha256 in lost)
    return (
        "SELECT id AS file, document_type, document_id, name, sha256 FROM core_attachment "
        f"WHERE sha256 IN ({hashes})"
    )


def _numbers_with_gaps() -> str:
    """Series whose numbers are not 1 to n, or whose counter says otherwise."""
    numbered = [
        model
        for model in _documents()
        if any(_is_drawn(field) for field in model._meta.concrete_fields)
    ]
    drawn = " UNION ALL ".join(
        f"SELECT series, regexp_replace(number, '[0-9]+$', '') AS prefix, "
        f"substring(number from '[0-9]+$')::bigint AS nr "
        f'FROM "{model._meta.db_table}" WHERE number IS NOT NULL'
        for model in numbered
    )
    drawn = drawn or "SELECT '' AS series, '' AS prefix, 0 AS nr WHERE false"
    return f"""
        WITH drawn AS ({drawn}), series AS (
            SELECT series, count(*) AS numbers, count(DISTINCT nr) AS different,
                min(nr) AS first, max(nr) AS last, count(DISTINCT prefix) AS prefixes
            FROM drawn GROUP BY series
        )
        SELECT coalesce(s.series, c.code) AS series, s.numbers, s.first, s.last,
            c.last_number AS counter
        FROM series AS s FULL JOIN core_numberseries AS c ON c.code = s.series
        WHERE s.first <> 1 OR s.last <> s.numbers OR s.different <> s.numbers
            OR s.prefixes <> 1 OR coalesce(c.last_number, 0) <> coalesce(s.numbers, 0)
    """


def _is_drawn(field: Any) -> bool:
    """Whether a field is a legal document's number: a text that a draft does not have yet."""
    return field.name == "number" and isinstance(field, models.CharField) and bool(field.null)


def _not_a_number() -> str:
    """Every numeric column of every table, from the catalogue: 'NaN' passes each comparison."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.column_name) "
            "FROM information_schema.columns AS c JOIN information_schema.tables AS t "
            "USING (table_schema, table_name) WHERE c.table_schema = current_schema() "
            "AND t.table_type = 'BASE TABLE' AND c.data_type = 'numeric' GROUP BY c.table_name"
        )
        tables = cursor.fetchall()
    return " UNION ALL ".join(
        f'SELECT \'{table}\' AS "table", ctid::text AS row FROM "{table}" WHERE '
        + " OR ".join(f"\"{column}\" = 'NaN'" for column in columns)
        for table, columns in sorted(tables)
    )


def _missing_guards() -> str:
    """Triggers that the models declare and the database has not, or has switched off."""
    declared = sorted(
        {
            (model._meta.db_table, trigger.get_pgid(model))
            for model, trigger in pgtrigger.registered()
        }
    )
    if not declared:
        return ""
    rows = ", ".join(f"('{table}', '{name}')" for table, name in declared)
    return f"""
        SELECT d.table_name, d.trigger_name, coalesce(t.tgenabled::text, 'missing') AS enabled
        FROM (VALUES {rows}) AS d(table_name, trigger_name)
        LEFT JOIN pg_trigger AS t ON t.tgrelid = to_regclass(quote_ident(d.table_name))
            AND t.tgname = d.trigger_name
        WHERE t.tgenabled IS NULL OR t.tgenabled NOT IN ('O', 'A')
    """


INVARIANTS = [
    Invariant("I1", _("A document is in the state its last event led to"), _last_event_differs),
    Invariant("I1b", _("Every event says who did it"), _NAMELESS_EVENT),
    Invariant("I1c", _("Every event begins in the state the one before it led to"), _BROKEN_CHAIN),
    Invariant("A5", _("Documents move along their declared steps only"), _undeclared_moves),
    Invariant("I4", _("Nobody waits for news longer than 15 minutes"), _FORGOTTEN_DELIVERY),
    Invariant("I4b", _("Every message that waits will be sent"), _FORGOTTEN_MESSAGE),
    Invariant("I5b", _("Every kept file lies in the store, byte for byte"), _lost_files),
    Invariant("I7", _("Every guard of a record is in place and switched on"), _missing_guards),
    Invariant("D4", _("Numbers of legal documents have no gap and no repeat"), _numbers_with_gaps),
    Invariant("X1", _("No amount or quantity is “not a number”"), _not_a_number),
]
