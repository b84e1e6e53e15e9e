"""However an order is billed in parts, its bills add up to it."""

from decimal import Decimal

import pytest

from fulfillment.commands import plan_backorders
from invoicing.commands import bill_again, cancel_invoice, draft_invoice, post_invoice
from invoicing.models import CreditKind, Invoice
from o2c.core.actors import SYSTEM
from orders.commands import LineChange, amend_order, cancel_order
from orders.models import Order, OrderLine
from tests.given.invoicing import (
    dispatched,
    draft_of,
    planned,
    posted_credit,
    posted_invoice,
    released,
)
from tests.given.stock import stock
from tests.given.story import House

pytestmark = pytest.mark.django_db

D = Decimal
THIRD = "3.333333"  # three of them are 10.00


def billed(order: Order) -> Decimal:
    """What the invoices of an order charge net, less its credit notes."""
    documents = Invoice.objects.filter(order=order, state="posted")
    return sum((one.sign * one.net for one in documents), D(0))


def posted(*drafts: Invoice) -> None:
    for draft in drafts:
        post_invoice(draft.pk, actor=SYSTEM)


@pytest.mark.parametrize("cancelled", [0, 1, 2])
@pytest.mark.parametrize(("discount", "net"), [("0", "10.00"), ("0.05", "9.95")])
def test_a_draft_cancelled_and_billed_again_leaves_three_parts_at_ten(discount, net, cancelled):
    order = released((3, THIRD), discount_amount=D(discount))
    drafts = [draft_of(dispatched(part)) for part in planned(order, [1], [1], [1])]

    wrong = drafts.pop(cancelled)
    cancel_invoice(wrong.pk, reason="wrong address", actor=SYSTEM)
    drafts.append(draft_invoice(wrong.shipment_id, actor=SYSTEM))
    posted(*drafts)

    assert billed(order) == D(net)


@pytest.mark.parametrize("credited", [0, 1, 2])
def test_a_part_credited_and_billed_again_leaves_three_parts_at_ten(credited):
    order = released((3, THIRD))
    drafts = [draft_of(dispatched(part)) for part in planned(order, [1], [1], [1])]
    posted(*drafts)

    note = posted_credit(drafts[credited])
    posted(bill_again(note.pk, actor=SYSTEM))

    assert billed(order) == D("10.00")


@pytest.mark.parametrize("quantity", [1, 2, 3])
def test_a_bill_credited_in_part_and_billed_again_is_ten_again(quantity):
    invoice = posted_invoice((3, THIRD))

    again = bill_again(posted_credit(invoice, quantity).pk, actor=SYSTEM)
    posted(again)
    posted(bill_again(posted_credit(again, 1).pk, actor=SYSTEM))

    assert billed(invoice.order) == D("10.00")


def test_a_price_credit_is_not_billed_again():
    """1.00 of three is given back; the third that is billed again costs what was agreed."""
    invoice = posted_invoice((3, THIRD))
    posted_credit(invoice, "1.00", kind=CreditKind.PRICE)

    note = posted_credit(invoice, 1)
    posted(bill_again(note.pk, actor=SYSTEM))

    assert note.net == D("3.00")
    assert billed(invoice.order) == D("9.33")  # two thirds of the 1.00 remain


@pytest.mark.parametrize(("wanted", "discount"), [(13, "5.00"), (20, "5.00"), (13, "0.07")])
def test_parts_add_up_when_the_order_is_amended_between_them(people, wanted, discount):
    house = House(people)
    order = house.order(12, discount_amount=D(discount))  # ten are here
    house.ship_and_bill(order)

    order.refresh_from_db()
    line = OrderLine.objects.get(order=order)
    change = LineChange(line.pk, quantity=D(wanted))
    amend_order(order.pk, changes=[change], version=order.version, actor=SYSTEM)
    stock(house.item, 20)
    plan_backorders([house.item.pk], actor=people["pablo"])
    house.ship_and_bill(order)

    order.refresh_from_db()
    assert order.state == "invoiced"
    assert billed(order) == order.net


def test_what_is_left_of_a_discounted_order_is_billed_at_its_price(people):
    """Twelve less 6.00, of which two are cancelled before the ten are billed."""
    house = House(people)
    order = house.order(12, discount_amount=D("6.00"))
    house.pick(order)
    house.dispatch(order)
    cancel_invoice(Invoice.objects.get(order=order).pk, reason="wait", actor=SYSTEM)

    cancel_order(order.pk, reason="enough", actor=people["clara"])
    posted(draft_of(order.shipments.get()))

    order.refresh_from_db()
    assert billed(order) == order.net
