"""A tax profile says for which supplies it is taken; those every company begins with are known."""

from django.db import migrations, models

SUPPLIES = [
    ("domestic", "Taxed here"),
    ("intra_community", "Goods to a business in another EU state"),
    ("reverse_charge", "Services to a business in another EU state"),
    ("export", "Export"),
]
INSTALLED = {
    "DOMESTIC": "domestic",
    "EU-BUSINESS": "intra_community",
    "EU-SERVICES": "reverse_charge",
    "EXPORT": "export",
}


def name_supplies(apps, schema_editor):
    profiles = apps.get_model("masters", "TaxProfile").objects
    for code, supply in INSTALLED.items():
        profiles.filter(code=code).update(supply=supply)


class Migration(migrations.Migration):
    dependencies = [("masters", "0003_one_place_says_zone_and_language")]

    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name="supply",
                field=models.CharField(
                    blank=True,
                    default="",
                    choices=SUPPLIES,
                    help_text="Taken by the countries of seller, buyer and delivery, the kind of "
                    "goods and the VAT id. Empty: for every supply to the customers who have this "
                    "profile.",
                    max_length=20,
                    verbose_name="for supplies",
                ),
                preserve_default=False,
            )
            for model in ("historicaltaxprofile", "taxprofile")
        ),
        migrations.AddConstraint(
            model_name="taxprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(supply__in=["", *(supply for supply, _label in SUPPLIES)]),
                name="masters_taxprofile_supply_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxprofile",
            constraint=models.UniqueConstraint(
                condition=~models.Q(supply=""),
                fields=("supply",),
                name="masters_taxprofile_supply_once",
                violation_error_message="Another tax profile is taken for these supplies.",
            ),
        ),
        migrations.RunPython(name_supplies, migrations.RunPython.noop),
    ]
