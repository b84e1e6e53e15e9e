"""Any part of a number is found by an index (ADR 77)."""

from django.db import migrations

from o2c.core.expressions import search_index


class Migration(migrations.Migration):
    dependencies = [("core", "0005_trigrams"), ("invoicing", "0004_early_discount_in_credit_notes")]

    operations = [
        migrations.AddIndex(model_name="invoice", index=search_index("invoicing_invoice_search", "number")),
    ]
