"""receive: goods come in with a document, at what they cost."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import RuleViolation
from o2c.masters.models import Location
from o2c.stock.commands import Receipt, receive
from o2c.stock.models import Balance, Move
from o2c.stock.queries import value_of_source
from tests.factories.masters import ItemFactory, ServiceFactory
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db

SOURCE = ("masters.company", 1)


@pytest.fixture
def item():
    return ItemFactory(standard_cost=Decimal("2.50"))


def came(item, quantity, **more):
    """A line that comes in at the first storage location."""
    return Receipt(item.pk, storage().pk, Decimal(quantity), **more)


def take_in(*lines, actor=SYSTEM, **more):
    if "warehouse_id" not in more:
        more["warehouse_id"] = Location.objects.get(pk=lines[0].location_id).warehouse_id
    return receive(lines, source=SOURCE, actor=actor, **more)


def test_goods_lie_at_their_place_at_standard_cost(item):
    (moved,) = take_in(came(item, 4, line_id=7), actor=SystemActor("replay"))

    balance = Balance.objects.get(item=item)
    assert (balance.on_hand, balance.value) == (4, 10)
    assert (moved.line_id, moved.quantity, moved.value) == (7, 4, 10)
    move = Move.objects.get()
    assert (move.kind, move.on_hand_after, move.moved_by) == ("receive", 4, "system:replay")
    assert value_of_source(SOURCE) == 10


@pytest.mark.parametrize(
    ("cost", "value"),
    [
        ({"unit_cost": Decimal("1.25")}, "3.75"),
        ({"unit_cost": Decimal("0.333333"), "value": Decimal("0.99")}, "0.99"),
    ],
)
def test_a_stated_cost_wins_and_an_exact_value_over_both(item, cost, value):
    (moved,) = take_in(came(item, 3, **cost))

    assert moved.value == Decimal(value)


def test_what_comes_later_is_added_and_lots_lie_apart(item):
    take_in(came(item, 1), came(item, 2), came(item, 5, lot="L1"))
    take_in(came(item, 1))

    found = Balance.objects.filter(item=item).order_by("lot")
    assert list(found.values_list("lot", "on_hand")) == [("", 4), ("L1", 5)]


def test_nothing_is_nothing_to_receive():
    with pytest.raises(RuleViolation, match="nothing to move"):
        take_in(warehouse_id=1)


@pytest.mark.parametrize("quantity", ["0", "-1", "0.5"])
def test_a_wrong_quantity_is_named_by_its_row(item, quantity):
    with pytest.raises(RuleViolation) as refused:
        take_in(came(item, 1), came(item, quantity))

    assert (refused.value.field, refused.value.row) == ("quantity", 1)
    assert not Move.objects.exists()


def test_a_service_is_not_kept_on_stock():
    with pytest.raises(RuleViolation, match="is a service"):
        take_in(came(ServiceFactory(), 1))


def test_the_same_operation_is_carried_out_once(item):
    line = came(item, 4)

    for _time in range(2):
        take_in(line, op_id="delivery-1")

    assert Balance.objects.get(item=item).on_hand == 4


def test_it_takes_three_statements_where_the_items_lie_already(count_statements):
    lines = [came(stock().item, 1) for _nr in range(3)]

    warehouse_id = storage().warehouse_id
    with count_statements() as count:
        take_in(*lines, warehouse_id=warehouse_id)

    assert int(count) <= 3, str(count)
