"""Codes that differ in capitals only are one code."""

import django.db.models.functions.text
from o2c.core.codes import refuse_twins
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("masters", "0005_mandatory_content"),
    ]

    operations = [
        refuse_twins("masters", "bankaccount"),
        refuse_twins("masters", "carrier"),
        refuse_twins("masters", "customer"),
        refuse_twins("masters", "item"),
        refuse_twins("masters", "itemcategory"),
        refuse_twins("masters", "paymentterms"),
        refuse_twins("masters", "pricelist"),
        refuse_twins("masters", "taxcode"),
        refuse_twins("masters", "taxprofile"),
        refuse_twins("masters", "unit"),
        refuse_twins("masters", "warehouse"),
        refuse_twins("masters", "address", "code", "customer"),
        refuse_twins("masters", "customeritem", "code", "customer"),
        refuse_twins("masters", "location", "code", "warehouse"),
        refuse_twins("masters", "carrierservice", "code", "carrier"),
        refuse_twins("masters", "item", "barcode"),
        refuse_twins("masters", "itemunit", "barcode"),
        refuse_twins("masters", "location", "barcode"),
        migrations.RemoveConstraint(
            model_name="address",
            name="masters_address_code_once",
        ),
        migrations.RemoveConstraint(
            model_name="carrierservice",
            name="masters_carrierservice_code_once",
        ),
        migrations.RemoveConstraint(
            model_name="customeritem",
            name="masters_customeritem_code_once",
        ),
        migrations.RemoveConstraint(
            model_name="item",
            name="masters_item_barcode_once",
        ),
        migrations.RemoveConstraint(
            model_name="itemunit",
            name="masters_itemunit_barcode_once",
        ),
        migrations.RemoveConstraint(
            model_name="location",
            name="masters_location_code_once",
        ),
        migrations.RemoveConstraint(
            model_name="location",
            name="masters_location_barcode_once",
        ),
        migrations.RemoveIndex(
            model_name="item",
            name="masters_item_code_upper",
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                models.F("customer"),
                django.db.models.functions.text.Upper("code"),
                name="masters_address_code_once",
                violation_error_message="The customer has an address with this code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_bankaccount_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carrier",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_carrier_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carrierservice",
            constraint=models.UniqueConstraint(
                models.F("carrier"),
                django.db.models.functions.text.Upper("code"),
                name="masters_carrierservice_code_once",
                violation_error_message="The carrier has a service with this code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_customer_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="customeritem",
            constraint=models.UniqueConstraint(
                models.F("customer"),
                django.db.models.functions.text.Upper("code"),
                name="masters_customeritem_code_once",
                violation_error_message="The customer uses this code for another item.",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_item_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("barcode"),
                condition=models.Q(("barcode", ""), _negated=True),
                name="masters_item_barcode_once",
                violation_error_message="Another item has this barcode.",
            ),
        ),
        migrations.AddConstraint(
            model_name="itemcategory",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_itemcategory_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="itemunit",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("barcode"),
                condition=models.Q(("barcode", ""), _negated=True),
                name="masters_itemunit_barcode_once",
                violation_error_message="Another unit has this barcode.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.UniqueConstraint(
                models.F("warehouse"),
                django.db.models.functions.text.Upper("code"),
                name="masters_location_code_once",
                violation_error_message="The warehouse has a location with this code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("barcode"),
                condition=models.Q(("barcode", ""), _negated=True),
                name="masters_location_barcode_once",
                violation_error_message="Another location has this barcode.",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentterms",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_paymentterms_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_pricelist_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxcode",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_taxcode_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxprofile",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_taxprofile_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_unit_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("code"),
                name="masters_warehouse_code_once",
                violation_error_message="This code is in use, perhaps in other capitals.",
            ),
        ),
    ]
