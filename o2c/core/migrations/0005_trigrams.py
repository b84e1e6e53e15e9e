"""Any part of a text is found by an index (ADR 77)."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0004_codes_once")]

    operations = [TrigramExtension()]
