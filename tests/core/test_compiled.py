"""Reads that are compiled once give what the queryset gives, and the server plans them once."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from o2c.core import prepared
from o2c.core.compiled import compiled
from tests.sample.models import Parcel, ParcelState, Piece

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcels():
    rows = [Parcel(address=a, value=v, created_by="c") for a, v in (("Rome", 1), ("50%", 2))]
    for row in rows:
        row.save()
        Piece.objects.create(parcel=row, quantity=row.value)
    return rows


def both(build, *values, **shape):
    """What the compiled read and the queryset itself give."""
    return compiled(build)(*values, **shape), list(build(*values, **shape))


def test_rows_come_with_what_is_selected_along_and_with_annotations(parcels):
    def pieces(ids):
        more = Parcel.objects.filter(pk=OuterRef("parcel")).values("address")[:1]
        return (
            Piece.objects.filter(parcel__in=ids)
            .select_related("parcel")
            .annotate(twice=F("quantity") * 2, where=Subquery(more), word=Value("100 %"))
            .order_by("pk")
        )

    ours, theirs = both(pieces, [row.pk for row in parcels])
    assert ours == theirs
    for one, other in zip(ours, theirs, strict=True):
        assert (one.twice, one.where, one.word) == (other.twice, other.where, "100 %")
        with CaptureQueriesContext(connection) as captured:
            assert one.parcel == other.parcel
        assert not captured


@pytest.mark.parametrize(
    "shaped",
    [
        lambda rows: rows.values("pk", "address"),
        lambda rows: rows.values_list("pk", "address"),
        lambda rows: rows.values_list("address", flat=True),
        lambda rows: rows.only("address"),
    ],
)
def test_values_tuples_and_single_values(parcels, shaped):
    def by_address(address: str) -> QuerySet:
        return shaped(Parcel.objects.filter(~Q(state=ParcelState.LOST), address=address))

    ours, theirs = both(by_address, "50%")
    assert ours == theirs
    assert len(ours) == 1


def test_none_shapes_the_statement(parcels):
    def parcels_but(not_this):
        return Parcel.objects.exclude(pk=not_this).order_by("pk")

    read = compiled(parcels_but)
    assert read(None) == parcels
    assert read(parcels[0].pk) == parcels[1:]
    assert read(parcels[1].pk) == parcels[:1]


def test_an_empty_list_finds_nothing_and_the_next_list_something(parcels):
    read = compiled(lambda ids: Parcel.objects.filter(pk__in=ids).order_by("pk"))
    assert read([]) == []
    assert read({row.pk for row in parcels}) == parcels
    assert compiled(lambda ids: Parcel.objects.exclude(pk__in=ids).order_by("pk"))([]) == parcels


def test_a_value_that_is_a_query_is_read_as_it_is(parcels):
    read = compiled(lambda ids: Parcel.objects.filter(pk__in=ids))
    assert read(Parcel.objects.filter(address="Rome").values("pk")) == parcels[:1]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=100))
def test_any_text_is_a_value_and_never_sql(text):
    with transaction.atomic():
        row = Parcel(address=text, created_by="c")
        row.save()
        read = compiled(lambda address: Parcel.objects.filter(address=address))
        assert row in read(text)
        assert row not in read(text + "'")
        transaction.set_rollback(True)


def test_the_server_plans_a_statement_once(parcels):
    read = compiled(lambda pk: Parcel.objects.filter(pk=pk))
    for _time in range(3):
        for row in parcels:
            assert read(row.pk) == [row]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(generic_plans + custom_plans) FROM pg_prepared_statements "
            "WHERE statement LIKE %s",
            ['%"sample_parcel"."id" = ($1)%'],
        )
        assert cursor.fetchone()[0] >= 6


def test_names_and_places():
    sql = "SELECT %(a)s::int + %(b)s::int + %(a)s::int, '100 %%'"
    assert prepared.fetch(sql, {"a": 1, "b": 10}) == [(12, "100 %")]
    assert prepared.fetch("SELECT %s::int - %s::int", [5, 3]) == [(2,)]
    assert prepared.fetch("SELECT %s::numeric, %s::date", [Decimal("1.10"), date(2026, 1, 2)]) == [
        (Decimal("1.10"), date(2026, 1, 2))
    ]


def test_a_savepoint_that_is_taken_back_does_no_harm(parcels):
    read = compiled(lambda pk: Parcel.objects.filter(pk=pk))
    for _time in range(3):
        with transaction.atomic():
            assert read(parcels[0].pk) == parcels[:1]
            transaction.set_rollback(True)
        assert read(parcels[1].pk) == parcels[1:]


def test_it_counts_as_a_statement(parcels):
    read = compiled(lambda pk: Parcel.objects.filter(pk=pk))
    with CaptureQueriesContext(connection) as captured:
        read(parcels[0].pk)
    assert len(captured) == 1
    assert "sample_parcel" in captured[0]["sql"]
