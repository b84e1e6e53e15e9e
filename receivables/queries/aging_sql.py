"""The statements of the aging report, as of any day and as known at any moment.

What was open on a day is what is open now, plus what was allocated later (or became known later).
So the report of today reads the open items alone, in the order of one index that holds all it
asks for, and an older day adds what has happened since.

Parameters of all of them: as_of, by_due (else by document date), customer_id and currency (null:
all), known_at (null: everything known). Amounts are in the row's currency.
"""

from o2c.masters.queries.sql import CUSTOMERS
from receivables.models import PaymentState

#: Rows dated twice that the report of the day does not know.
_LATER = "(effective_date > %(as_of)s OR recorded_at > %(known_at)s::timestamptz)"

_OF_ACCOUNT = """
    (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s)
    AND (%(currency)s::text IS NULL OR currency = %(currency)s)
"""

#: What an item row is, and which rows a report may see. Its age in days is as_of - dated.
_ITEM = (
    "id, customer_id, currency, CASE WHEN %(by_due)s THEN due_date ELSE document_date END AS dated"
)
_SEEN = f"""
    posting_date <= %(as_of)s
    AND (%(known_at)s::timestamptz IS NULL OR recorded_at <= %(known_at)s)
    AND {_OF_ACCOUNT}
"""

_OPEN_NOW = f"""
    SELECT {_ITEM}, open_amount AS amount, 1 AS items
    FROM receivables_openitem WHERE open_amount <> 0 AND {_SEEN}
"""

#: What later moves have taken from items as debts and as credits. Apart, so that the planner
#: knows how many there are.
_TAKEN_LATER = f"""
    SELECT id, coalesce(settled.amount, 0) + coalesce(used.amount, 0) AS taken FROM (
        SELECT open_item_id AS id, sum(amount + discount) AS amount
        FROM receivables_allocation WHERE {_LATER} AND {_OF_ACCOUNT} GROUP BY open_item_id
    ) AS settled FULL JOIN (
        SELECT credit_item_id AS id, -sum(amount) AS amount
        FROM receivables_allocation WHERE credit_item_id IS NOT NULL AND {_LATER} AND {_OF_ACCOUNT}
        GROUP BY credit_item_id
    ) AS used USING (id)
"""

#: How those items differ from what is open now: `items` is 1 for one that is settled now and was
#: open, -1 for the reverse.
_OPEN_THEN = f"""
    SELECT {_ITEM}, taken AS amount,
        (open_amount + taken <> 0)::int - (open_amount <> 0)::int AS items
    FROM ({_TAKEN_LATER}) AS later JOIN receivables_openitem USING (id) WHERE {_SEEN}
"""

#: `id`, `amount` and `days` of age of every item that was open, one row each.
ITEMS_AS_OF = f"""
    SELECT id, sum(amount) AS amount, %(as_of)s::date - dated AS days
    FROM ({_OPEN_NOW} UNION ALL {_OPEN_THEN}) AS change GROUP BY id, dated HAVING sum(amount) <> 0
"""

_SIGN = "CASE direction WHEN 'in' THEN 1 ELSE -1 END"

#: Changes whose sum is the unapplied cash of the day, per payment. What came on the account only
#: later has been counted in full by the lines before, whatever became of it: it goes off again.
UNAPPLIED_AS_OF = f"""
    SELECT id, customer_id, currency, {_SIGN} * (amount - allocated) AS amount
    FROM receivables_payment WHERE state = '{PaymentState.RECEIVED}' AND amount > allocated
        AND assigned_date IS NOT NULL AND {_OF_ACCOUNT}
    UNION ALL
    SELECT payment_id, customer_id, currency, amount
    FROM receivables_allocation WHERE payment_id IS NOT NULL AND {_LATER} AND {_OF_ACCOUNT}
    UNION ALL
    SELECT side.id, customer_id, currency, side.amount FROM receivables_repayment
    CROSS JOIN LATERAL (VALUES (received_id, amount), (paid_id, -amount)) AS side (id, amount)
    WHERE {_LATER} AND {_OF_ACCOUNT}
    UNION ALL
    SELECT id, customer_id, currency, {_SIGN} * amount FROM receivables_payment
    WHERE (reversed_date > %(as_of)s OR reversed_at > %(known_at)s::timestamptz)
        AND assigned_date IS NOT NULL AND {_OF_ACCOUNT}
    UNION ALL
    SELECT id, customer_id, currency, {_SIGN} * -amount FROM receivables_payment
    WHERE (assigned_date > %(as_of)s OR assigned_at > %(known_at)s::timestamptz)
        AND assigned_date IS NOT NULL AND {_OF_ACCOUNT}
"""


def aged_accounts(size: int) -> str:
    """One row for each customer and currency with open items or unapplied cash.

    size: how many buckets. Bucket n begins at an age of `start_n` days, a parameter of every
    bucket but the first. Columns: customer_id, code, name, currency, the amount of all buckets,
    their count of items, the unapplied cash, negative; then the amount of each bucket, then the
    counts. By customers' names.
    """
    amounts = [_either(f"amount_{n}") for n in range(size)]
    counts = [_either(f"count_{n}") for n in range(size)]
    items, unapplied = _either("items"), "coalesce(unapplied.amount, 0)"
    return f"""
        SELECT c.id, c.code, c.name, account.currency, {_either("amount")}, {items},
            -{unapplied}, {", ".join((*amounts, *counts))}
        FROM ({_aged(_OPEN_NOW, size)}) AS now
        FULL JOIN ({_aged(_OPEN_THEN, size)}) AS changed USING (customer_id, currency)
        FULL JOIN (
            SELECT customer_id, currency, sum(amount) AS amount
            FROM ({UNAPPLIED_AS_OF}) AS change GROUP BY customer_id, currency
        ) AS unapplied USING (customer_id, currency) AS account
        JOIN ({CUSTOMERS}) AS c ON c.id = account.customer_id
        WHERE {items} <> 0 OR {unapplied} <> 0
        ORDER BY c.name, c.code, account.currency
    """


def _either(name: str) -> str:
    """The figure of an account that may have nothing open now, nothing changed, or neither."""
    return f"(coalesce(now.{name}, 0) + coalesce(changed.{name}, 0))"


def _aged(items: str, size: int) -> str:
    """These items in one row for each account, with amounts and counts by bucket and of all."""
    filters = [_within(n, size) for n in range(size)]
    amounts = [f"sum(amount) {one} AS amount_{n}" for n, one in enumerate(filters)]
    counts = [f"sum(items) {one} AS count_{n}" for n, one in enumerate(filters)]
    return f"""
        SELECT customer_id, currency, {", ".join((*amounts, *counts))}, sum(amount) AS amount,
            sum(items) AS items
        FROM ({items}) AS item GROUP BY customer_id, currency
    """


def _within(bucket: int, size: int) -> str:
    """The items of a bucket. By dates, which the server computes once; an age it would for each."""
    since = f"dated <= %(as_of)s::date - %(start_{bucket})s" if bucket else ""
    until = f"dated > %(as_of)s::date - %(start_{bucket + 1})s" if bucket + 1 < size else ""
    limits = " AND ".join(filter(None, (since, until)))
    return f"FILTER (WHERE {limits})" if limits else ""
