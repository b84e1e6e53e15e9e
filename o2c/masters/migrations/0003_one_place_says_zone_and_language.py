"""The zone of business dates is the setting TIME_ZONE; documents speak the customer's language."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("masters", "0002_keys")]

    operations = [
        migrations.RemoveField(model_name=model, name=name)
        for model in ("company", "historicalcompany")
        for name in ("timezone", "language")
    ]
