from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from credit.commands import (
    block_account,
    classify_account,
    clear_account,
    feed_overdue,
    open_account,
    recheck_payer,
    set_limit,
    unblock_account,
)
from credit.models import AccountState, CreditAccount, CreditLimit
from credit.queries import exposure
from credit.queries.authority import AboveAuthority
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from orders.models import OrderState
from tests.factories.credit import CreditAccountFactory, CreditAuthorityFactory
from tests.factories.masters import CustomerFactory
from tests.given.credit import account_of, checked_order, customer_with_limit
from tests.given.orders import confirmed_order

pytestmark = pytest.mark.django_db

JAN, FEB, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def account():
    return CreditAccountFactory()


def limit(account, amount, valid_from=JAN, **more):
    return set_limit(
        account.pk, amount=Decimal(amount), valid_from=valid_from, actor=SYSTEM, **more
    )


def limit_on(account, day):
    return exposure(account.customer_id, on=day).limit


def test_a_new_permanent_limit_ends_the_one_before_it(account):
    limit(account, "100")
    limit(account, "200", FEB)

    assert limit_on(account, date(2026, 1, 31)) == 100
    assert limit_on(account, FEB) == 200


def test_a_limit_set_twice_for_one_day_is_corrected_and_both_are_on_record(account):
    first = limit(account, "100")
    limit(account, "150")

    assert CreditLimit.objects.get().amount.amount == 150
    assert [row.amount.amount for row in first.history.order_by("history_id")] == [100, 150]


def test_a_temporary_limit_ends_by_itself(account):
    limit(account, "100")
    limit(account, "500", FEB, kind="temporary", valid_to=MARCH, reason="season")

    assert limit_on(account, MARCH) == 500
    assert limit_on(account, date(2026, 3, 2)) == 100


@pytest.mark.parametrize(
    ("amount", "more", "field"),
    [
        ("-1", {}, "amount"),
        ("0.001", {}, "amount"),
        ("NaN", {}, "amount"),
        ("1", {"kind": "temporary"}, "valid_to"),
        ("1", {"valid_to": date(2025, 1, 1)}, "valid_to"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(account, amount, more, field):
    with pytest.raises(RuleViolation) as refused:
        limit(account, amount, **more)

    assert refused.value.field == field
    assert not CreditLimit.objects.exists()


def test_two_temporary_limits_at_once_are_refused_by_command_and_database(account):
    limit(account, "1", kind="temporary", valid_to=MARCH)

    with pytest.raises(RuleViolation, match="Another limit"):
        limit(account, "2", FEB, kind="temporary", valid_to=MARCH)
    with pytest.raises(IntegrityError, match="credit_limit_no_overlap"), transaction.atomic():
        CreditLimit.objects.create(
            account=account,
            kind="temporary",
            amount=Decimal(2),
            currency="EUR",
            valid_from=FEB,
            valid_to=MARCH,
            approved_by="x",
        )


def test_a_limit_above_the_actors_authority_is_refused(account, credit_manager):
    CreditAuthorityFactory(amount=Decimal(1000))

    with pytest.raises(AboveAuthority):
        set_limit(account.pk, amount=Decimal(1001), actor=credit_manager)
    set_limit(account.pk, amount=Decimal(1000), actor=credit_manager)

    assert Event.objects.get(name="account.limit_set").actor == "chris"


def test_a_sales_clerk_sets_no_limit(account, clerk):
    with pytest.raises(NotPermitted):
        set_limit(account.pk, amount=Decimal(1), actor=clerk)


def test_a_blocked_account_holds_every_order_until_it_is_unblocked(credit_manager):
    customer = customer_with_limit(None)
    account = account_of(customer)
    block_account(account.pk, reason="Insolvency filed", actor=credit_manager)

    order, check = checked_order(customer=customer)
    assert order.state == OrderState.ON_HOLD
    assert check.rules == [{"rule": "blocked", "reason": "Insolvency filed"}]

    unblocked = unblock_account(account.pk, actor=credit_manager)
    assert (unblocked.state, unblocked.stop_reason) == (AccountState.OPEN, "")
    recheck_payer(customer.pk, actor=SYSTEM)
    order.refresh_from_db()
    assert order.state == OrderState.RELEASED


def test_asking_again_serves_the_oldest_order_first():
    customer = customer_with_limit("100.00")
    first, _check = checked_order(customer=customer, lines=[(1, "100.00")])
    second, _check = checked_order(customer=customer, lines=[(1, "100.00")])
    limit(account_of(customer), "150.00", date(2020, 1, 1))

    recheck_payer(customer.pk, actor=SYSTEM)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (OrderState.RELEASED, OrderState.ON_HOLD)


def test_overdue_items_fed_by_receivables_hold_orders():
    customer = customer_with_limit(None)
    with clock.at(date(2026, 11, 21)):
        feed_overdue(
            customer.pk,
            amount=Decimal("10"),
            oldest_due_date=date(2026, 10, 1),
            actor=SYSTEM,
        )
        order, check = checked_order(customer=customer)

        assert order.state == OrderState.ON_HOLD
        assert check.rules[0]["days"] == "51"

        feed_overdue(customer.pk, amount=Decimal(0), oldest_due_date=None, actor=SYSTEM)
        recheck_payer(customer.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.RELEASED


def test_feeding_nothing_opens_no_account():
    customer = CustomerFactory()

    assert feed_overdue(customer.pk, amount=Decimal(0), oldest_due_date=None, actor=SYSTEM) is None
    assert not CreditAccount.objects.exists()


def test_an_account_is_opened_once():
    customer = CustomerFactory()

    accounts = {open_account(customer.pk, actor=SYSTEM).pk for _twice in range(2)}

    assert len(accounts) == 1
    assert Event.objects.filter(name="account.opened").count() == 1


def test_an_account_is_classified_and_cleared_on_record(credit_manager):
    account = CreditAccountFactory(first_order_cleared=False)

    classify_account(account.pk, risk_class="high", overdue_days_allowed=None, actor=credit_manager)
    clear_account(account.pk, reason="Known from the fair.", actor=credit_manager)

    account.refresh_from_db()
    assert (account.risk_class, account.overdue_days_allowed) == ("high", None)
    assert account.first_order_cleared
    assert account.history.count() == 3


def test_a_payer_without_orders_on_hold_is_left_alone():
    customer = customer_with_limit(None)
    confirmed_order(customer=customer)

    assert recheck_payer(customer.pk, actor=SYSTEM) == []
