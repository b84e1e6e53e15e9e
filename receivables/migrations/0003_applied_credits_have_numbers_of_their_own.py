"""Numbers of applied credits begin with AC: CA is the credit account.

A generated column cannot be changed, only made anew; PostgreSQL fills it for the rows there are.
"""

from django.db import migrations

from o2c.core.states import number_from_id


class Migration(migrations.Migration):
    dependencies = [("receivables", "0002_keys")]

    operations = [
        migrations.RemoveField("creditapplication", "number"),
        migrations.AddField("creditapplication", "number", number_from_id("AC")),
    ]
