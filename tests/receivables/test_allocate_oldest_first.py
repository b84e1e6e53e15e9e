"""Money without a reference goes to the oldest debts."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from receivables.commands import allocate_oldest_first
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def open_amounts(*items):
    for item in items:
        item.refresh_from_db()
    return [item.open_amount for item in items]


def test_eighty_on_fifty_twenty_and_thirty(customer):
    first = given.debt("50.00", customer=customer, due=date(2026, 2, 1))
    second = given.debt("20.00", customer=customer, due=date(2026, 2, 1))
    third = given.debt("30.00", customer=customer, due=date(2026, 3, 1))
    payment = given.payment("80.00", customer=customer)

    allocate_oldest_first(payment.pk, actor=SYSTEM)

    assert open_amounts(first, second, third) == [0, 0, D("20.00")]


def test_what_is_too_much_stays_as_credit(customer):
    item = given.debt("50.00", customer=customer)
    payment = given.payment("100.00", customer=customer)

    allocate_oldest_first(payment.pk, actor=SYSTEM)

    payment.refresh_from_db()
    assert open_amounts(item) == [0]
    assert payment.unapplied == D("50.00")


def test_only_this_customers_debts_in_this_currency_are_touched(customer):
    mine = given.debt("50.00", customer=customer)
    others = given.debt("50.00")
    credit = given.debt("-20.00", customer=customer)
    payment = given.payment("100.00", customer=customer)

    allocate_oldest_first(payment.pk, actor=SYSTEM)

    assert open_amounts(mine, others, credit) == [0, D("50.00"), D("-20.00")]


def test_money_paid_back_goes_to_the_oldest_credits(customer):
    debt = given.debt("50.00", customer=customer)
    credit = given.debt("-20.00", customer=customer)
    paid_back = given.payment("15.00", customer=customer, direction="out")

    allocate_oldest_first(paid_back.pk, actor=SYSTEM)

    assert open_amounts(debt, credit) == [D("50.00"), D("-5.00")]


def test_where_nothing_is_open_nothing_happens(customer):
    payment = given.payment("15.00", customer=customer)

    with pytest.raises(RuleViolation, match=f"nothing open in EUR that {payment} could settle"):
        allocate_oldest_first(payment.pk, actor=SYSTEM)


def test_money_of_nobody_is_not_said_to_find_nothing_open():
    payment = given.payment("15.00")

    with pytest.raises(RuleViolation, match="say first whose money it is"):
        allocate_oldest_first(payment.pk, actor=SYSTEM)
