"""The statement that writes entries with their lines."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from o2c.core import prepared
from o2c.core.compiling import in_places, typed_source
from o2c.ledger.commands.refusals import AccountMissing, PeriodClosed
from o2c.ledger.models import Account, Entry, PeriodState
from o2c.ledger.models.entries import PERIOD_CLOSED
from o2c.ledger.rules import Posting

#: An entry that is not stored yet, and its lines.
Drafted = tuple[Entry, Sequence[Posting]]

_ENTRY = {
    "source_type": "text", "source_id": "bigint", "purpose": "text", "posting_date": "date",
    "description": "text", "line_count": "int", "reverses_id": "bigint",
}  # fmt: skip


@cache
def _insert_sql(*, many: bool) -> str:
    """Writes entries with their lines, and returns those it wrote by their number from 1."""
    return f"""
WITH e AS MATERIALIZED (SELECT * FROM {typed_source(_ENTRY, many=many)}
), v AS (
    SELECT * FROM unnest(%s::int[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::text[], %s::numeric[], %s::numeric[], %s::int[])
    AS v(entry_nr, role, account_id, bank_id, customer_id, currency, amount, base_amount, number)
), entry AS (
    INSERT INTO ledger_entry (source_type, source_id, purpose, posting_date, period_id,
        description, line_count, reverses_id, recorded_at, recorded_by)
    SELECT e.source_type, e.source_id, e.purpose, e.posting_date, p.id,
        e.description, e.line_count, e.reverses_id, %s, %s
    FROM e JOIN ledger_period AS p ON e.posting_date BETWEEN p.start_date AND p.end_date
    WHERE p.state = '{PeriodState.OPEN}'
    ORDER BY e.nr
    ON CONFLICT (source_type, source_id, purpose) DO NOTHING
    RETURNING id, number, period_id, source_type, source_id, purpose, posting_date
), written AS (
    SELECT entry.*, e.nr FROM entry JOIN e USING (source_type, source_id, purpose)
), lines AS (
    INSERT INTO ledger_line (entry_id, number, account_id, customer_id, currency, amount,
        base_amount, posting_date)
    SELECT written.id, v.number, a.id, v.customer_id, v.currency, v.amount, v.base_amount,
        written.posting_date
    FROM written JOIN v ON v.entry_nr = written.nr CROSS JOIN LATERAL (
        SELECT id FROM ledger_account AS a
        WHERE a.id = v.account_id OR (a.role = v.role
            AND (a.bank_account_id IS NULL OR a.bank_account_id = v.bank_id))
        ORDER BY a.bank_account_id NULLS LAST LIMIT 1
    ) AS a
    ORDER BY written.nr, v.number
    RETURNING entry_id
)
SELECT w.nr, w.id, w.number, w.period_id, (SELECT count(*) FROM lines WHERE entry_id = w.id)
FROM written AS w
"""


def write_entries(drafts: Sequence[Drafted]) -> list[int]:
    """Write entries and lines; return which (from 0) were not: their month has no open period, or
    their source has posted for that purpose.

    All have the same time and actor. Raises PeriodClosed when a month was closed between the
    statement's reading and its writing, and AccountMissing.
    """
    if not drafts:
        return []
    purposes = {(entry.source_type, entry.source_id, entry.purpose) for entry, _lines in drafts}
    assert len(purposes) == len(drafts), "two entries of one source for one purpose"
    try:
        rows = prepared.fetch(_insert_sql(many=len(drafts) > 1), _parameters(drafts))
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == PERIOD_CLOSED:
            # Of several, the earliest: months are closed in their order.
            raise PeriodClosed(min(entry.posting_date for entry, _lines in drafts)) from error
        raise
    for nr, key, number, period_id, written in rows:
        entry, lines = drafts[nr - 1]
        entry.pk, entry.number, entry.period_id = key, number, period_id
        entry._state.adding, entry._state.db = False, connection.alias
        if written != len(lines):
            _refuse_missing_account(lines)
    return [nr for nr, (entry, _lines) in enumerate(drafts) if entry.pk is None]


def _parameters(drafts: Sequence[Drafted]) -> list[Any]:
    first = drafts[0][0]
    entries = [[getattr(entry, name) for name in _ENTRY] for entry, _lines in drafts]
    lines = [
        _line(nr, line, number)
        for nr, (_entry, lines) in enumerate(drafts, 1)
        for number, line in enumerate(lines, 1)
    ]
    return [
        *in_places(entries),
        *(list(column) for column in zip(*lines, strict=True)),
        first.recorded_at,
        first.recorded_by,
    ]


def _line(entry_nr: int, line: Posting, number: int) -> tuple[Any, ...]:
    return (
        entry_nr,
        line.account if isinstance(line.account, str) else None,
        line.account if isinstance(line.account, int) else None,
        line.bank_account_id,
        line.customer_id,
        line.currency,
        line.amount,
        line.base_amount,
        number,
    )


def _refuse_missing_account(lines: Iterable[Posting]) -> None:
    known = set(Account.objects.values_list("role", flat=True)) - {None}
    missing = sorted({str(line.account) for line in lines} - known)
    raise AccountMissing(
        _("No account plays the role %(roles)s. Add it to the chart of accounts.")
        % {"roles": ", ".join(missing)}
    )
