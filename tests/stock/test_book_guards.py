"""The database keeps the goods book true, whoever writes and however."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from o2c.stock.models import Balance, Move, Reservation
from tests.factories.masters import ItemFactory
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db


def refused(action, error=DatabaseError, match=None):
    with pytest.raises(error, match=match), transaction.atomic():
        action()


def move(balance, quantity, **more):
    fields = {"kind": "adjust", "unit_cost": 1, "value": quantity, "source_type": "x"}
    fields |= {"on_hand_after": 3, "source_id": 1, "moved_by": "x", **more}
    return lambda: Move.objects.create(balance=balance, quantity=Decimal(quantity), **fields)


def test_counters_cannot_be_set():
    balance = stock(quantity=5)
    row = Balance.objects.filter(pk=balance.pk)

    for change in ({"on_hand": 6}, {"reserved": 1}, {"value": 1}):
        refused(lambda change=change: row.update(**change), match="follow moves and reservations")


def test_a_balance_begins_empty():
    item, place = ItemFactory(), storage()

    refused(
        lambda: Balance.objects.create(item=item, location=place, on_hand=1),
        match="follow moves and reservations",
    )


def test_a_plain_insert_of_a_move_is_counted():
    balance = stock(quantity=5, unit_cost=Decimal(1))

    move(balance, -2)()

    balance.refresh_from_db()
    assert (balance.on_hand, balance.value) == (3, 3)


def test_moves_stay_as_they_are():
    stock()

    refused(lambda: Move.objects.update(quantity=1), match="Cannot update or delete")
    refused(lambda: Move.objects.all().delete(), match="Cannot update or delete")


@pytest.mark.parametrize("quantity", [-6, -3])
def test_no_move_takes_what_is_not_there_or_is_promised(quantity):
    balance = reserved(stock(quantity=5, unit_cost=Decimal(1)), quantity=3)

    refused(move(balance, quantity), IntegrityError, "stock_balance_reserved_within_on_hand")


def test_no_reservation_promises_what_is_not_there():
    balance = stock(quantity=5)

    refused(
        lambda: Reservation.objects.create(source_id=1, balance=balance, quantity=6),
        IntegrityError,
        "stock_balance_reserved_within_on_hand",
    )


def test_an_empty_place_is_worth_nothing():
    balance = stock(quantity=5, unit_cost=Decimal(1))

    refused(move(balance, -5, value=-4), IntegrityError, "stock_balance_value_needs_goods")


def test_a_reservation_stays_where_it_is_and_is_never_deleted():
    balance, other = reserved(stock(quantity=5), quantity=3), stock(quantity=5)

    refused(lambda: Reservation.objects.update(balance=other), match="Cannot update")
    refused(lambda: Reservation.objects.all().delete(), match="Cannot delete")
    refused(lambda: balance.delete(), match="(?i)cannot delete")


@pytest.mark.parametrize("quantity", ["NaN", "Infinity"])
def test_a_quantity_is_a_number(quantity):
    balance = stock(quantity=5)

    refused(
        lambda: Reservation.objects.create(source_id=1, balance=balance, quantity=quantity),
        Exception,
    )
