"""The bridges of the flow: the money book follows the goods book, free orders are settled, credit
hears what is owed no more, and promises follow the supply.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from credit.commands import open_account
from fulfillment.models import PickList
from invoicing.commands import post_invoice
from invoicing.models import CreditKind
from o2c import flow
from o2c.core import clock, deliveries
from o2c.core.actors import SYSTEM
from o2c.ledger.models import Entry
from o2c.ledger.queries import balance
from o2c.stock.commands import (
    Adjustment,
    Counted,
    Receipt,
    Transfer,
    adjust_stock,
    cancel_expected,
    count_stock,
    expect_goods,
    receive_expected,
    receive_goods,
    reschedule_expected,
    transfer_stock,
)
from orders.commands import hold_order
from orders.models import Order
from receivables.commands import (
    Share,
    allocate_credit,
    approve_write_off,
    reverse_credit_application,
    reverse_write_off,
)
from shipping.commands import receive_return
from tests.factories.masters import CompanyFactory, CustomerFactory, ItemFactory
from tests.factories.orders import priced_item
from tests.given import receivables
from tests.given.credit import account_of, customer_with_limit
from tests.given.invoicing import (
    dispatched,
    draft_of,
    planned,
    posted_credit,
    posted_invoice,
    released,
)
from tests.given.logistics import announced_return, released_for, stops
from tests.given.orders import confirmed_order, lines_of
from tests.given.stock import stock, storage
from tests.given.story import state_of

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)


@pytest.fixture
def goods():
    """Ten pieces at 3.00."""
    return stock(quantity=10, unit_cost=Decimal(3))


def received(cost="2.50"):
    """Four pieces that came in."""
    place = storage()
    line = Receipt(ItemFactory().pk, place.pk, Decimal(4), Decimal(cost))
    return receive_goods(place.warehouse_id, [line], reference="DN 1", moved_on=DAY, actor=SYSTEM)


def adjusted(goods, quantity):
    """Some of the goods were found or lost."""
    line = Adjustment(goods.item_id, goods.location_id, Decimal(quantity))
    return adjust_stock(goods.location.warehouse_id, [line], reason="Broken", actor=SYSTEM)


def counted(goods, found):
    """So many of the goods are really there."""
    line = Counted(goods.item_id, Decimal(found))
    return count_stock(goods.location.warehouse_id, goods.location_id, [line], actor=SYSTEM)


class TestReceipts:
    def test_what_came_in_stands_against_what_we_will_be_billed(self, nobody_follows):
        receipt = received()

        flow.post_receipt_value(receipt.pk, actor=SYSTEM)

        assert (balance("INVENTORY"), balance("GOODS_RECEIVED")) == (10, -10)
        entry = Entry.objects.get()
        assert (entry.posting_date, entry.description) == (DAY, "DN 1")

    def test_it_is_posted_once(self, nobody_follows):
        receipt = received()

        for _ in range(2):
            flow.post_receipt_value(receipt.pk, actor=SYSTEM)

        assert Entry.objects.count() == 1

    def test_what_is_worth_nothing_posts_nothing(self, nobody_follows):
        flow.post_receipt_value(received(cost="0").pk, actor=SYSTEM)

        assert not Entry.objects.exists()


class TestAdjustments:
    @pytest.mark.parametrize(("quantity", "value"), [(-2, -6), (1, 3)])
    def test_what_is_lost_or_found_stands_against_stock_adjustments(
        self, goods, nobody_follows, quantity, value
    ):
        adjustment = adjusted(goods, quantity)

        for _ in range(2):
            flow.post_adjustment_value(adjustment.pk, actor=SYSTEM)

        assert (balance("INVENTORY"), balance("STOCK_ADJUSTMENT")) == (30 + value, -value)
        assert Entry.objects.latest("pk").description == "Broken"


class TestCounts:
    @pytest.mark.parametrize(("found", "value"), [(8, -6), (11, 3)])
    def test_the_difference_stands_against_stock_adjustments(
        self, goods, nobody_follows, found, value
    ):
        count = counted(goods, found)

        for _ in range(2):
            flow.post_count_value(count.pk, actor=SYSTEM)

        assert (balance("INVENTORY"), balance("STOCK_ADJUSTMENT")) == (30 + value, -value)

    def test_a_count_that_agrees_posts_nothing(self, goods, nobody_follows):
        before = Entry.objects.count()

        flow.post_count_value(counted(goods, 10).pk, actor=SYSTEM)

        assert Entry.objects.count() == before


def test_the_flow_posts_the_goods_book_with_the_command_itself(goods):
    adjusted(goods, -1)
    counted(goods, 11)

    assert balance("GOODS_RECEIVED") == -30
    assert (balance("INVENTORY"), balance("STOCK_ADJUSTMENT")) == (33, -3)


class TestBilledOrders:
    def test_an_order_that_cost_nothing_is_settled_by_its_last_invoice(self, nobody_follows):
        parts = [dispatched(part) for part in planned(released((2, "0.00")), [1], [1])]
        states = []
        for shipment in parts:
            invoice = post_invoice(draft_of(shipment).pk, actor=SYSTEM)
            flow.settle_billed_order(invoice.pk, actor=SYSTEM)
            states.append(state_of(invoice.order))

        assert states == ["shipped", "reconciled"]

    def test_an_order_that_is_owed_stays_invoiced(self, nobody_follows):
        invoice = posted_invoice((1, "10.00"))

        flow.settle_billed_order(invoice.pk, actor=SYSTEM)

        assert state_of(invoice.order) == "invoiced"

    def test_the_flow_settles_a_free_order_as_soon_as_it_is_billed(self):
        assert state_of(posted_invoice((1, "0.00")).order) == "reconciled"


class TestCreditNotes:
    def test_what_is_owed_back_leaves_the_order_paid(self, nobody_follows):
        invoice = posted_invoice((10, "10.00"))
        receivables.paid(*receivables.opened(invoice), "119.00")
        note = posted_credit(invoice, 5, kind=CreditKind.PRICE)
        receivables.opened(note)

        for _ in range(2):
            flow.use_credit_note(note.pk, actor=SYSTEM)

        assert state_of(invoice.order) == "paid"

    def test_what_is_open_of_its_invoice_is_settled(self, nobody_follows):
        invoice = posted_invoice((10, "10.00"))
        receivables.opened(invoice)
        note = posted_credit(invoice, 5, kind=CreditKind.PRICE)
        receivables.opened(note)

        for _ in range(2):
            flow.use_credit_note(note.pk, actor=SYSTEM)

        assert invoice.open_items.get().open_amount == Decimal("113.05")
        assert note.open_items.get().open_amount == 0


class TestPromises:
    """An order that waits for goods learns by itself what has changed about them."""

    @pytest.fixture
    def waiting(self):
        """A confirmed order of five pieces of which there are none; credit is in order."""
        CompanyFactory()
        customer = CustomerFactory()
        open_account(customer.pk, first_order_cleared=True, actor=SYSTEM)
        order = confirmed_order(customer=customer, lines=[(priced_item(customer, "1"), 5)])
        assert order.promised_date is None
        return order

    def goods_of(self, order):
        return lines_of(order)[0].item_id

    def day_of(self, order):
        """The promise, once the worker has paid what is owed."""
        deliveries.deliver_due(slow=True)
        return Order.objects.get(pk=order.pk).promised_date

    def test_it_is_promised_for_the_day_of_a_delivery_and_not_when_that_is_cancelled(self, waiting):
        day = clock.today() + timedelta(days=9)
        coming = expect_goods(
            self.goods_of(waiting), waiting.warehouse_id, Decimal(5), day, actor=SYSTEM
        )
        assert self.day_of(waiting) == day
        reschedule_expected(coming.pk, day + timedelta(days=7), actor=SYSTEM)
        assert self.day_of(waiting) == day + timedelta(days=7)

        cancel_expected(coming.pk, actor=SYSTEM)

        assert self.day_of(waiting) is None

    def test_what_is_short_of_a_receipt_is_promised_by_the_rest_to_come(self, waiting):
        day = clock.today() + timedelta(days=9)
        coming = expect_goods(
            self.goods_of(waiting), waiting.warehouse_id, Decimal(5), day, actor=SYSTEM
        )

        receive_expected(coming.pk, storage().pk, Decimal(2), actor=SYSTEM)

        assert self.day_of(waiting) == day
        [line] = lines_of(waiting)
        assert (line.reserved, line.promise["parts"][0]["quantity"]) == (2, "3.000")

    @pytest.mark.parametrize("how", ["adjusted", "counted"])
    def test_it_follows_an_adjustment_and_a_count(self, waiting, how):
        place = storage()
        if how == "adjusted":
            line = Adjustment(self.goods_of(waiting), place.pk, Decimal(5))
            adjust_stock(place.warehouse_id, [line], reason="Found", actor=SYSTEM)
        else:
            line = Counted(self.goods_of(waiting), Decimal(5))
            count_stock(place.warehouse_id, place.pk, [line], actor=SYSTEM)

        assert self.day_of(waiting) == clock.today()

    def test_goods_that_are_found_are_planned_for_who_waits(self, waiting):
        place = storage()
        line = Adjustment(self.goods_of(waiting), place.pk, Decimal(5))

        adjust_stock(place.warehouse_id, [line], reason="Found", actor=SYSTEM)

        assert self.day_of(waiting) == clock.today()
        assert PickList.objects.get(order=waiting).state == "planned"

    def test_goods_that_come_back_are_planned_for_who_waits(self):
        goods_return = announced_return(4)
        [line] = goods_return.lines.all()
        item = line.shipment_line.item
        order = released_for(item, 4)
        assert not PickList.objects.filter(order=order).exists()

        receive_return(goods_return.pk, actor=SYSTEM)
        deliveries.deliver_due(slow=True)

        assert [stop.quantity for stop in stops(PickList.objects.get(order=order))] == [4]

    def test_goods_in_quarantine_are_promised_to_nobody(self, waiting):
        hold_order(waiting.pk, reason="The customer thinks again.", actor=SYSTEM)
        place = storage()
        quarantine = place.warehouse.locations.get(kind="quarantine")
        line = Adjustment(self.goods_of(waiting), place.pk, Decimal(5))
        adjust_stock(place.warehouse_id, [line], reason="Found", actor=SYSTEM)
        assert self.day_of(waiting) == clock.today()

        away = Transfer(line.item_id, place.pk, quarantine.pk, Decimal(5))
        transfer_stock(place.warehouse_id, [away], actor=SYSTEM)

        assert self.day_of(waiting) is None


class TestSettledWithoutMoney:
    """A credit used and an amount given up free an order at once, not next morning."""

    @pytest.fixture
    def held(self):
        """100.00 that are long due, and the order that waits because of them."""
        CompanyFactory()
        item = receivables.debt("100.00", customer=customer_with_limit())
        with clock.at(item.due_date + timedelta(days=60)):
            flow.tell_credit_who_is_late(actor=SYSTEM)
            order = confirmed_order(customer=item.customer)
            assert state_of(order) == "on_hold"
            yield item, order

    def now(self, order):
        """The order's state and what credit takes for overdue, once the worker is done."""
        deliveries.deliver_due(slow=True)
        return state_of(order), account_of(order.customer).overdue_amount

    def test_a_credit_that_is_used_and_taken_back(self, held):
        item, order = held
        credit = receivables.debt("-100.00", customer=item.customer)

        used = allocate_credit(credit.pk, shares=[Share(item.pk, Decimal(100))], actor=SYSTEM)
        assert self.now(order) == ("released", 0)

        reverse_credit_application(used.pk, reason="the wrong one", actor=SYSTEM)
        assert self.now(order) == ("released", 100)

    def test_an_amount_given_up_and_owed_again(self, held):
        item, order = held
        request = receivables.requested_write_off(item, "100.00")

        approve_write_off(request.pk, actor=receivables.ANOTHER)
        assert self.now(order) == ("released", 0)

        reverse_write_off(request.pk, reason="they pay after all", actor=receivables.ANOTHER)
        assert self.now(order) == ("released", 100)
