"""issue: reserved goods leave with a document."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import Issue, NotReserved, issue
from o2c.stock.models import Move, Reservation
from o2c.stock.queries import value_of_source
from tests.factories.masters import ItemFactory
from tests.given.stock import reserved, stock

pytestmark = pytest.mark.django_db

SHIPMENT = ("shipping.shipment", 1)


def send(balance, quantity, source_id=1, line_id=None, source=SHIPMENT):
    line = Issue(source_id, balance.pk, Decimal(quantity), line_id)
    return issue([line], source=source, actor=SYSTEM)


def test_issued_goods_leave_book_and_promise_together():
    balance = reserved(stock(quantity=10), quantity=4)

    (moved,) = send(balance, 3, line_id=77)

    balance.refresh_from_db()
    assert (balance.on_hand, balance.reserved) == (7, 1)
    held = Reservation.objects.get()
    assert (held.quantity, held.consumed, held.state) == (1, 3, "active")
    assert (moved.line_id, moved.quantity, moved.unit_cost, moved.value) == (77, -3, 6, -18)
    assert value_of_source(SHIPMENT) == -18


@pytest.mark.parametrize(("source_id", "quantity"), [(1, 5), (2, 1)])
def test_what_is_not_reserved_for_the_line_does_not_leave(source_id, quantity):
    balance = reserved(stock(quantity=10), quantity=4)

    with pytest.raises(NotReserved):
        send(balance, quantity, source_id)

    balance.refresh_from_db()
    assert (balance.on_hand, balance.reserved) == (10, 4)
    assert not Move.objects.filter(kind="issue").exists()


def test_the_same_line_of_a_shipment_never_leaves_twice():
    balance = reserved(stock(quantity=10), quantity=4)
    send(balance, 2, line_id=77)

    with pytest.raises(IntegrityError, match="stock_move_line_once"):
        send(balance, 2, line_id=77)


def test_goods_leave_at_what_they_cost_on_average_and_the_last_takes_the_rest():
    item = ItemFactory(standard_cost=Decimal(1))
    balance = stock(item, 2, unit_cost=Decimal("0.50"))
    stock(item, 1, unit_cost=Decimal("0.01"))
    reserved(balance, quantity=3)

    values = [send(balance, 1, line_id=nr)[0].value for nr in (1, 2, 3)]

    assert sum(values) == Decimal("-1.01")
    balance.refresh_from_db()
    assert (balance.on_hand, balance.value) == (0, 0)


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_nothing_less_than_something_is_moved(quantity):
    balance = reserved(stock(quantity=10), quantity=4)

    with pytest.raises(RuleViolation, match="greater than zero"):
        send(balance, quantity)
