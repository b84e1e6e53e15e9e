"""Codes that differ in capitals only are one code."""

import django.db.models.functions.text
from o2c.core.codes import refuse_twins
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0004_early_discount_in_credit_notes"),
        ("ledger", "0002_codes_once"),
        ("masters", "0006_codes_once"),
        ("orders", "0006_agreed_discount"),
        ("receivables", "0010_discount_ends_early"),
    ]

    operations = [
        refuse_twins("receivables", "dunningpolicy"),
        migrations.RemoveConstraint(
            model_name="openitem",
            name="receivables_openitem_taken_over_once",
        ),
        migrations.AddConstraint(
            model_name="dunningpolicy",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="receivables_dunningpolicy_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openitem",
            constraint=models.UniqueConstraint(
                models.F("customer"),
                django.db.models.functions.text.Upper("document_number"),
                condition=models.Q(("kind", "opening")),
                name="receivables_openitem_taken_over_once",
                violation_error_message="This document was taken over, perhaps in other capitals.",
            ),
        ),
    ]
