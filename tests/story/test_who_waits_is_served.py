"""What an order gives up goes to who waits for it, at once: its credit and its goods."""

from decimal import Decimal

import pytest

from fulfillment.commands import confirm_pick, pack
from fulfillment.models import PickList
from invoicing.commands import post_invoice
from invoicing.models import CreditKind
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.deliveries import deliver_due
from o2c.core.models import Event
from orders.commands import LineChange, amend_order, cancel_order
from orders.models import Order
from shipping.commands import dispatch_shipment
from shipping.models import Shipment
from tests.factories.masters import CompanyFactory
from tests.factories.orders import OrderFactory, priced_item
from tests.given.credit import customer_with_limit
from tests.given.invoicing import draft_of, posted_credit, returned
from tests.given.ledger import chart
from tests.given.orders import confirmed_order, lines_of
from tests.given.receivables import payment
from tests.given.reconciliation import bank_account
from tests.given.stock import stock
from tests.given.story import state_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company():
    CompanyFactory(credit_unapplied_counts=True)
    bank_account()
    chart()


def cancelled(order):
    return cancel_order(order.pk, reason="Customer called.", actor=SYSTEM)


def cut(order, quantity):
    change = LineChange(line_id=lines_of(order)[0].pk, quantity=Decimal(quantity))
    version = Order.objects.get(pk=order.pk).version
    return amend_order(
        order.pk, changes=[change], version=version, reason="Customer called.", actor=SYSTEM
    )


def shipped(order):
    pick_list = PickList.objects.get(order=order)
    confirm_pick(pick_list.pk, actor=SYSTEM)
    pack(pick_list.pk, actor=SYSTEM)
    return dispatch_shipment(Shipment.objects.get(order=order).pk, actor=SYSTEM)


class TestCredit:
    """A payer may owe 119.00; the first order takes all of it, the second is held."""

    @pytest.fixture
    def customer(self):
        return customer_with_limit("119.00")

    @pytest.fixture
    def first(self, customer):
        item = priced_item(customer, "10.00")
        stock(item, 100)
        return confirmed_order(customer=customer, lines=[(item, 10)])

    def held(self, first, quantity):
        order = confirmed_order(
            customer=first.customer, lines=[(lines_of(first)[0].item, quantity)]
        )
        assert state_of(order) == "on_hold"
        return order

    def test_of_a_cancelled_order_goes_to_the_order_held_by_credit(self, first):
        second = self.held(first, 10)

        cancelled(first)

        assert state_of(second) == "in_fulfillment"

    def test_of_an_order_cut_goes_as_far_as_it_reaches(self, first):
        small, large = self.held(first, 4), self.held(first, 7)

        cut(first, 5)

        assert [state_of(small), state_of(large)] == ["in_fulfillment", "on_hold"]

    def test_of_a_draft_that_is_cancelled_there_is_none(self, first):
        self.held(first, 10)
        draft = OrderFactory(customer=first.customer)

        cancelled(draft)

        event = Event.objects.get(name="order.cancelled", document_id=draft.pk)
        assert not event.facts["frees"]

    def test_of_money_on_account_goes_to_the_order_too(self, first):
        second = self.held(first, 10)

        payment("119.00", customer=first.customer, on=clock.today())
        deliver_due(slow=True)

        assert state_of(second) == "in_fulfillment"

    def test_of_goods_that_came_back_unbilled_goes_to_it(self, first):
        shipment = shipped(first)
        second = self.held(first, 4)

        returned(shipment, 5)

        assert state_of(second) == "in_fulfillment"

    def test_of_a_credit_note_goes_to_it(self, first):
        invoice = post_invoice(draft_of(shipped(first)).pk, actor=SYSTEM)
        second = self.held(first, 4)

        posted_credit(invoice, "50.00", kind=CreditKind.PRICE)

        assert state_of(second) == "in_fulfillment"


class TestGoods:
    """Ten pieces are there; the first order takes them, the second waits."""

    @pytest.fixture
    def orders(self):
        customer, other = customer_with_limit(None), customer_with_limit(None)
        item = priced_item(customer, "10.00")
        stock(item, 10)
        first = confirmed_order(customer=customer, lines=[(item, 10)])
        other.price_list = customer.price_list
        other.save()
        second = confirmed_order(customer=other, lines=[(item, 10)])
        assert lines_of(second)[0].reserved == 0
        return first, second

    def test_of_a_cancelled_order_go_to_the_order_that_waits(self, orders):
        first, second = orders

        cancelled(first)
        deliver_due(slow=True)

        assert lines_of(second)[0].reserved == 10
        assert PickList.objects.filter(order=second, state="planned").exists()
        assert Order.objects.get(pk=second.pk).promised_date == clock.today()

    def test_of_an_order_cut_go_to_it_too(self, orders):
        cut(orders[0], 4)
        deliver_due(slow=True)

        assert [lines_of(order)[0].reserved for order in orders] == [4, 6]
