"""What others may read of the money book in SQL (ADR 37): statements to put in parentheses."""

#: Every posted line with the `role` of its account: `customer_id` (or NULL), `amount` in
#: `currency`, `base_amount` in the base currency; debits are positive.
LINES = """
    SELECT a.role, l.customer_id, l.currency, l.amount, l.base_amount
    FROM ledger_line AS l JOIN ledger_account AS a ON a.id = l.account_id
"""
