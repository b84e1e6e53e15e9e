"""What others may read of receivables in SQL (ADR 37): statements to put in parentheses."""

from invoicing.queries.sql import POSTED

#: Open items of orders: what is still open of what was `original`ly owed; credits are negative.
ITEMS = "SELECT id, order_id, original, open_amount FROM receivables_openitem"

#: The ITEMS of invoices and credit notes, by the invoice (`bill_id`) they belong to.
BILLED_ITEMS = f"""
    SELECT o.order_id, i.bill_id, o.original, o.open_amount
    FROM receivables_openitem AS o JOIN ({POSTED}) AS i ON i.id = o.invoice_id
"""

#: What payments have settled of items, early discounts included; what was taken back is negative.
#: `bank_line_id` is NULL for a payment no bank statement knows.
PAID = """
    SELECT a.open_item_id, a.payment_id, p.bank_line_id, a.amount + a.discount AS settled
    FROM receivables_allocation AS a JOIN receivables_payment AS p ON p.id = a.payment_id
"""
