"""Credit changes its mind while an order is under way, and the order goes on all the same."""

from datetime import timedelta

import pytest

from credit.commands import block_account, unblock_account
from credit.models import CreditAccount
from o2c import flow
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.deliveries import deliver_due
from o2c.core.errors import RuleViolation
from orders.models import Order
from tests.given.stock import stock
from tests.given.story import House, state_of

pytestmark = pytest.mark.django_db


def test_a_payer_is_blocked_with_goods_at_the_door_and_pays(people, books_agree):
    house = House(people)
    order = house.order(10)
    house.pick(order)
    account = CreditAccount.objects.get(customer=house.customer)

    block_account(account.pk, reason="Rumours of insolvency", actor=people["chris"])
    assert state_of(order) == "on_hold"
    with pytest.raises(RuleViolation, match="Rumours of insolvency"):
        house.dispatch(order)

    unblock_account(account.pk, actor=people["chris"])
    assert state_of(order) == "in_fulfillment"
    house.dispatch(order)
    invoice = house.post(order)
    house.receive_money(invoice.gross, invoice.number)
    assert state_of(order) == "reconciled"
    books_agree()


def test_a_debt_falls_due_over_night_holds_the_next_order_and_is_paid(people, books_agree):
    house = House(people)
    debt = house.ship_and_bill(house.order(5))
    late = clock.now() + timedelta(days=75)

    with clock.at(late):
        stock(house.item, 5)
        flow.tell_credit_who_is_late(actor=SYSTEM)
        order = house.order(5)
        assert state_of(order) == "on_hold"
        assert "overdue" in Order.objects.get(pk=order.pk).hold_reason

        house.receive_money(debt.gross, debt.number)
        while deliver_due():  # the invoice, then the message that carries it
            pass

        assert state_of(order) == "in_fulfillment"
        books_agree()
