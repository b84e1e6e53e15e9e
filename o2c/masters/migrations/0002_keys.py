"""Currency columns hold the ISO code itself, so that documents read it without a join.

A plain column knows no foreign key to a natural key, so the database is told here.
"""

from django.db import migrations

COLUMNS = {
    "masters_company": "base_currency",
    "masters_exchangerate": "currency",
    "masters_bankaccount": "currency",
    "masters_pricelist": "currency",
    "masters_customer": "currency",
}


def add(table: str, column: str) -> str:
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_known FOREIGN KEY ({column}) "
        "REFERENCES masters_currency (code) DEFERRABLE INITIALLY DEFERRED"
    )


def drop(table: str, column: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_known"


class Migration(migrations.Migration):
    dependencies = [("masters", "0001_initial")]

    operations = [
        migrations.RunSQL(add(table, column), drop(table, column))
        for table, column in COLUMNS.items()
    ]
