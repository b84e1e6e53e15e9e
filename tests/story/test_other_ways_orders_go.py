"""What else happens to orders: in parts, short, held, sent back, paid in part or too much."""

from decimal import Decimal

import pytest

from credit.commands import approve_check, set_limit
from credit.commands.checks import OwnOrder
from credit.models import CreditAccount, CreditCheck
from fulfillment.commands import plan_backorders
from fulfillment.models import ShortReason
from invoicing.commands import approve_credit_note, post_invoice
from invoicing.models import Invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from o2c.stock.models import Balance
from orders.models import Order, OrderLine
from receivables.models import OpenItem, Payment
from shipping.commands import announce_return, receive_return
from tests.factories.credit import CreditAuthorityFactory
from tests.factories.masters import PriceListItemFactory, ServiceFactory
from tests.given.stock import stock
from tests.given.story import House, numbers_of, owed_by, state_of

pytestmark = pytest.mark.django_db


def test_what_is_missing_follows_in_a_second_shipment(people, books_agree):
    house = House(people)
    order = house.order(16)  # ten are here

    first = house.ship_and_bill(order)
    assert state_of(order) == "in_fulfillment"
    assert numbers_of(order) == (16, 10, 10)

    stock(house.item, 20)
    plan_backorders([house.item.pk], actor=people["pablo"])
    second = house.ship_and_bill(order)
    assert state_of(order) == "invoiced"
    assert numbers_of(order) == (16, 16, 16)

    total = first.gross + second.gross
    house.receive_money(total, f"{first.number} {second.number}")
    assert total == Decimal("190.40")
    assert state_of(order) == "reconciled"
    books_agree()


def test_a_short_pick_ships_what_was_found_and_keeps_the_rest_on_order(people, books_agree):
    house = House(people)
    order = house.order(10)

    house.pick(order, found=7, because=ShortReason.FEWER)
    house.dispatch(order)
    invoice = house.post(order)

    assert numbers_of(order) == (10, 7, 7)
    assert state_of(order) == "in_fulfillment"
    assert invoice.net == Decimal("70.00")
    books_agree()


def test_an_order_over_the_limit_waits_for_another_persons_approval(people, books_agree):
    house = House(people)
    CreditAuthorityFactory()
    house.order(1)  # opens the account
    account = CreditAccount.objects.get(customer=house.customer)
    set_limit(account.pk, amount=Decimal(50), reason="known payer", actor=SYSTEM)

    order = house.order(5)
    assert state_of(order) == "on_hold"
    check = CreditCheck.objects.get(order=order)
    assert [rule["rule"] for rule in check.rules] == ["over_limit"]

    with pytest.raises((NotPermitted, OwnOrder)):
        approve_check(check.pk, reason="It is mine", actor=people["clara"])
    approve_check(check.pk, reason="Known for years", actor=people["chris"])
    assert state_of(order) == "in_fulfillment"

    house.ship_and_bill(order)
    assert state_of(order) == "invoiced"
    books_agree()


def test_returned_goods_go_back_to_stock_and_are_credited_to_the_cent(people, books_agree):
    house = House(people)
    order = house.order(10)
    invoice = house.ship_and_bill(order)
    shipment = order.shipments.get()

    line = shipment.lines.get()
    back = announce_return(
        shipment.pk, lines={line.pk: Decimal(4)}, reason="too many", actor=people["clara"]
    )
    receive_return(back.pk, actor=people["shirin"])
    proposal = Invoice.objects.get(corrects=invoice)
    assert proposal.state == "proposed"
    note = approve_credit_note(proposal.pk, actor=people["corinna"])

    assert Balance.objects.get(item=house.item).on_hand == 4
    assert (note.net, note.tax, note.gross) == tuple(map(Decimal, ("40.00", "7.60", "47.60")))
    assert owed_by(house.customer) == Decimal("71.40")
    assert balance(Role.COGS) == Decimal("36.00")

    house.receive_money("71.40", f"Invoice {invoice.number} less credit note {note.number}")
    assert state_of(order) == "reconciled"
    books_agree()


def test_a_part_payment_leaves_the_rest_open_and_the_order_unpaid(people, books_agree):
    house = House(people)
    order = house.order(10)
    invoice = house.ship_and_bill(order)

    house.receive_money("100.00", f"Invoice {invoice.number}")
    assert state_of(order) == "invoiced"
    assert OpenItem.objects.get(invoice=invoice).open_amount == Decimal("19.00")

    house.receive_money("19.00", f"Rest of invoice {invoice.number}")
    assert state_of(order) == "reconciled"
    books_agree()


def test_an_overpayment_settles_the_order_and_stays_on_account(people, books_agree):
    house = House(people)
    order = house.order(10)
    invoice = house.ship_and_bill(order)

    house.receive_money("150.00", f"Invoice {invoice.number}")

    assert state_of(order) == "reconciled"
    assert owed_by(house.customer) == 0
    assert balance(Role.UNAPPLIED_CASH, customer_id=house.customer.pk) == Decimal("-31.00")
    assert Payment.objects.get().unapplied == Decimal("31.00")
    books_agree()


def test_a_customer_who_is_billed_on_delivery_gets_no_bill_before_the_signature(
    people, books_agree
):
    house = House(people, billing_policy="delivered")
    order = house.order(10)
    house.pick(order)
    shipment = house.dispatch(order)
    assert not Invoice.objects.exists()

    house.deliver(shipment)
    invoice = house.post(order)

    assert invoice.gross == Decimal("119.00")
    assert state_of(order) == "invoiced"
    books_agree()


def test_an_order_of_services_needs_no_warehouse(people, books_agree):
    house = House(people)
    advice = ServiceFactory()
    PriceListItemFactory(price_list=house.customer.price_list, item=advice, price=Decimal(80))

    order = house.order(3, items=[advice])
    assert state_of(order) == "shipped"
    invoice = post_invoice(Invoice.objects.get(order=order).pk, actor=people["bilal"])
    house.receive_money(invoice.gross, invoice.number)

    assert invoice.net == Decimal("240.00")
    assert state_of(order) == "reconciled"
    assert not OrderLine.objects.filter(order=order, reserved__gt=0).exists()
    books_agree()


def test_two_orders_paid_in_one_sum_are_both_reconciled(people, books_agree):
    house = House(people)
    stock(house.item, 10)
    orders: list[Order] = [house.order(10), house.order(5)]
    bills = [house.ship_and_bill(order) for order in orders]

    house.receive_money(sum(bill.gross for bill in bills), " ".join(bill.number for bill in bills))

    assert [state_of(order) for order in orders] == ["reconciled", "reconciled"]
    books_agree()
