"""What is always true of the money book. Checked by `manage.py verify`."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from o2c.core.verify import Invariant
from o2c.ledger.models import PeriodState

#: The lines are summed up once. Only entries of several currencies are looked at by currency.
_UNBALANCED = """
    WITH sums AS (
        SELECT entry_id, min(currency) AS currency, min(currency) <> max(currency) AS is_mixed,
            sum(amount) AS off, sum(base_amount) AS base_off, count(*) AS lines,
            bool_or(amount = 0 AND base_amount = 0) AS has_empty
        FROM ledger_line GROUP BY entry_id
    )
    SELECT e.id AS entry, s.currency, s.off, s.base_off, s.lines, e.line_count
    FROM ledger_entry AS e LEFT JOIN sums AS s ON s.entry_id = e.id
    WHERE s.lines IS NULL OR s.lines < 2 OR s.lines <> e.line_count
        OR (s.off <> 0 AND NOT s.is_mixed) OR s.base_off <> 0 OR s.has_empty
    UNION ALL
    SELECT l.entry_id, l.currency, sum(l.amount), NULL, NULL, NULL FROM ledger_line AS l
    WHERE l.entry_id IN (SELECT entry_id FROM sums WHERE is_mixed)
    GROUP BY l.entry_id, l.currency HAVING sum(l.amount) <> 0
"""

_OWN_BASE = """
    SELECT l.id AS line, l.amount, l.base_amount
    FROM ledger_line AS l JOIN masters_company AS c ON c.base_currency = l.currency
    WHERE l.amount <> l.base_amount AND l.amount <> 0
"""


def _entries_without_source() -> str:
    """Entries whose source names no table of ours, or no row of it."""
    tables = {
        model._meta.label_lower: (model._meta.db_table, model._meta.pk.column)
        for model in apps.get_models()
        if model._meta.pk is not None
    }
    rows = ", ".join(f"('{label}')" for label in sorted(tables))
    unknown = (
        f"SELECT id AS entry, source_type, source_id FROM ledger_entry "
        f"WHERE source_type NOT IN (SELECT label FROM (VALUES {rows}) AS known(label))"
    )
    gone = [
        f"SELECT e.id, e.source_type, e.source_id FROM ledger_entry AS e "
        f"WHERE e.source_type = '{label}' AND NOT EXISTS "
        f'(SELECT 1 FROM "{table}" AS d WHERE d."{column}"::text = e.source_id::text)'
        for label, (table, column) in sorted(tables.items())
    ]
    return " UNION ALL ".join([unknown, *gone])


_NAMELESS_RECEIVABLE = """
    SELECT l.id AS line, l.entry_id AS entry FROM ledger_line AS l
    JOIN ledger_account AS a ON a.id = l.account_id AND a.role = 'AR'
    WHERE l.customer_id IS NULL
"""

_BAD_REVERSAL = """
    SELECT reverses_id AS entry, NULL::bigint AS account, count(*) AS reversals,
        NULL::numeric AS off
    FROM ledger_entry WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
    UNION ALL
    SELECT r.reverses_id, l.account_id, 1, sum(l.base_amount)
    FROM ledger_entry AS r JOIN ledger_line AS l ON l.entry_id IN (r.id, r.reverses_id)
    WHERE r.reverses_id IS NOT NULL
    GROUP BY r.id, r.reverses_id, l.account_id, l.customer_id, l.currency
    HAVING sum(l.amount) <> 0 OR sum(l.base_amount) <> 0
"""

_LATE = f"""
    SELECT p.code AS period, p.entry_count AS when_closed, count(e.id) AS now,
        NULL::bigint AS late_entry
    FROM ledger_period AS p LEFT JOIN ledger_entry AS e ON e.period_id = p.id
    WHERE p.state = '{PeriodState.CLOSED}'
    GROUP BY p.id HAVING count(e.id) <> p.entry_count
    UNION ALL
    SELECT p.code, p.entry_count, NULL, e.id
    FROM ledger_period AS p
    JOIN LATERAL (
        SELECT recorded_at FROM core_event WHERE document_type = 'ledger.period'
        AND document_id = p.id AND name = 'period.closed' ORDER BY id DESC LIMIT 1
    ) AS closed ON true
    JOIN ledger_entry AS e ON e.period_id = p.id AND e.recorded_at > closed.recorded_at
    WHERE p.state = '{PeriodState.CLOSED}'
"""

_MISDATED = """
    SELECT e.id AS entry, e.posting_date, p.code AS period, NULL::date AS line_date
    FROM ledger_entry AS e JOIN ledger_period AS p ON p.id = e.period_id
    WHERE e.posting_date NOT BETWEEN p.start_date AND p.end_date
    UNION ALL
    SELECT e.id, e.posting_date, NULL, l.posting_date
    FROM ledger_line AS l JOIN ledger_entry AS e ON e.id = l.entry_id
    WHERE l.posting_date <> e.posting_date
"""

#: Where it is latest, a day begins 14 hours before it does in UTC: one day more serves every zone.
_AHEAD = """
    SELECT id AS entry, posting_date, recorded_at
    FROM ledger_entry WHERE posting_date > (recorded_at AT TIME ZONE 'UTC')::date + 1
"""

#: A month that was opened after a later one had been closed, and was not reopened since.
_OPENED_BEHIND = """
    SELECT p.code AS period, q.code AS closed, o.recorded_at AS opened_at
    FROM ledger_period AS p
    JOIN core_event AS o ON o.document_type = 'ledger.period' AND o.document_id = p.id
        AND o.name = 'period.opened'
    JOIN ledger_period AS q ON q.start_date > p.end_date
    JOIN LATERAL (
        SELECT name FROM core_event WHERE document_type = 'ledger.period'
        AND document_id = q.id AND id < o.id ORDER BY id DESC LIMIT 1
    ) AS c ON c.name = 'period.closed'
"""

INVARIANTS = [
    Invariant(
        "E1", _("Every entry balances per currency and in base, with all its lines"), _UNBALANCED
    ),
    Invariant("E1b", _("An amount in the base currency is its own base amount"), _OWN_BASE),
    Invariant("E2", _("Every entry belongs to something that exists"), _entries_without_source),
    Invariant("E4", _("Every receivable names its customer"), _NAMELESS_RECEIVABLE),
    Invariant("E5", _("An entry is reversed once at most, by its exact mirror"), _BAD_REVERSAL),
    Invariant("E6", _("A closed month holds what it held when it was closed"), _LATE),
    Invariant("E6c", _("No month was opened behind a closed one"), _OPENED_BEHIND),
    Invariant("E6b", _("Entries and their lines lie in their month"), _MISDATED),
    Invariant("E6d", _("Nothing was posted on a day that had not come yet"), _AHEAD),
]
