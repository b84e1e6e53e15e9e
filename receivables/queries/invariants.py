"""What is always true of receivables. Checked by `manage.py verify`.

The two E checks compare the movements of every single day: when those agree, the balances agree
as of any day. `verify --as-of` lets them look no further than a day.
"""

from django.utils.translation import gettext_lazy as _

from invoicing.models import InvoiceState
from o2c.core.verify import Invariant
from receivables.models import (
    CreditApplicationState,
    DunningRunState,
    PaymentState,
    WriteOffState,
)

_AR_MOVES = """
    SELECT l.customer_id, l.currency, l.posting_date AS day, l.amount, l.base_amount
    FROM ledger_line AS l JOIN ledger_account AS a ON a.id = l.account_id AND a.role = 'AR'
    UNION ALL
    SELECT customer_id, currency, posting_date, -original, -base_original
    FROM receivables_openitem
    UNION ALL
    SELECT customer_id, currency, effective_date, amount + discount, base_cleared
    FROM receivables_allocation
    UNION ALL
    SELECT customer_id, currency, effective_date, -amount, -base_amount
    FROM receivables_allocation WHERE credit_item_id IS NOT NULL
"""

_AR_DIFFERS = f"""
    SELECT customer_id AS customer, currency, day, sum(amount) AS ledger_less_items,
        sum(base_amount) AS in_base
    FROM ({_AR_MOVES}) AS moves WHERE day <= %(as_of)s GROUP BY customer_id, currency, day
    HAVING sum(amount) <> 0 OR sum(base_amount) <> 0
"""

_SIGN = "CASE direction WHEN 'in' THEN 1 ELSE -1 END"

_UNAPPLIED_DIFFERS = f"""
    SELECT customer_id AS customer, currency, day, sum(amount) AS ledger_less_payments,
        sum(base_amount) AS in_base
    FROM (
        SELECT l.customer_id, l.currency, l.posting_date AS day, l.amount, l.base_amount
        FROM ledger_line AS l
        JOIN ledger_account AS a ON a.id = l.account_id AND a.role = 'UNAPPLIED_CASH'
        UNION ALL
        SELECT customer_id, currency, assigned_date, {_SIGN} * amount, {_SIGN} * base_amount
        FROM receivables_payment WHERE assigned_date IS NOT NULL
        UNION ALL
        SELECT customer_id, currency, reversed_date, {_SIGN} * -amount, {_SIGN} * -base_amount
        FROM receivables_payment WHERE assigned_date IS NOT NULL AND reversed_date IS NOT NULL
        UNION ALL
        SELECT customer_id, currency, effective_date, -amount, -base_amount
        FROM receivables_allocation WHERE payment_id IS NOT NULL
        UNION ALL
        SELECT customer_id, currency, effective_date, 0, base_paid - base_received
        FROM receivables_repayment
    ) AS moves WHERE day <= %(as_of)s
    GROUP BY customer_id, currency, day
    HAVING sum(amount) <> 0 OR sum(base_amount) <> 0
"""

_OPEN_MISCOUNTED = """
    SELECT i.id AS open_item, i.original, i.open_amount, m.used, i.base_open, m.base_used
    FROM receivables_openitem AS i LEFT JOIN (
        SELECT id, sum(amount) AS used, sum(base_amount) AS base_used FROM (
            SELECT open_item_id AS id, amount + discount AS amount, base_cleared AS base_amount
            FROM receivables_allocation
            UNION ALL
            SELECT credit_item_id, -amount, -base_amount
            FROM receivables_allocation WHERE credit_item_id IS NOT NULL
        ) AS used GROUP BY id
    ) AS m ON m.id = i.id
    WHERE i.open_amount <> i.original - coalesce(m.used, 0)
        OR i.base_open <> i.base_original - coalesce(m.base_used, 0)
        OR i.open_amount * sign(i.original) < 0 OR abs(i.open_amount) > abs(i.original)
"""

_ALLOCATED_MISCOUNTED = f"""
    SELECT p.id AS payment, p.amount, p.allocated, a.used
    FROM receivables_payment AS p LEFT JOIN (
        SELECT payment_id, sum(amount) AS used, sum(base_amount) AS base_used FROM (
            SELECT payment_id, amount, base_amount
            FROM receivables_allocation WHERE payment_id IS NOT NULL
            UNION ALL
            SELECT side.id, side.amount, side.base FROM receivables_repayment CROSS JOIN LATERAL
                (VALUES (received_id, amount, base_received), (paid_id, -amount, -base_paid))
                AS side (id, amount, base)
        ) AS uses GROUP BY payment_id
    ) AS a ON a.payment_id = p.id
    WHERE p.allocated <> {_SIGN} * coalesce(a.used, 0)
        OR p.base_allocated <> {_SIGN} * coalesce(a.base_used, 0)
        OR p.allocated < 0 OR p.allocated > p.amount
"""

_TWO_ACCOUNTS = """
    SELECT a.id AS allocation, a.customer_id AS customer, a.currency
    FROM receivables_allocation AS a
    JOIN receivables_openitem AS i ON i.id = a.open_item_id
    LEFT JOIN receivables_openitem AS c ON c.id = a.credit_item_id
    LEFT JOIN receivables_payment AS p ON p.id = a.payment_id
    WHERE (i.customer_id, i.currency) <> (a.customer_id, a.currency)
        OR (c.customer_id, c.currency) <> (a.customer_id, a.currency)
        OR (p.customer_id, p.currency) <> (a.customer_id, a.currency)
    UNION ALL
    SELECT r.id, r.customer_id, r.currency
    FROM receivables_repayment AS r
    JOIN receivables_payment AS i ON i.id = r.received_id
    JOIN receivables_payment AS o ON o.id = r.paid_id
    WHERE (i.customer_id, i.currency) <> (r.customer_id, r.currency)
        OR (o.customer_id, o.currency) <> (r.customer_id, r.currency)
        OR (i.direction, o.direction) <> ('in', 'out')
"""

_BAD_MIRROR = """
    SELECT r.id AS allocation, r.reverses_id AS reverses
    FROM receivables_allocation AS r JOIN receivables_allocation AS a ON a.id = r.reverses_id
    WHERE a.reverses_id IS NOT NULL OR a.open_item_id <> r.open_item_id
        OR a.payment_id IS DISTINCT FROM r.payment_id
        OR a.credit_item_id IS DISTINCT FROM r.credit_item_id
        OR a.write_off_id IS DISTINCT FROM r.write_off_id
        OR r.effective_date < a.effective_date
        OR (a.amount, a.discount, a.discount_tax, a.base_amount, a.base_cleared)
            <> (-r.amount, -r.discount, -r.discount_tax, -r.base_amount, -r.base_cleared)
    UNION ALL
    SELECT min(id), reverses_id FROM receivables_allocation WHERE reverses_id IS NOT NULL
    GROUP BY reverses_id HAVING count(*) > 1
    UNION ALL
    SELECT r.id, r.reverses_id
    FROM receivables_repayment AS r JOIN receivables_repayment AS a ON a.id = r.reverses_id
    WHERE a.reverses_id IS NOT NULL OR r.effective_date < a.effective_date
        OR (a.received_id, a.paid_id) <> (r.received_id, r.paid_id)
        OR (a.amount, a.base_received, a.base_paid) <> (-r.amount, -r.base_received, -r.base_paid)
"""

_PAID_OUT_ALONE = f"""
    SELECT id AS payment, created_by, approved_by, amount, beyond FROM receivables_payment
    WHERE beyond > 0 AND state = '{PaymentState.RECEIVED}' AND approved_by IN ('', created_by)
"""

_DISCOUNT_MISCOUNTED = """
    SELECT i.id AS invoice, i.discount_taken, coalesce(a.discount, 0) AS allocated
    FROM invoicing_invoice AS i LEFT JOIN (
        SELECT o.invoice_id, sum(a.discount) AS discount, sum(a.discount_tax) AS tax
        FROM receivables_allocation AS a JOIN receivables_openitem AS o ON o.id = a.open_item_id
        GROUP BY o.invoice_id
    ) AS a ON a.invoice_id = i.id
    WHERE (i.discount_taken, i.discount_tax_taken)
        <> (coalesce(a.discount, 0), coalesce(a.tax, 0))
"""

_ALONE_DECIDED = f"""
    SELECT w.id AS write_off, w.created_by, w.decided_by, w.amount, a.used
    FROM receivables_writeoff AS w LEFT JOIN (
        SELECT write_off_id, sum(amount) AS used FROM receivables_allocation
        WHERE write_off_id IS NOT NULL GROUP BY write_off_id
    ) AS a ON a.write_off_id = w.id
    WHERE (w.state <> '{WriteOffState.REQUESTED}' AND w.decided_by IN ('', w.created_by))
        OR coalesce(a.used, 0)
            <> CASE w.state WHEN '{WriteOffState.APPROVED}' THEN w.amount ELSE 0 END
"""

_CREDIT_MISUSED = f"""
    SELECT c.id AS application, c.state, c.amount, a.used
    FROM receivables_creditapplication AS c LEFT JOIN (
        SELECT credit_application_id, sum(amount) AS used FROM receivables_allocation
        WHERE credit_application_id IS NOT NULL GROUP BY credit_application_id
    ) AS a ON a.credit_application_id = c.id
    WHERE coalesce(a.used, 0)
        <> CASE c.state WHEN '{CreditApplicationState.APPLIED}' THEN c.amount ELSE 0 END
"""

_ENTRY_DIFFERS = """
    SELECT a.entry_id AS entry, a.owed AS by_allocations, coalesce(l.owed, 0) AS by_entry
    FROM (
        SELECT entry_id, sum(CASE WHEN credit_item_id IS NULL THEN -amount ELSE 0 END - discount)
            AS owed
        FROM receivables_allocation GROUP BY entry_id
    ) AS a LEFT JOIN (
        SELECT l.entry_id, sum(l.amount) AS owed FROM ledger_line AS l
        JOIN ledger_account AS c ON c.id = l.account_id AND c.role = 'AR' GROUP BY l.entry_id
    ) AS l ON l.entry_id = a.entry_id
    WHERE a.owed <> coalesce(l.owed, 0)
"""

_INVOICE_NOT_OWED = f"""
    SELECT v.id AS invoice, v.gross, i.owed
    FROM invoicing_invoice AS v LEFT JOIN (
        SELECT invoice_id, sum(original) AS owed FROM receivables_openitem
        WHERE invoice_id IS NOT NULL GROUP BY invoice_id
    ) AS i ON i.invoice_id = v.id
    WHERE coalesce(i.owed, 0) <> CASE
        WHEN v.state <> '{InvoiceState.POSTED}' THEN 0
        WHEN v.kind = 'credit_note' THEN -v.gross ELSE v.gross END
"""

_NOTICE_TWICE = """
    SELECT open_item_id AS open_item, level, count(*) AS notices FROM receivables_dunningnotice
    WHERE dropped_at IS NULL GROUP BY open_item_id, level HAVING count(*) > 1
"""

_LEVEL_SKIPPED = """
    SELECT id AS notice, open_item_id AS open_item, level, before FROM (
        SELECT id, open_item_id, level, sent_at,
            lag(level) OVER history AS before, lag(sent_at) OVER history AS sent_before
        FROM receivables_dunningnotice WHERE sent_at IS NOT NULL
        WINDOW history AS (PARTITION BY open_item_id ORDER BY level)
    ) AS n
    WHERE level <> coalesce(before + 1, least(level, 1)) OR sent_at < sent_before
"""

_LETTER_TWICE = """
    SELECT run_id AS run, customer_id AS customer, count(*) AS letters
    FROM receivables_dunningletter GROUP BY run_id, customer_id HAVING count(*) > 1
"""

_LETTER_MISSENT = f"""
    SELECT l.id AS letter, r.state AS run_state, m.messages, m.attempts
    FROM receivables_dunningletter AS l JOIN receivables_dunningrun AS r ON r.id = l.run_id
    LEFT JOIN (
        SELECT document_id, count(*) AS messages, max(attempts) AS attempts,
            bool_and(at_most_once) AS careful
        FROM core_outgoingmessage WHERE document_type = 'receivables.dunningletter'
        GROUP BY document_id
    ) AS m ON m.document_id = l.id
    WHERE m.messages > 1 OR m.attempts > 1 OR NOT m.careful
        OR (m.messages > 0 AND l.sent_at IS NULL)
        OR (l.sent_at IS NOT NULL AND r.state <> '{DunningRunState.APPROVED}')
"""

INVARIANTS = [
    Invariant("E3", _("Receivables account and open items agree on every day"), _AR_DIFFERS),
    Invariant("E8", _("Unapplied cash and its account agree on every day"), _UNAPPLIED_DIFFERS),
    Invariant("F1", _("What is open is the original less what was allocated"), _OPEN_MISCOUNTED),
    Invariant("F2", _("Of a payment no more is used than came"), _ALLOCATED_MISCOUNTED),
    Invariant(
        "F3", _("An allocation joins one customer’s documents of one currency"), _TWO_ACCOUNTS
    ),
    Invariant("F5", _("What is taken back is taken back once, as a mirror"), _BAD_MIRROR),
    Invariant("F7", _("A write-off was decided by another person and booked"), _ALONE_DECIDED),
    Invariant("F9", _("An applied credit is used for its amount"), _CREDIT_MISUSED),
    Invariant("F10", _("Every allocation is in its journal entry"), _ENTRY_DIFFERS),
    Invariant("F11", _("A posted invoice is owed, to the cent"), _INVOICE_NOT_OWED),
    Invariant("F12", _("Who pays out more than there is does not approve it"), _PAID_OUT_ALONE),
    Invariant("F13", _("An invoice counts the early discounts taken on it"), _DISCOUNT_MISCOUNTED),
    Invariant("G1", _("One notice per item and level"), _NOTICE_TWICE),
    Invariant("G2", _("Dunning levels rise one by one"), _LEVEL_SKIPPED),
    Invariant("G3", _("One letter per customer and run"), _LETTER_TWICE),
    Invariant("G4", _("A letter leaves once, and only when approved"), _LETTER_MISSENT),
]
