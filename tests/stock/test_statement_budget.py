"""The number of statements is part of the interface, and lines do not raise it."""

from decimal import Decimal
from functools import partial

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.stock.commands import Demand, Issue, Receipt, issue, receive, release, reserve
from tests.factories.masters import ItemFactory
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db

SHIPMENT = ("shipping.shipment", 1)


@pytest.fixture
def items():
    made = ItemFactory.create_batch(12)
    for item in made:
        stock(item, 5)
    return made


def demands(items):
    return [Demand(nr, item.pk, Decimal(2)) for nr, item in enumerate(items, 1)]


def statements(count_statements, function):
    with count_statements() as count:
        answer = command(lambda *, actor: function(actor=actor))(actor=SYSTEM)
    return int(count), str(count), answer


@pytest.mark.parametrize("lines", [1, 12])
def test_reserving_takes_two(items, lines, count_statements):
    some = demands(items[:lines])

    number, which, _ = statements(count_statements, partial(reserve, some, storage().warehouse_id))

    assert number == 2, which


@pytest.mark.parametrize("lines", [1, 12])
def test_issuing_takes_three(items, lines, count_statements):
    some = demands(items[:lines])
    got = reserve(some, storage().warehouse_id, actor=SYSTEM)
    issues = [Issue(d.source_id, got[d.source_id][0].balance_id, d.quantity) for d in some]

    number, which, _ = statements(count_statements, partial(issue, issues, source=SHIPMENT))

    assert number == 3, which


@pytest.mark.parametrize("lines", [1, 12])
def test_releasing_takes_one(items, lines, count_statements):
    reserve(demands(items), storage().warehouse_id, actor=SYSTEM)

    number, which, held = statements(count_statements, partial(release, range(1, lines + 1)))

    assert number == 1, which
    assert len(held) == lines


@pytest.mark.parametrize("lines", [1, 12])
def test_receiving_where_the_item_lies_takes_three(items, lines, count_statements):
    place = storage()
    receipts = [Receipt(item.pk, place.pk, Decimal(1)) for item in items[:lines]]
    receiving = partial(receive, receipts, source=SHIPMENT, warehouse_id=place.warehouse_id)

    number, which, _ = statements(count_statements, receiving)

    assert number == 3, which
