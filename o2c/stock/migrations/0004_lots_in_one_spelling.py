"""A lot of an item has one spelling, wherever goods of it lie."""

import django.contrib.postgres.constraints
import django.db.models.functions.text
from django.db import migrations, models

from o2c.core.codes import refuse_twins


class Migration(migrations.Migration):
    dependencies = [
        ("masters", "0006_codes_once"),
        ("stock", "0003_masters_hold_still_in_races"),
    ]

    operations = [
        refuse_twins("stock", "balance", "lot", "item", of_one_row=False),
        migrations.AddConstraint(
            model_name="balance",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("lot", ""), _negated=True),
                expressions=[
                    ("item", "="),
                    (django.db.models.functions.text.Upper("lot"), "="),
                    ("lot", "<>"),
                ],
                name="stock_balance_lot_in_one_spelling",
                violation_error_message="This lot is on record in other capitals.",
            ),
        ),
    ]
