"""What others may read of the masters in SQL (ADR 37): statements to put in parentheses."""

from o2c.masters.models import LocationKind

#: `base_currency`, and the policies of credit. One row.
COMPANY = """
    SELECT base_currency, credit_unapplied_counts, credit_new_customer_hold FROM masters_company
"""

#: `code` and how many decimals (`minor_units`) amounts in a currency have.
CURRENCIES = "SELECT code, minor_units FROM masters_currency"

#: `id`, `code`, `name`, and the `currency` a customer is billed in.
CUSTOMERS = "SELECT id, code, name, currency FROM masters_customer"

#: The places (`id`) of a warehouse whose goods can be promised.
STORAGE_PLACES = f"""
    SELECT id, warehouse_id FROM masters_location
    WHERE kind = '{LocationKind.STORAGE}' AND active
"""


def rate_on(currency: str, day: str) -> str:
    """Base currency for one unit of currency, as `queries.rate_on`: NULL where there is no rate.

    Both are SQL. Of the base currency there is none.
    """
    return f"""(
        SELECT rate FROM masters_exchangerate WHERE currency = {currency} AND date <= {day}
        ORDER BY date DESC LIMIT 1
    )"""
