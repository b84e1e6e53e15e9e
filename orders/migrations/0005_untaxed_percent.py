"""Terms that always reduce the tax leave their early discount out of it."""

import o2c.core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('masters', '0004_tax_profiles_by_supply'),
        ('orders', '0004_number_lookups'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalorder',
            name='untaxed_percent',
            field=o2c.core.fields.RateField(default=0, verbose_name='left out of the tax, %'),
        ),
        migrations.AddField(
            model_name='order',
            name='untaxed_percent',
            field=o2c.core.fields.RateField(default=0, verbose_name='left out of the tax, %'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('untaxed_percent__gte', 0), ('untaxed_percent__lt', 100)), name='orders_order_untaxed_percent'),
        ),
    ]
