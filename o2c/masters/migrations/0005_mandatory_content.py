"""What an invoice must say: a tax number of ours, and whose order number is demanded."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('masters', '0004_tax_profiles_by_supply'),
    ]

    operations = [
        migrations.AddField(
            model_name='company',
            name='tax_number',
            field=models.CharField(blank=True, help_text='Of the tax office, where there is no VAT id.', max_length=40, verbose_name='tax number'),
        ),
        migrations.AddField(
            model_name='customer',
            name='reference_required',
            field=models.BooleanField(default=False, help_text="No invoice is posted without the customer's order number.", verbose_name='invoices need its order number'),
        ),
        migrations.AddField(
            model_name='historicalcompany',
            name='tax_number',
            field=models.CharField(blank=True, help_text='Of the tax office, where there is no VAT id.', max_length=40, verbose_name='tax number'),
        ),
        migrations.AddField(
            model_name='historicalcustomer',
            name='reference_required',
            field=models.BooleanField(default=False, help_text="No invoice is posted without the customer's order number.", verbose_name='invoices need its order number'),
        ),
    ]
