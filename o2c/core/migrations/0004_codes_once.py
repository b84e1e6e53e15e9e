"""Codes that differ in capitals only are one code."""

import django.db.models.functions.text
from o2c.core.codes import refuse_twins
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("core", "0003_messages_by_delivery"),
    ]

    operations = [
        refuse_twins("core", "user", "username"),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("username"),
                name="core_user_username_once",
                violation_error_message="This user name is in use, perhaps in other capitals.",
            ),
        ),
    ]
