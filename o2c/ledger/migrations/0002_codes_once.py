"""Codes that differ in capitals only are one code."""

import django.db.models.functions.text
from o2c.core.codes import refuse_twins
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
        ("masters", "0006_codes_once"),
    ]

    operations = [
        refuse_twins("ledger", "account"),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="ledger_account_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
    ]
