"""take_back: goods that were issued come home, at what they left for."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import Issue, Receipt, issue, take_back
from o2c.stock.models import Balance, Move
from o2c.stock.queries import value_of_source
from tests.factories.masters import ServiceFactory
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db

SHIPMENT = ("shipping.shipment", 1)
RETURN = ("shipping.return", 1)


@pytest.fixture
def item():
    """A known item; ten lie at the first storage location, at 6.00 each."""
    return stock().item


def home(*lines, **more):
    return take_back(
        lines, source=RETURN, actor=SYSTEM, warehouse_id=storage().warehouse_id, **more
    )


def back(item, quantity, **more):
    """A line that comes back to the first storage location."""
    return Receipt(item.pk, storage().pk, Decimal(quantity), **more)


def test_goods_come_back_at_what_they_left_for():
    balance = reserved(stock(quantity=10, unit_cost=Decimal(5)), quantity=4)
    (gone,) = issue([Issue(1, balance.pk, Decimal(4))], source=SHIPMENT, actor=SYSTEM)

    (moved,) = home(back(balance.item, 2, unit_cost=gone.unit_cost))

    balance.refresh_from_db()
    assert (balance.on_hand, balance.value, balance.reserved) == (8, 40, 0)
    assert (moved.quantity, moved.value, Move.objects.latest("pk").kind) == (2, 10, "return")
    assert value_of_source(RETURN) == 10


def test_an_exact_value_wins_over_the_unit_cost(item):
    (moved,) = home(back(item, 3, unit_cost=Decimal("0.333333"), value=Decimal("0.99")))

    assert moved.value == Decimal("0.99")


def test_nothing_is_nothing_to_take_back():
    with pytest.raises(RuleViolation, match="nothing to move"):
        home()


def test_a_service_is_not_kept_on_stock(item):
    with pytest.raises(RuleViolation, match="is a service"):
        home(back(ServiceFactory(), 1))


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        ("0.5", "more decimals than the unit allows"),
        ("0", "greater than zero"),
        ("-1", "greater than zero"),
    ],
)
def test_a_wrong_quantity_is_refused(item, quantity, message):
    with pytest.raises(RuleViolation, match=message) as refused:
        home(back(item, quantity))

    assert (refused.value.field, refused.value.row) == ("quantity", 0)
    assert Balance.objects.get(item=item).on_hand == 10


def test_the_same_operation_is_carried_out_once(item):
    line = back(item, 2)

    for _time in range(2):
        home(line, op_id="return-1")

    assert Balance.objects.get(item=item).on_hand == 12
