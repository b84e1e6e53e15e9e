from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import (
    move_reservation,
)
from o2c.stock.queries import reservations_of
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db


def test_a_promise_moves_to_the_place_where_the_goods_were_found():
    here = stock(quantity=5, location=storage(0))
    there = stock(here.item, 5, location=storage(1))
    reserved(here, quantity=4)

    move_reservation(1, here.pk, there.pk, Decimal(3), actor=SYSTEM)

    assert [(r.balance_id, r.quantity) for r in reservations_of([1])[1]] == [
        (here.pk, 1),
        (there.pk, 3),
    ]


def test_a_promise_does_not_move_to_a_place_that_has_too_little():
    here = stock(quantity=5, location=storage(0))
    there = stock(here.item, 2, location=storage(1))
    reserved(here, quantity=4)

    with pytest.raises(RuleViolation, match="3 wanted, only 2 free"):
        move_reservation(1, here.pk, there.pk, Decimal(3), actor=SYSTEM)


def test_a_promise_does_not_move_to_another_item():
    here, other = reserved(stock(quantity=5), quantity=4), stock(quantity=5, location=storage(1))

    with pytest.raises(RuleViolation, match="another item"):
        move_reservation(1, here.pk, other.pk, Decimal(1), actor=SYSTEM)
