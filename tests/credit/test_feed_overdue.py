"""What receivables tell credit: who is late, since when, and how much."""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings

from credit.commands import feed_overdue, recheck_payer
from credit.models import CreditAccount
from o2c import flow
from o2c.celery import app
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.desk.tasks import tell_credit_who_is_late
from orders.models import OrderState
from tests.factories.masters import CompanyFactory, CustomerFactory, ExchangeRateFactory
from tests.given import receivables
from tests.given.credit import account_of, checked_order, customer_with_limit

pytestmark = pytest.mark.django_db

OCTOBER, TODAY = date(2026, 10, 1), date(2026, 11, 21)


def feed(customer, amount, due=None):
    return feed_overdue(customer.pk, base_amount=Decimal(amount), oldest_due_date=due, actor=SYSTEM)


def test_overdue_items_hold_orders_until_they_are_paid():
    customer = customer_with_limit(None)
    with clock.at(TODAY):
        feed(customer, "10", OCTOBER)
        order, check = checked_order(customer=customer)

        assert order.state == OrderState.ON_HOLD
        assert check.rules[0]["days"] == "51"

        feed(customer, "0")
        recheck_payer(customer.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.RELEASED


def test_feeding_nothing_opens_no_account():
    assert feed(CustomerFactory(), "0") is None
    assert not CreditAccount.objects.exists()


def test_a_late_payer_without_an_account_gets_one():
    customer = CustomerFactory()

    feed(customer, "12.50", OCTOBER)

    account = account_of(customer)
    assert (account.overdue_amount, account.oldest_due_date) == (Decimal("12.50"), OCTOBER)


def test_the_account_keeps_what_is_overdue_in_its_own_currency():
    CompanyFactory()
    ExchangeRateFactory(currency="USD", date=OCTOBER, rate=Decimal("0.80"))
    customer = customer_with_limit(None, currency="USD")

    with clock.at(TODAY):
        feed(customer, "100.00", OCTOBER)

    assert account_of(customer).overdue_amount == Decimal("125.00")


def test_a_balance_in_the_customers_favour_is_not_overdue():
    customer = customer_with_limit(None)

    feed(customer, "-5", OCTOBER)

    account = account_of(customer)
    assert (account.overdue_amount, account.oldest_due_date) == (0, None)


class TestEveryMorning:
    """Debts fall due by the calendar: nobody pays, posts or clicks, and credit knows."""

    DUE = date(2026, 2, 4)

    def test_what_fell_due_over_night_holds_the_next_order(self):
        customer = customer_with_limit(None)
        receivables.debt("100.00", customer=customer, due=self.DUE)

        with clock.at(self.DUE):
            assert flow.tell_credit_who_is_late(actor=SYSTEM) == 0
            first, _check = checked_order(customer=customer)
        with clock.at(date(2026, 3, 20)):
            assert flow.tell_credit_who_is_late(actor=SYSTEM) == 1
            second, check = checked_order(customer=customer)

        assert (first.state, second.state) == (OrderState.RELEASED, OrderState.ON_HOLD)
        assert check.rules == [
            {"rule": "overdue", "amount": "100.00", "days": "44", "allowed": "30"}
        ]

    def test_the_second_run_of_a_day_changes_nothing(self):
        customer = customer_with_limit(None)
        receivables.debt("100.00", customer=customer, due=self.DUE)

        with clock.at(TODAY):
            flow.tell_credit_who_is_late(actor=SYSTEM)
            before = CreditAccount.objects.values().get(customer=customer)
            flow.tell_credit_who_is_late(actor=SYSTEM)

        assert CreditAccount.objects.values().get(customer=customer) == before

    def test_who_is_late_no_more_is_told_as_well(self):
        customer = customer_with_limit(None)
        with clock.at(TODAY):
            feed(customer, "10", OCTOBER)

            assert tell_credit_who_is_late() == 1

        assert account_of(customer).overdue_amount == 0

    def test_beat_runs_it_and_every_other_task_of_the_calendar(self):
        app.loader.import_default_modules()
        tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

        assert tell_credit_who_is_late.name in tasks
        assert tasks <= set(app.tasks)
