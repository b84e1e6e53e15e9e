"""The discount agreed on a whole order; orders there are were agreed on what they carry."""

import o2c.core.fields
from django.db import migrations

ADOPT = ";".join(
    f"UPDATE {table} SET agreed_discount = discount_amount WHERE discount_amount <> 0"
    for table in ("orders_order", "orders_historicalorder")
)


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_untaxed_percent")]

    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name="agreed_discount",
                field=o2c.core.fields.AmountField(default=0, editable=False),
            )
            for model in ("order", "historicalorder")
        ),
        migrations.AddField(
            model_name="orderline",
            name="once_ordered",
            field=o2c.core.fields.QuantityField(default=0, editable=False),
        ),
        migrations.RunSQL(ADOPT, migrations.RunSQL.noop),
    ]
