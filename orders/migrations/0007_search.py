"""Any part of a number is found by an index (ADR 77)."""

from django.db import migrations

from o2c.core.expressions import search_index


class Migration(migrations.Migration):
    dependencies = [("core", "0005_trigrams"), ("orders", "0006_agreed_discount")]

    operations = [
        migrations.AddIndex(model_name="order", index=search_index("orders_order_search", "number", "customer_reference")),
    ]
