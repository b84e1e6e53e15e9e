"""What is always true of invoices and credit notes. Checked by `manage.py verify`."""

from django.utils.translation import gettext_lazy as _

from invoicing.models import InvoiceState
from o2c.core.models import DeliveryState
from o2c.core.verify import Invariant

_BILLED = f"""
    SELECT s.id AS shipment_line, s.quantity, s.invoiced, coalesce(b.billed, 0) AS billed
    FROM shipping_shipmentline AS s LEFT JOIN (
        SELECT l.shipment_line_id,
            sum(CASE i.kind WHEN 'credit_note' THEN -l.quantity ELSE l.quantity END) AS billed
        FROM invoicing_invoiceline AS l
        JOIN invoicing_invoice AS i ON i.id = l.invoice_id AND i.state = '{InvoiceState.POSTED}'
        GROUP BY l.shipment_line_id
    ) AS b ON b.shipment_line_id = s.id
    WHERE s.invoiced <> coalesce(b.billed, 0) OR coalesce(b.billed, 0) NOT BETWEEN 0 AND s.quantity
"""

_ORDER_COUNTERS = f"""
    SELECT o.id AS order_line, o.invoiced, coalesce(b.invoiced, 0) AS billed, o.credited,
        coalesce(b.credited, 0) AS taken_back
    FROM orders_orderline AS o LEFT JOIN (
        SELECT l.order_line_id,
            sum(l.quantity) FILTER (WHERE i.kind = 'invoice') AS invoiced,
            sum(l.quantity) FILTER (WHERE i.kind = 'credit_note') AS credited
        FROM invoicing_invoiceline AS l
        JOIN invoicing_invoice AS i ON i.id = l.invoice_id AND i.state = '{InvoiceState.POSTED}'
        GROUP BY l.order_line_id
    ) AS b ON b.order_line_id = o.id
    WHERE o.invoiced <> coalesce(b.invoiced, 0) OR o.credited <> coalesce(b.credited, 0)
"""

_SUMS = """
    SELECT i.id AS invoice, i.net, l.net AS of_lines, t.base AS of_taxes, i.tax, t.tax AS taxes,
        i.gross
    FROM invoicing_invoice AS i
    LEFT JOIN (
        SELECT invoice_id, sum(net) AS net, count(*) AS lines,
            bool_and(net <= amount - document_discount) AS within
        FROM invoicing_invoiceline GROUP BY invoice_id
    ) AS l ON l.invoice_id = i.id
    LEFT JOIN (
        SELECT invoice_id, sum(base) AS base, sum(tax) AS tax
        FROM invoicing_taxline GROUP BY invoice_id
    ) AS t ON t.invoice_id = i.id
    WHERE i.gross <> i.net + i.tax OR i.net <> coalesce(l.net, 0) OR i.net <> coalesce(t.base, 0)
        OR i.tax <> coalesce(t.tax, 0) OR i.line_count <> coalesce(l.lines, 0)
        OR (i.kind = 'invoice' AND NOT coalesce(l.within, true))
"""

#: The tax on all that an invoice charges, and on all that its credit notes took back, by rate.
_TAX = f"""
    WITH documents AS (
        SELECT id, coalesce(corrects_id, id) AS document, kind, currency, tax_included,
            untaxed_percent
        FROM invoicing_invoice WHERE state = '{InvoiceState.POSTED}'
    ), charged AS (
        SELECT d.document, d.kind, d.currency, d.tax_included, l.tax_category AS category,
            l.tax_percent AS percent, d.untaxed_percent AS untaxed,
            sum(l.amount - l.document_discount) AS amount
        FROM documents AS d JOIN invoicing_invoiceline AS l ON l.invoice_id = d.id
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    ), taxed AS (
        SELECT d.document, d.kind, t.category, t.percent, sum(t.tax + t.discount_tax) AS tax
        FROM documents AS d JOIN invoicing_taxline AS t ON t.invoice_id = d.id
        GROUP BY 1, 2, 3, 4
    ), judged AS (
        SELECT g.document AS invoice, g.kind, g.category, g.percent, coalesce(t.tax, 0) AS tax,
            CASE WHEN g.tax_included
                THEN g.amount - round(
                    g.amount * 100 / (100 + g.percent * (100 - g.untaxed) / 100), c.minor_units)
                ELSE round(
                    (g.amount - round(g.amount * g.untaxed / 100, c.minor_units)) * g.percent / 100,
                    c.minor_units) END AS should_be
        FROM charged AS g JOIN masters_currency AS c ON c.code = g.currency
        LEFT JOIN taxed AS t USING (document, kind, category, percent)
    )
    SELECT * FROM judged WHERE tax <> should_be
"""

_HALF_POSTED = f"""
    SELECT id AS invoice, state, number, entry_id AS entry FROM invoicing_invoice
    WHERE (state = '{InvoiceState.POSTED}') <> (number IS NOT NULL AND snapshot IS NOT NULL
        AND posted_at IS NOT NULL AND series <> '' AND (entry_id IS NOT NULL OR gross = 0))
        OR (state <> '{InvoiceState.POSTED}' AND (number IS NOT NULL OR snapshot IS NOT NULL
            OR posted_at IS NOT NULL OR entry_id IS NOT NULL OR series <> '' OR credited <> 0))
"""

_OUT_OF_ORDER = """
    SELECT id AS invoice, number, invoice_date, before_date, posted_at, before_at FROM (
        SELECT id, number, invoice_date, posted_at,
            lag(invoice_date) OVER numbers AS before_date,
            lag(posted_at) OVER numbers AS before_at
        FROM invoicing_invoice WHERE number IS NOT NULL
        WINDOW numbers AS (
            PARTITION BY series ORDER BY substring(number FROM '[0-9]+$')::bigint
        )
    ) AS numbered
    WHERE invoice_date < before_date OR posted_at < before_at
"""

_OVERCREDITED = f"""
    SELECT i.id AS invoice, i.gross, i.credited, coalesce(n.gross, 0) AS notes,
        i.discount_carried, n.discount
    FROM invoicing_invoice AS i LEFT JOIN (
        SELECT corrects_id, sum(gross) AS gross, sum(discount_carried) AS discount,
            sum(discount_tax_carried) AS discount_tax
        FROM invoicing_invoice WHERE state = '{InvoiceState.POSTED}' GROUP BY corrects_id
    ) AS n ON n.corrects_id = i.id
    WHERE i.credited <> coalesce(n.gross, 0) OR i.credited NOT BETWEEN 0 AND i.gross
        OR (i.kind = 'invoice' AND (i.discount_carried <> coalesce(n.discount, 0)
            OR i.discount_tax_carried <> coalesce(n.discount_tax, 0)
            OR i.credited + i.discount_carried > i.gross))
"""

_OVERCREDITED_LINES = f"""
    SELECT b.id AS line, b.quantity, b.credited_quantity, coalesce(n.quantity, 0) AS quantities,
        b.credited_amount, coalesce(n.amount, 0) AS amounts
    FROM invoicing_invoiceline AS b LEFT JOIN (
        SELECT l.corrects_line_id, sum(l.quantity) AS quantity,
            sum(l.amount - l.document_discount) AS amount
        FROM invoicing_invoiceline AS l
        JOIN invoicing_invoice AS i ON i.id = l.invoice_id AND i.state = '{InvoiceState.POSTED}'
        GROUP BY l.corrects_line_id
    ) AS n ON n.corrects_line_id = b.id
    WHERE b.credited_quantity <> coalesce(n.quantity, 0)
        OR b.credited_amount <> coalesce(n.amount, 0)
        OR b.credited_quantity NOT BETWEEN 0 AND b.quantity
        OR b.credited_amount NOT BETWEEN 0 AND b.amount - b.document_discount
"""

_UNLIKE_ITS_SNAPSHOT = f"""
    SELECT i.id AS invoice, i.number, i.gross, i.snapshot ->> 'gross' AS frozen
    FROM invoicing_invoice AS i LEFT JOIN (
        SELECT invoice_id, count(*) AS lines, sum(amount) AS amount
        FROM invoicing_invoiceline GROUP BY invoice_id
    ) AS l ON l.invoice_id = i.id
    WHERE i.state = '{InvoiceState.POSTED}' AND (
        i.snapshot ->> 'number' IS DISTINCT FROM i.number
        OR i.snapshot ->> 'kind' IS DISTINCT FROM i.kind
        OR i.snapshot ->> 'currency' IS DISTINCT FROM i.currency
        OR (i.snapshot ->> 'invoice_date')::date IS DISTINCT FROM i.invoice_date
        OR (i.snapshot ->> 'net')::numeric IS DISTINCT FROM i.net
        OR (i.snapshot ->> 'tax')::numeric IS DISTINCT FROM i.tax
        OR (i.snapshot ->> 'gross')::numeric IS DISTINCT FROM i.gross
        OR (SELECT sum((p ->> 'amount')::numeric)
            FROM jsonb_array_elements(i.snapshot -> 'instalments') AS p) IS DISTINCT FROM i.gross
        OR jsonb_array_length(i.snapshot -> 'lines') IS DISTINCT FROM l.lines
        OR (SELECT sum((p ->> 'amount')::numeric)
            FROM jsonb_array_elements(i.snapshot -> 'lines') AS p) IS DISTINCT FROM l.amount
    )
"""

_TWO_DRAFTS = f"""
    SELECT l.shipment_line_id AS shipment_line, s.quantity, s.invoiced, sum(l.quantity) AS drafted
    FROM invoicing_invoiceline AS l
    JOIN invoicing_invoice AS i ON i.id = l.invoice_id AND i.state = '{InvoiceState.DRAFT}'
    JOIN shipping_shipmentline AS s ON s.id = l.shipment_line_id
    GROUP BY l.shipment_line_id, s.quantity, s.invoiced
    HAVING count(DISTINCT i.id) > 1 OR s.invoiced + sum(l.quantity) > s.quantity
"""

_PDFS = f"""
    SELECT a.document_id AS invoice, count(*) AS pdfs
    FROM core_attachment AS a LEFT JOIN invoicing_invoice AS i ON i.id = a.document_id
    WHERE a.document_type = 'invoicing.invoice' AND a.purpose = 'canonical_pdf'
    GROUP BY a.document_id, i.state, i.number
    HAVING count(*) > 1 OR i.state IS DISTINCT FROM '{InvoiceState.POSTED}'
        OR bool_or(a.name <> i.number || '.pdf' OR a.size = 0)
"""

_MISBOOKED = f"""
    SELECT i.id AS invoice, i.number, i.gross, b.entries, b.ar, b.revenue, b.tax
    FROM invoicing_invoice AS i LEFT JOIN (
        SELECT e.source_id, count(DISTINCT e.id) AS entries, max(e.id) AS entry,
            max(e.posting_date) AS posting_date,
            coalesce(sum(l.amount) FILTER (WHERE a.role = 'AR'), 0) AS ar,
            coalesce(sum(l.amount) FILTER (WHERE a.role = 'REVENUE'), 0) AS revenue,
            coalesce(sum(l.amount) FILTER (WHERE a.role = 'TAX'), 0) AS tax,
            max(l.customer_id) FILTER (WHERE a.role = 'AR') AS customer
        FROM ledger_entry AS e JOIN ledger_line AS l ON l.entry_id = e.id
        JOIN ledger_account AS a ON a.id = l.account_id
        WHERE e.source_type = 'invoicing.invoice' AND e.purpose = 'post'
        GROUP BY e.source_id
    ) AS b ON b.source_id = i.id,
        LATERAL (SELECT CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign) AS s
    WHERE CASE WHEN i.state <> '{InvoiceState.POSTED}' THEN b.source_id IS NOT NULL
        ELSE i.entry_id IS DISTINCT FROM b.entry OR (b.source_id IS NOT NULL AND (
            b.entries <> 1 OR b.ar <> s.sign * i.gross OR b.revenue <> -s.sign * i.net
            OR b.tax <> -s.sign * i.tax OR b.posting_date <> i.invoice_date
            OR (i.gross <> 0 AND b.customer IS DISTINCT FROM i.payer_id))) END
"""

#: By shipment: what the clearing account holds, and what its lines say is neither billed nor back.
#: Returns are counted from the near end of a line and bills from the far end (rules.billing).
_CLEARING = """
    WITH booked AS (
        SELECT coalesce(s.id, i.shipment_id, r.shipment_id) AS shipment,
            sum(l.base_amount) AS amount
        FROM ledger_line AS l
        JOIN ledger_account AS a ON a.id = l.account_id AND a.role = 'SHIPPED_NOT_INVOICED'
        JOIN ledger_entry AS e ON e.id = l.entry_id
        LEFT JOIN shipping_shipment AS s
            ON e.source_type = 'shipping.shipment' AND s.id = e.source_id
        LEFT JOIN invoicing_invoice AS i
            ON e.source_type = 'invoicing.invoice' AND i.id = e.source_id
        LEFT JOIN shipping_return AS r ON e.source_type = 'shipping.return' AND r.id = e.source_id
        GROUP BY 1
    ), open AS (
        SELECT l.shipment_id AS shipment, sum(
            round(l.cost * (l.quantity - l.invoiced) / l.quantity, c.minor_units)
            - round(l.cost * l.returned / l.quantity, c.minor_units)) AS amount
        FROM shipping_shipmentline AS l, masters_company AS m
        JOIN masters_currency AS c ON c.code = m.base_currency
        GROUP BY l.shipment_id
    )
    SELECT coalesce(booked.shipment, open.shipment) AS shipment, booked.amount AS booked,
        open.amount AS open
    FROM booked FULL JOIN open ON open.shipment = booked.shipment
    WHERE coalesce(booked.amount, 0) <> coalesce(open.amount, 0)
"""

#: A PDF somebody still owes is shown on the page of stuck work; this finds those nobody owes.
_WITHOUT_PDF = f"""
    SELECT i.id AS invoice, i.number, i.posted_at FROM invoicing_invoice AS i
    WHERE i.state = '{InvoiceState.POSTED}'
        AND i.posted_at < %(now)s::timestamptz - interval '15 minutes'
        AND NOT EXISTS (SELECT 1 FROM core_attachment AS a
            WHERE a.document_type = 'invoicing.invoice' AND a.document_id = i.id
            AND a.purpose = 'canonical_pdf')
        AND NOT EXISTS (SELECT 1 FROM core_delivery AS d JOIN core_event AS e ON e.id = d.event_id
            WHERE e.document_type = 'invoicing.invoice' AND e.document_id = i.id
            AND d.handler = 'invoicing.commands.rendering.render_invoice_pdf'
            AND d.state <> '{DeliveryState.DONE}')
"""

INVARIANTS = [
    Invariant("D1", _("Every shipped unit is billed once at most"), _BILLED),
    Invariant(
        "D1b", _("An order line counts what invoices billed and notes credited"), _ORDER_COUNTERS
    ),
    Invariant("D2", _("An invoice is the sum of its lines, and its tax of its rates"), _SUMS),
    Invariant("D2b", _("Tax is computed once per rate, and taken back likewise"), _TAX),
    Invariant("D3", _("An invoice is posted with everything or not at all"), _HALF_POSTED),
    Invariant("D5", _("Numbers follow dates and the order of posting"), _OUT_OF_ORDER),
    Invariant("D6", _("Credit notes never exceed their invoice"), _OVERCREDITED),
    Invariant("D6b", _("Credit notes never exceed a line of their invoice"), _OVERCREDITED_LINES),
    Invariant("D7", _("A posted invoice says what its frozen copy says"), _UNLIKE_ITS_SNAPSHOT),
    Invariant("D8", _("No two drafts bill the same goods"), _TWO_DRAFTS),
    Invariant("D9", _("A posted invoice has one PDF, a draft none"), _PDFS),
    Invariant("E2b", _("An invoice is booked once, at its amounts"), _MISBOOKED),
    Invariant("E8b", _("Goods shipped and not billed are what their account holds"), _CLEARING),
    Invariant("I5", _("Every posted invoice has its PDF, or somebody owes it"), _WITHOUT_PDF),
]
