from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.stock.commands import (
    Held,
    NotReserved,
    release,
    release_part,
)
from o2c.stock.models import Reservation, ReservationState
from tests.given.stock import reserved, stock

pytestmark = pytest.mark.django_db


def test_releasing_gives_back_all_of_a_line_and_nothing_of_others():
    balance = stock(quantity=10)
    reserved(balance, source_id=1, quantity=4)
    reserved(balance, source_id=2, quantity=3)

    held = release([1, 99], actor=SYSTEM)

    assert held == [Held(1, balance.pk, Decimal(4))]
    balance.refresh_from_db()
    assert balance.reserved == 3
    assert Reservation.objects.get(source_id=1).state == ReservationState.RELEASED
    assert release([1], actor=SYSTEM) == []


def test_a_part_of_a_promise_can_be_released():
    balance = reserved(stock(quantity=10), quantity=4)

    release_part([Held(1, balance.pk, Decimal("1.5"))], actor=SYSTEM)

    held = Reservation.objects.get()
    assert (held.quantity, held.released, held.state) == (Decimal("2.5"), Decimal("1.5"), "active")


def test_more_than_is_held_cannot_be_released():
    balance = reserved(stock(quantity=10), quantity=4)

    with pytest.raises(NotReserved, match="5 wanted"):
        release_part([Held(1, balance.pk, Decimal(5))], actor=SYSTEM)
    with pytest.raises(NotReserved):
        release_part([Held(2, balance.pk, Decimal(1))], actor=SYSTEM)
