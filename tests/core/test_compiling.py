"""The SQL made from a model writes what Django's `save()` and its history write (ADR 32)."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.bulk import insert_rows
from o2c.core.commands import command
from o2c.core.compiling import writing_of
from o2c.core.transitions import begin, save_document
from tests.sample.models import Parcel, Piece

pytestmark = pytest.mark.django_db
NOT_COMPARED = {"id", "number", "history_id", "created_at", "created_by", "history_user_id"}


@command
def begin_parcel(row, *, actor):
    return begin(row, actor=actor, event="wrapped")


@command
def amend_parcel(row, reason, *, actor):
    return save_document(row, actor=actor, reason=reason)


@command
def insert(rows, *, reason="", actor):
    return insert_rows(rows, reason=reason)


def parcel(**more) -> Parcel:
    return Parcel(address="Rome", value=Decimal(5), **more)


def stored(row, model=None) -> dict:
    values = (model or type(row)).objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in values.items() if name not in NOT_COMPARED}


def last_history(row) -> dict:
    values = row.history.order_by("-history_id").values().first()
    return {name: value for name, value in values.items() if name not in NOT_COMPARED}


def test_a_document_begun_is_what_save_would_store():
    with clock.at(clock.now()):
        saved = parcel()
        saved.save()
        begun = begin_parcel(parcel(), actor=SYSTEM)

    assert stored(begun) == stored(saved)
    assert (begun.number, begun._state.adding) == (f"PA-{begun.pk:06d}", False)


def test_its_history_is_what_the_library_would_write():
    saved = parcel()
    saved.save()
    begun = begin_parcel(parcel(), actor=SYSTEM)

    theirs, ours = last_history(saved), last_history(begun)
    assert abs(theirs.pop("history_date") - ours.pop("history_date")).total_seconds() < 60
    assert ours == theirs
    assert begun.history.get().history_user_id == SYSTEM.get_username()


def test_a_change_keeps_its_history_with_the_reason():
    saved, begun = parcel(), begin_parcel(parcel(), actor=SYSTEM)
    saved.save()
    saved.address, saved._change_reason = "Paris", "moved"
    saved.version += 1
    saved.save()
    begun.address = "Paris"
    amend_parcel(begun, "moved", actor=SYSTEM)

    theirs, ours = last_history(saved), last_history(begun)
    assert abs(theirs.pop("history_date") - ours.pop("history_date")).total_seconds() < 60
    assert ours == theirs
    assert stored(begun) | {"created_at": 0} == stored(saved) | {"created_at": 0}


def test_an_update_writes_every_column_save_writes():
    row = parcel()
    row.save()
    with CaptureQueriesContext(connection) as captured:
        row.save()
    sent = next(q["sql"] for q in captured if q["sql"].startswith("UPDATE"))

    def columns(update: str) -> list[str]:
        pairs = re.split(r" FROM | WHERE ", update.partition(" SET ")[2])[0].split(", ")
        return [pair.partition(" = ")[0] for pair in pairs]

    assert columns(writing_of(Parcel, many=False).update) == columns(sent)


def test_rows_get_their_keys_in_order_and_their_history_in_one_statement():
    with CaptureQueriesContext(connection) as captured:
        rows = insert([parcel(created_by=name) for name in "cab"], reason="new", actor=SYSTEM)

    assert len([q for q in captured if "sample_" in q["sql"]]) == 1
    assert [row.created_by for row in Parcel.objects.order_by("pk")] == ["c", "a", "b"]
    assert [Parcel.objects.get(pk=row.pk).number for row in rows] == [row.number for row in rows]
    for row in rows:
        (history,) = row.history.all()
        assert (history.history_type, history.history_change_reason) == ("+", "new")


def test_a_table_without_history_takes_many_rows_too():
    owner = begin_parcel(parcel(), actor=SYSTEM)
    pieces = insert([Piece(parcel=owner, quantity=n) for n in (3, 1, 2)], actor=SYSTEM)

    assert [Piece.objects.get(pk=p.pk).quantity for p in pieces] == [3, 1, 2]
    assert insert([], actor=SYSTEM) == []


def test_a_text_that_is_too_long_is_refused_not_cut():
    with pytest.raises(Exception, match="too long"):
        insert([parcel(created_by="x" * 151)], actor=SYSTEM)


def test_the_checks_of_the_table_decide():
    owner = begin_parcel(parcel(), actor=SYSTEM)
    with pytest.raises(IntegrityError, match="sample_piece_taken_within_quantity"):
        insert([Piece(parcel=owner, quantity=1, taken=2)], actor=SYSTEM)
