"""What is always true of bank data and what we make of it."""

from django.utils.translation import gettext_lazy as _

from o2c.core.verify import Invariant
from orders.models import OrderState
from receivables.models import PaymentState
from reconciliation.models import MatchState, StatementState

INVARIANTS = [
    Invariant(
        "F4",
        _("The live payments of a bank line make its amount, on its account and in its currency"),
        f"""
        WITH fed AS (
            SELECT bank_line_id, count(*) AS payments,
                   sum(CASE direction WHEN 'in' THEN amount ELSE -amount - fee END) AS paid,
                   min(currency) AS currency, max(currency) AS other_currency,
                   min(bank_account_id) AS account, max(bank_account_id) AS other_account,
                   array_agg(id) AS ids
            FROM receivables_payment
            WHERE bank_line_id IS NOT NULL AND state <> '{PaymentState.REVERSED}'
            GROUP BY bank_line_id
        )
        SELECT l.id, l.amount, l.payment_id, fed.paid, fed.payments
        FROM reconciliation_bankline l
        LEFT JOIN fed ON fed.bank_line_id = l.id
        WHERE (l.payment_id IS NULL) <> (fed.paid IS NULL)
           OR (l.payment_id IS NOT NULL AND (
                  l.payment_id <> ALL (fed.ids) OR fed.paid <> l.amount
                  OR fed.currency <> l.currency OR fed.other_currency <> l.currency
                  OR fed.account <> l.account_id OR fed.other_account <> l.account_id))
        """,
    ),
    Invariant(
        "H1",
        _("No bank entry is here twice"),
        """
        SELECT account_id, dedup_key, count(*) AS times FROM reconciliation_bankline
        GROUP BY account_id, dedup_key HAVING count(*) > 1
        """,
    ),
    Invariant(
        "H2",
        _("A statement whose balances do not fit says so and is not posted from"),
        """
        WITH chained AS (
            SELECT s.*, coalesce(sums.total, 0) AS total, coalesce(sums.lines, 0) AS lines,
                   coalesce(sums.applied, 0) AS applied,
                   -- of those imported earlier the one that closes last, found by a running
                   -- maximum: to look for it anew at each statement is quadratic
                   max(CASE WHEN s.closing IS NOT NULL THEN
                       coalesce(to_char(s.closing_date, 'YYYYMMDD'), '99999999')
                       || lpad(s.id::text, 19, '0') END) OVER earlier AS before_key,
                   -- lines that an earlier file brought already are not here a second time
                   coalesce((e.facts ->> 'skipped')::int, 0) > 0 AS partly
            FROM reconciliation_bankstatement s
            LEFT JOIN (
                SELECT statement_id, sum(amount) AS total, count(*) AS lines,
                       count(payment_id) AS applied
                FROM reconciliation_bankline GROUP BY statement_id
            ) sums ON sums.statement_id = s.id
            LEFT JOIN core_event e ON e.document_type = 'reconciliation.bankstatement'
                AND e.document_id = s.id AND e.old_state = ''
            WINDOW earlier AS (PARTITION BY s.account_id ORDER BY s.id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        )
        SELECT c.id, c.opening, c.total, c.closing, b.closing AS before, c.problem
        FROM chained c
        LEFT JOIN reconciliation_bankstatement b ON b.id = right(c.before_key, 19)::bigint
        WHERE c.lines <> c.line_count
           OR (c.problem = '' AND (
                  c.opening IS NULL OR c.closing IS NULL OR b.closing <> c.opening
                  OR (c.closing <> c.opening + c.total AND NOT c.partly)))
           OR (c.problem <> '' AND c.accepted_reason = '' AND c.applied > 0)
        """,
    ),
    Invariant(
        "H3",
        _("Every bank line is open, applied or ignored with a reason and a name; nothing else"),
        f"""
        SELECT l.id, l.payment_id, l.ignored_reason, l.ignored_by
        FROM reconciliation_bankline l
        JOIN reconciliation_bankstatement s ON s.id = l.statement_id
        WHERE (l.payment_id IS NOT NULL AND l.ignored_reason <> '')
           OR (l.ignored_reason <> '' AND l.ignored_by = '')
           OR (s.state = '{StatementState.RECONCILED}' AND l.payment_id IS NULL
               AND l.ignored_reason = '')
        """,
    ),
    Invariant(
        "H6",
        _("An applied match belongs to a settled line; its shares and rest make the line"),
        f"""
        SELECT m.id, m.state, l.amount, m.on_account,
               coalesce(sum(s.amount) FILTER (WHERE s.credit_item_id IS NULL), 0) AS shares
        FROM reconciliation_match m
        JOIN reconciliation_bankline l ON l.id = m.bank_line_id
        LEFT JOIN reconciliation_matchshare s ON s.match_id = m.id
        GROUP BY m.id, l.id
        HAVING m.on_account + coalesce(sum(s.amount) FILTER (WHERE s.credit_item_id IS NULL), 0)
                   <> abs(l.amount)
            OR (m.state = '{MatchState.APPLIED}' AND l.payment_id IS NULL)
            OR (m.state <> '{MatchState.APPLIED}' AND m.state <> '{MatchState.UNDONE}'
                AND l.payment_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM reconciliation_match a
                                WHERE a.bank_line_id = l.id AND a.state = '{MatchState.APPLIED}'))
        UNION ALL
        SELECT m.id, m.state, s.amount, c.amount, NULL  -- a credit is used while its match stands
        FROM reconciliation_match m
        JOIN reconciliation_matchshare s ON s.match_id = m.id AND s.credit_item_id IS NOT NULL
        LEFT JOIN receivables_creditapplication c ON c.id = s.credit_application_id
        WHERE m.state = '{MatchState.APPLIED}'
          AND (c.id IS NULL OR c.amount <> s.amount OR c.credit_item_id <> s.credit_item_id)
        """,
    ),
    Invariant(
        "H7",
        _("A paid order has no open debt, a reconciled one nothing open and payments of the bank"),
        f"""
        SELECT o.id, o.number, o.state, sum(abs(i.open_amount)) AS open_amount
        FROM orders_order o JOIN receivables_openitem i ON i.order_id = o.id
        WHERE i.open_amount <> 0
            AND (o.state = '{OrderState.RECONCILED}' OR (o.state = '{OrderState.PAID}'
                AND i.open_amount > 0))
        GROUP BY o.id
        UNION ALL
        SELECT o.id, o.number, o.state, 0
        FROM orders_order o
        WHERE o.state = '{OrderState.RECONCILED}' AND EXISTS (
            SELECT 1 FROM receivables_openitem i
            JOIN receivables_allocation a ON a.open_item_id = i.id
            JOIN receivables_payment p ON p.id = a.payment_id
            WHERE i.order_id = o.id AND p.bank_line_id IS NULL
            GROUP BY p.id HAVING sum(a.amount + a.discount) <> 0)
        """,
    ),
]
