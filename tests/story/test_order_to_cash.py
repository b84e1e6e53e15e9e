"""One order, from capture to reconciliation, told in the words of the README."""

from decimal import Decimal

import pytest

from o2c.core.models import Event
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from o2c.stock.models import Balance
from receivables.models import OpenItem
from tests.given.story import House, numbers_of, owed_by, state_of

pytestmark = pytest.mark.django_db


def test_one_order_goes_from_capture_to_reconciled_cash(people, books_agree):
    house = House(people)

    order = house.order(10)  # captured, reviewed, confirmed; credit checked, released, planned
    assert state_of(order) == "in_fulfillment"
    assert Balance.objects.get(item=house.item).reserved == 10

    house.pick(order)
    shipment = house.dispatch(order)
    assert state_of(order) == "shipped"
    assert Balance.objects.get(item=house.item).on_hand == 0
    assert balance(Role.SHIPPED_NOT_INVOICED) == Decimal("60.00")

    house.deliver(shipment)
    invoice = house.post(order)
    assert state_of(order) == "invoiced"
    assert numbers_of(order) == (10, 10, 10)
    assert owed_by(house.customer) == invoice.gross == Decimal("119.00")
    assert balance(Role.SHIPPED_NOT_INVOICED) == 0
    assert balance(Role.COGS) == Decimal("60.00")
    assert balance(Role.REVENUE) == Decimal("-100.00")

    house.receive_money("119.00", f"Invoice {invoice.number}")
    assert state_of(order) == "reconciled"
    assert owed_by(house.customer) == 0
    assert balance(Role.BANK) == Decimal("119.00")
    assert not OpenItem.objects.debts().exists()
    books_agree()


def test_every_step_of_the_order_stays_on_record(people):
    house = House(people)
    order = house.order(10)
    invoice = house.ship_and_bill(order)
    house.receive_money("119.00", invoice.number)

    told = Event.objects.filter(document_type="orders.order", document_id=order.pk)
    assert [event.name.removeprefix("order.") for event in told.order_by("pk")] == [
        "captured", "submitted", "confirmed", "released", "fulfillment_started", "shipped",
        "invoiced", "paid", "reconciled",
    ]  # fmt: skip
