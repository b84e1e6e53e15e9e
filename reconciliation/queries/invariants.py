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
        _("No statement is here twice: one of a number moves a balance of a day once"),
        f"""
        SELECT account_id, statement_id, closing_date, opening, closing, count(*) AS times
        FROM reconciliation_bankstatement
        WHERE state <> '{StatementState.REPLACED}' AND problem = '' AND opening <> closing
        GROUP BY account_id, statement_id, closing_date, opening, closing HAVING count(*) > 1
        """,
    ),
    Invariant(
        "H2",
        _("Opening and kept lines make the closing of every statement, or it says so and waits"),
        f"""
        SELECT s.id, s.opening, coalesce(sums.total, 0) AS total, s.closing, s.problem
        FROM reconciliation_bankstatement s
        LEFT JOIN (
            SELECT statement_id, sum(amount) AS total, count(*) AS lines,
                   count(payment_id) AS applied
            FROM reconciliation_bankline GROUP BY statement_id
        ) sums ON sums.statement_id = s.id
        WHERE coalesce(sums.lines, 0) <> s.line_count
           OR (s.problem = '' AND (s.opening IS NULL OR s.closing IS NULL
                                   OR s.closing <> s.opening + coalesce(sums.total, 0)))
           OR (s.problem <> '' AND s.accepted_reason = '' AND sums.applied > 0)
           OR (s.state = '{StatementState.REPLACED}' AND sums.applied > 0)
        """,
    ),
    Invariant(
        "H5",
        _("Each statement begins with the balance that the one it follows ends with"),
        f"""
        SELECT s.id, s.account_id, s.opening, b.id AS before, b.closing
        FROM reconciliation_bankstatement s
        JOIN reconciliation_bankstatement b ON b.id = s.follows_id
        WHERE b.closing IS DISTINCT FROM s.opening OR b.account_id <> s.account_id
           OR b.closing_date > s.closing_date OR b.state = '{StatementState.REPLACED}'
        UNION ALL
        -- of the statements that fit, only the first of an account follows none
        SELECT min(id), account_id, NULL, max(id), NULL
        FROM reconciliation_bankstatement
        WHERE follows_id IS NULL AND problem = '' AND state <> '{StatementState.REPLACED}'
        GROUP BY account_id HAVING count(*) > 1
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
