"""What others ask after a payment: whose debt is overdue now, since when, in base currency."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from receivables.commands import Share, allocate_payment
from receivables.queries import Overdue, customers_of_payment, overdue_by_customer
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 30)


def test_overdue_is_what_is_past_its_due_date_in_base_currency():
    customer, other = CustomerFactory(currency="USD"), CustomerFactory()
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.5"))
    given.debt("100.00", customer=customer, currency="USD", due=date(2026, 6, 29))
    given.debt("30.00", customer=customer, due=date(2026, 5, 1))
    given.debt("7.00", customer=customer, due=TODAY)
    given.debt("-9.00", customer=customer, due=date(2026, 5, 1))

    found = overdue_by_customer([customer.pk, other.pk], TODAY)

    assert found == {
        customer.pk: Overdue(D("80.00"), date(2026, 5, 1)),
        other.pk: Overdue(D(0), None),
    }


def test_a_payment_concerns_its_payer_and_the_customers_it_was_used_for():
    item = given.debt("100.00")
    payment = given.payment("100.00", customer=item.customer)
    assert customers_of_payment(payment.pk) == [payment.customer_id]

    allocate_payment(payment.pk, shares=[Share(item.pk, D("100.00"))], actor=SYSTEM)

    assert customers_of_payment(payment.pk) == [item.customer_id]


def test_asking_for_many_customers_is_one_statement(count_statements):
    customers = [given.debt("1.00").customer_id for _ in range(5)]

    with count_statements() as count:
        overdue_by_customer(customers, TODAY)

    assert int(count) == 1
