"""check_reopened_order: an amended order goes on only if credit allows what it is now."""

from decimal import Decimal

import pytest

from credit.commands import CreditRefused, check_reopened_order
from credit.models import CheckState, CreditAccount, CreditCheck
from o2c.core import events
from o2c.core.actors import SYSTEM
from o2c.core.models import Event
from orders import commands
from orders.commands import LineChange, amend_order, reopen_order
from orders.models import Order, OrderState
from tests.factories.masters import CustomerFactory
from tests.given.credit import blocked, checked_order, customer_with_limit
from tests.given.orders import lines_of, quantities_of, released_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_flow(monkeypatch):
    """It runs in the transaction that changes the order."""
    monkeypatch.setattr(events, "_before_commit", {})
    events.together("order.reopened", check_reopened_order)


def amend(order, quantity):
    order = Order.objects.get(pk=order.pk)
    change = LineChange(lines_of(order)[0].pk, quantity=Decimal(quantity))
    return amend_order(order.pk, changes=[change], version=order.version, actor=SYSTEM)


def ordered(limit, quantity=1, price="100.00"):
    """A released order of a customer with this limit; the check beside it passed."""
    return checked_order(customer=customer_with_limit(limit), lines=[(quantity, price)])[0]


def test_an_increase_within_the_limit_is_checked_and_released_at_once():
    order = ordered("238.00")

    changed = amend(order, 2)

    assert (changed.state, changed.gross) == (OrderState.RELEASED, 238)
    check = CreditCheck.objects.latest("pk")
    assert (check.state, check.order_gross, check.decided_by) == (
        CheckState.APPROVED,
        238,
        "system",
    )
    facts = Event.objects.filter(name="check.passed").latest("pk").facts
    assert (facts["order"], facts["exposure"]) == (order.number, "238.00")


def test_v05_a_later_increase_beyond_the_limit_is_refused_and_changes_nothing():
    order = ordered("119.00")
    before = Order.objects.values().get(pk=order.pk)

    with pytest.raises(CreditRefused, match=r"Over the limit by 119\.00"):
        amend(order, 2)

    assert Order.objects.values().get(pk=order.pk) == before
    assert lines_of(order)[0].quantity == 1
    assert CreditCheck.objects.count() == 1


def test_v02_a_raised_quantity_names_the_new_total_not_both():
    with pytest.raises(CreditRefused, match=r"exposure 1,500\.01\sEUR"):
        amend(ordered("1000.00", 2, "420.17"), 3)


def test_an_account_that_was_blocked_meanwhile_says_so():
    order = ordered(None)
    commands.record_picked(order.pk, quantities_of(order), actor=SYSTEM)
    commands.record_shipped(order.pk, quantities_of(order), actor=SYSTEM)
    blocked(order.payer)

    with pytest.raises(CreditRefused, match=r"The account is blocked: Insolvency filed\."):
        amend(order, 2)


def test_a_decrease_is_not_checked():
    amend(ordered("238.00", 2), 1)

    assert CreditCheck.objects.count() == 1


def test_what_is_billed_of_an_increased_order_counts_as_debt_not_as_order():
    order = ordered("238.00")
    one = quantities_of(order)
    for record in (commands.record_picked, commands.record_shipped, commands.record_invoiced):
        record(order.pk, one, actor=SYSTEM)

    amend(order, 2)

    assert CreditCheck.objects.latest("pk").amount == 119


def test_v04_reopening_a_closed_order_checks_the_limit():
    customer = customer_with_limit("1071.00")
    first, _check = checked_order(customer=customer, lines=[(10, "90.00")])
    one = quantities_of(first, [1])
    commands.record_picked(first.pk, one, actor=SYSTEM)
    commands.record_shipped(first.pk, one, actor=SYSTEM)
    commands.cancel_order(first.pk, reason="closed", actor=SYSTEM)
    second, _check = checked_order(customer=customer, lines=[(8, "90.00")])
    assert second.state == OrderState.RELEASED

    with pytest.raises(CreditRefused):
        reopen_order(first.pk, reason="wanted again", actor=SYSTEM)

    first.refresh_from_db()
    assert first.state == OrderState.SHIPPED


def test_a_payer_without_an_account_gets_one():
    customer = CustomerFactory()
    order = released_order(customer=customer, lines=[(1, "100.00")])

    amend(order, 2)

    assert CreditCheck.objects.get().account == CreditAccount.objects.get(customer=customer)
