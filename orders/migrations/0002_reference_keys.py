"""Order numbers keep what stands between their digits: 1-23 and 12-3 are two numbers.

The keys are finer than before, so no two orders that were different become one.
"""

import re
import unicodedata

from django.db import migrations

_BETWEEN = re.compile(r"[\W_]+")


def _key(reference):
    plain = unicodedata.normalize("NFKC", reference)
    plain = unicodedata.normalize("NFKC", plain.casefold())
    seen = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    parts = _BETWEEN.split(seen)
    key = parts[0]
    for part in parts[1:]:
        parted = key[-1:].isdecimal() and part[:1].isdecimal()
        key += f"-{part}" if parted else part
    return key[:64]


def _old_key(reference):
    return "".join(c for c in reference.casefold() if c.isalnum())[:64]


def _write(apps, key_of):
    orders = apps.get_model("orders", "Order").objects
    numbers = orders.exclude(customer_reference="").values_list("pk", "customer_reference")
    for pk, reference in numbers.iterator(chunk_size=2000):
        orders.filter(pk=pk).exclude(reference_key=key_of(reference)).update(
            reference_key=key_of(reference)
        )


def write_keys(apps, schema_editor):
    _write(apps, _key)


def write_old_keys(apps, schema_editor):
    _write(apps, _old_key)


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunPython(write_keys, write_old_keys)]
