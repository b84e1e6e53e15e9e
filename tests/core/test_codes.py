"""Codes keep their spelling, and capitals do not tell two of them apart."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models.functions import Upper

from o2c.core.codes import TwinsOnRecord, refuse_twins, with_codes
from o2c.core.number_keys import code_key
from o2c.masters.models import Item
from tests.factories.masters import ItemFactory, LocationFactory, WarehouseFactory

pytestmark = pytest.mark.django_db

#: The letters of European alphabets: Latin, Greek, Cyrillic.
LETTERS = [chr(n) for n in (*range(0x180), *range(0x370, 0x530)) if chr(n).isalpha()]


def test_python_and_the_database_agree_on_capitals():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(upper(c) ORDER BY n) FROM unnest(%s::text[]) WITH ORDINALITY t(c, n)",
            [LETTERS],
        )
        (capitals,) = cursor.fetchone()

    assert len(LETTERS) > 600
    assert [code_key(letter) for letter in LETTERS] == capitals
    assert code_key("Straße 47b") == "STRAßE 47B"


def test_rows_are_found_by_a_code_in_any_capitals():
    bolt = ItemFactory(code="Bolt-8")
    ItemFactory(code="Bolt-88")

    assert list(with_codes(Item.objects.all(), ["bOLT-8", "none", ""])) == [bolt]
    assert list(with_codes(Item.objects.all(), [""])) == []


def test_every_code_that_people_type_has_its_twin_refused():
    """A model with a code has a constraint over its capitals, or says here why it needs none."""
    drawn_or_iso = {"core.NumberSeries", "ledger.Period", "masters.Currency"}
    coded = {
        model
        for model in apps.get_models()
        if any(field.name == "code" for field in model._meta.fields)
        and not model.__name__.startswith("Historical")
        and model._meta.label not in drawn_or_iso
    }

    assert len(coded) > 15
    for model in coded:
        assert any(
            Upper("code") in one.expressions
            for one in model._meta.constraints
            if hasattr(one, "expressions")
        ), model


def test_a_migration_names_what_has_to_be_renamed_first():
    shelf = LocationFactory(code="A-1")
    LocationFactory(code="a-1", warehouse=WarehouseFactory(code="NORTH"))
    step = refuse_twins("masters", "location", "code", "warehouse").code
    step(apps, None)

    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX masters_location_code_once")
    LocationFactory(code="a-1", warehouse=shelf.warehouse)

    with pytest.raises(TwinsOnRecord, match=r"masters\.location: .* in several capitals: A-1\."):
        step(apps, None)


def test_nobody_signs_in_under_anothers_name_in_capitals():
    people = get_user_model()
    people.objects.create_user("Anna")

    with pytest.raises(ValidationError, match="This user name is in use"):
        people(username="anna", password="x").full_clean()
    with pytest.raises(IntegrityError, match="core_user_username_once"):
        people.objects.create_user("ANNA")
