"""The SQL taken from Django's private compilers is what its `save()` sends (docs/adr/0032)."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from o2c.core.compiling import save_sql
from tests.sample.models import Parcel

pytestmark = pytest.mark.django_db


def sent_by(save) -> str:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        save()
    (statement,) = [q["sql"] for q in captured if "sample_parcel" in q["sql"].split("WHERE")[0]]
    return statement


def columns(update: str) -> list[str]:
    return [part.partition(" = ")[0] for part in update.partition(" WHERE ")[0].split(", ")]


def parcel(**more) -> Parcel:
    return Parcel(address="Rome", value=Decimal(5), created_by="clara", **more)


def bare(row: Parcel) -> None:
    """Save without the history row, which is none of this."""
    row.skip_history_when_saving = True
    row.save()


def test_an_insert_is_that_of_save():
    row = parcel()
    sql, parameters, returned = save_sql(row)

    sent = sent_by(lambda: bare(row))

    assert sent.startswith(sql.partition(" VALUES ")[0])
    assert sent.endswith(sql[sql.index(" RETURNING") :])
    assert {field.name for field in returned} == {"id", "number"}
    assert "Rome" in parameters


def test_an_update_writes_every_column_save_writes():
    row = parcel()
    bare(row)
    sql, parameters, _key = save_sql(row)

    sent = sent_by(lambda: bare(row))

    columns = [part.partition(" = ")[0] for part in sql.partition(" WHERE ")[0].split(", ")]
    assert columns == [
        part.partition(" = ")[0] for part in sent.partition(" WHERE ")[0].split(", ")
    ]
    assert parameters[-1] == row.pk


def test_what_is_compiled_runs_as_it_is():
    row = parcel()
    sql, parameters, returned = save_sql(row)

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        made_up = dict(zip((f.name for f in returned), cursor.fetchone(), strict=True))

    stored = Parcel.objects.get(pk=made_up["id"])
    assert (stored.address, stored.number) == ("Rome", made_up["number"])
