"""Both sides of an allocation are of one customer and one currency, and the database knows it."""

from django.db import migrations

SIDES = {
    "open_item_id": "receivables_openitem",
    "credit_item_id": "receivables_openitem",
    "payment_id": "receivables_payment",
}


def add(column: str, table: str) -> str:
    return (
        f"ALTER TABLE receivables_allocation ADD CONSTRAINT receivables_allocation_{column}_account "
        f"FOREIGN KEY ({column}, customer_id, currency) REFERENCES {table} (id, customer_id, currency)"
    )


def drop(column: str) -> str:
    return f"ALTER TABLE receivables_allocation DROP CONSTRAINT receivables_allocation_{column}_account"


class Migration(migrations.Migration):
    dependencies = [("receivables", "0001_initial")]

    operations = [
        migrations.RunSQL(add(column, table), drop(column)) for column, table in SIDES.items()
    ]
