from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.stock.commands import Held, release
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
