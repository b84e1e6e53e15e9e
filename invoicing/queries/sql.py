"""What others may read of invoices in SQL (ADR 37): statements to put in parentheses."""

from invoicing.models import CreditKind, InvoiceKind, InvoiceState
from o2c.masters.queries.sql import CURRENCIES

#: Posted invoices and credit notes: `gross`, and the invoice (`bill_id`) a document is or corrects.
POSTED = f"""
    SELECT id, order_id, coalesce(corrects_id, id) AS bill_id, gross FROM invoicing_invoice
    WHERE state = '{InvoiceState.POSTED}'
"""

#: The lines of all invoices and credit notes, with what `billings` asks of them.
LINES = """
    SELECT id, invoice_id, order_line_id, corrects_line_id, quantity, unit_price, price_per,
        discount_percent, amount, document_discount
    FROM invoicing_invoiceline
"""


def billings(lines: str) -> str:
    """What the posted ones of some LINES charge: `order_line_id`, `quantity` and `value`, which is
    the quantity at the line's own price, to be rounded to `minor_units`.

    A credit note takes its quantity back at that price; what it gives back beyond (all of it when
    it credits an amount) corrects the price, unless it is goodwill or within its rounding.
    """
    return f"""
    SELECT l.order_line_id, c.minor_units, q.quantity, q.quantity * l.unit_price
        * (100 - l.discount_percent) / (100 * l.price_per) - CASE
            WHEN i.kind = '{InvoiceKind.INVOICE}' OR i.credit_kind = '{CreditKind.GOODWILL}' THEN 0
            WHEN l.quantity > 0 AND abs(q.beyond) <= power(10::numeric, -c.minor_units) THEN 0
            ELSE q.beyond END AS value
    FROM {lines} AS l
    JOIN invoicing_invoice AS i ON i.id = l.invoice_id AND i.state = '{InvoiceState.POSTED}'
    JOIN ({CURRENCIES}) AS c ON c.code = i.currency
    LEFT JOIN invoicing_invoiceline AS b ON b.id = l.corrects_line_id
    CROSS JOIN LATERAL (
        SELECT CASE i.kind WHEN '{InvoiceKind.INVOICE}' THEN l.quantity ELSE -l.quantity END
                AS quantity,
            l.amount - l.quantity * (b.amount - b.document_discount) / b.quantity AS beyond
    ) AS q
    """
