"""release_part: some of what a line holds at a place is given back."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.stock.commands import Held, NotReserved, release_part
from o2c.stock.models import Reservation
from tests.given.stock import reserved, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def balance():
    """Ten on hand, four of them held for source 1."""
    return reserved(stock(quantity=10), quantity=4)


def give_back(balance, *quantities, source_id=1, **more):
    parts = [Held(source_id, balance.pk, Decimal(quantity)) for quantity in quantities]
    return release_part(parts, actor=SYSTEM, **more)


def free_of(balance):
    balance.refresh_from_db()
    return balance.free


def test_a_part_of_a_promise_is_given_back_and_free_again(balance):
    (held,) = give_back(balance, "1.5")

    assert held == Held(1, balance.pk, Decimal("1.5"))
    left = Reservation.objects.get()
    assert (left.quantity, left.released, left.state) == (Decimal("2.5"), Decimal("1.5"), "active")
    assert free_of(balance) == Decimal("7.5")


def test_parts_from_the_same_place_are_taken_together(balance):
    (held,) = give_back(balance, 1, 3)

    assert held.quantity == 4
    assert Reservation.objects.get().state == "released"


@pytest.mark.parametrize(("source_id", "quantities"), [(1, [5]), (1, [2, 3]), (2, [1])])
def test_what_is_not_held_is_not_given_back(balance, source_id, quantities):
    with pytest.raises(NotReserved, match=r"wanted from place .* does not hold it for this line"):
        give_back(balance, *quantities, source_id=source_id)

    assert free_of(balance) == 6


def test_one_part_too_many_and_nothing_is_given_back(balance):
    parts = [Held(1, balance.pk, Decimal(1)), Held(2, balance.pk, Decimal(1))]

    with pytest.raises(NotReserved, match="1 wanted"):
        release_part(parts, actor=SYSTEM)

    assert free_of(balance) == 6


def test_what_another_kind_of_demand_holds_stays_with_it(balance):
    with pytest.raises(NotReserved):
        give_back(balance, 1, source_type="masters.company")


def test_the_same_operation_is_carried_out_once(balance):
    for _time in range(2):
        give_back(balance, 1, op_id="pick-1")

    assert free_of(balance) == 7


def test_it_takes_one_statement(balance, count_statements):
    with count_statements() as count:
        give_back(balance, 1)

    assert int(count) == 1, str(count)
