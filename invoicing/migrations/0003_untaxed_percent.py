"""Terms that always reduce the tax leave their early discount out of it."""

import o2c.core.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0002_price_per_ordered_unit'),
        ('ledger', '0001_initial'),
        ('masters', '0004_tax_profiles_by_supply'),
        ('orders', '0005_untaxed_percent'),
        ('shipping', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoice',
            name='posted_stays',
        ),
        migrations.AddField(
            model_name='invoice',
            name='untaxed_percent',
            field=o2c.core.fields.RateField(default=0, verbose_name='left out of the tax, %'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='posted_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.state = \'posted\' AND ((OLD."bill_to_id" IS DISTINCT FROM (NEW."bill_to_id") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by" IS DISTINCT FROM (NEW."created_by") OR OLD."credit_kind" IS DISTINCT FROM (NEW."credit_kind") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."delivery_date" IS DISTINCT FROM (NEW."delivery_date") OR OLD."entry_id" IS DISTINCT FROM (NEW."entry_id") OR OLD."exchange_rate" IS DISTINCT FROM (NEW."exchange_rate") OR OLD."goods_return_id" IS DISTINCT FROM (NEW."goods_return_id") OR OLD."gross" IS DISTINCT FROM (NEW."gross") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."invoice_date" IS DISTINCT FROM (NEW."invoice_date") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."line_count" IS DISTINCT FROM (NEW."line_count") OR OLD."net" IS DISTINCT FROM (NEW."net") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."payer_id" IS DISTINCT FROM (NEW."payer_id") OR OLD."posted_at" IS DISTINCT FROM (NEW."posted_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."series" IS DISTINCT FROM (NEW."series") OR OLD."shipment_id" IS DISTINCT FROM (NEW."shipment_id") OR OLD."snapshot" IS DISTINCT FROM (NEW."snapshot") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."tax" IS DISTINCT FROM (NEW."tax") OR OLD."tax_included" IS DISTINCT FROM (NEW."tax_included") OR OLD."terms_id" IS DISTINCT FROM (NEW."terms_id") OR OLD."untaxed_percent" IS DISTINCT FROM (NEW."untaxed_percent") OR OLD."version" IS DISTINCT FROM (NEW."version"))))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='54b1608a9bcf1f45069658f944e1c22760b4f958', operation='UPDATE', pgid='pgtrigger_posted_stays_441f3', table='invoicing_invoice', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('untaxed_percent__gte', 0), ('untaxed_percent__lt', 100)), name='invoicing_invoice_untaxed_percent'),
        ),
    ]
