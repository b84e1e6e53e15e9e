"""A credit that was used is given back, and what it had settled is open again, once."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed
from o2c.ledger.queries import balance
from o2c.web.formats import money_text
from receivables.commands import Share, allocate_credit, reverse_credit_application
from receivables.models import Allocation, CreditApplication, CreditApplicationState
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import ledger as given_ledger
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def items():
    """Two debts of 60 and 40 and a credit of 100, in dollars, at different rates."""
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", date=date(2026, 1, 1), rate=D("0.8"))
    ExchangeRateFactory(known__code="USD", date=date(2026, 2, 1), rate=D("0.9"))
    of_usd = {"customer": customer, "currency": "USD"}
    debts = [given.debt(amount, **of_usd) for amount in ("60.00", "40.00")]
    return [*debts, given.debt("-100.00", posted=date(2026, 2, 5), **of_usd)]


@pytest.fixture
def used(items):
    """All of the first debt and half of the second are settled with the credit."""
    first, second, credit = items
    shares = [Share(first.pk, D("60.00")), Share(second.pk, D("20.00"))]
    return allocate_credit(credit.pk, shares=shares, actor=SYSTEM)


def ends():
    return {row.effective_date for row in Allocation.objects.filter(reverses__isnull=False)}


def test_everything_is_as_if_it_had_never_been(items, used, cashier, check_deferred):
    assert balance("FX_DIFFERENCE") == D("-8.00")

    with clock.at(date(2026, 3, 1)):
        reverse_credit_application(used.pk, reason="wrong invoice", actor=cashier)

    for item in items:
        item.refresh_from_db()
        assert (item.open_amount, item.base_open) == (item.original, item.base_original)
    used.refresh_from_db()
    assert used.state == CreditApplicationState.REVERSED
    rows = Allocation.objects.order_by("pk")
    assert [row.amount for row in rows] == [D("60.00"), D("20.00"), D("-60.00"), D("-20.00")]
    assert ends() == {date(2026, 3, 1)}
    assert balance("FX_DIFFERENCE") == 0
    facts = Event.objects.get(name="credit_application.reversed").facts
    assert (facts["reason"], facts["applied"]) == ("wrong invoice", money_text(D(-80), "USD"))
    check_deferred()


def test_the_credit_can_be_used_again(items, used):
    _first, second, credit = items
    reverse_credit_application(used.pk, reason="wrong debt", actor=SYSTEM)

    allocate_credit(credit.pk, shares=[Share(second.pk, D("40.00"))], actor=SYSTEM)

    second.refresh_from_db()
    assert second.is_settled


@pytest.mark.parametrize(
    ("wanted", "day"),
    [(date(2026, 5, 5), date(2026, 5, 5)), (date(2026, 1, 9), date(2026, 2, 5))],
)
def test_it_ends_on_the_day_wanted_and_never_before_it_began(used, wanted, day):
    reverse_credit_application(used.pk, effective_date=wanted, reason="wrong debt", actor=SYSTEM)

    assert ends() == {day}


def test_a_closed_month_refuses_a_chosen_day(used):
    for month in (1, 2):
        given_ledger.closed_period(date(2026, month, 1))

    with pytest.raises(PeriodClosed):
        reverse_credit_application(
            used.pk, effective_date=date(2026, 2, 9), reason="wrong debt", actor=SYSTEM
        )

    assert CreditApplication.objects.get().state == CreditApplicationState.APPLIED
    assert ends() == set()


def test_it_is_given_back_once(used):
    reverse_credit_application(used.pk, reason="wrong debt", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="not possible now"):
        reverse_credit_application(used.pk, reason="wrong debt", actor=SYSTEM)

    assert Allocation.objects.count() == 4


def test_a_form_sent_twice_gives_back_once(used):
    for _ in range(2):
        reverse_credit_application(used.pk, reason="wrong debt", actor=SYSTEM, op_id="form-1")

    assert Event.objects.filter(name="credit_application.reversed").count() == 1


def test_a_sales_clerk_may_not(used, clerk):
    with pytest.raises(NotPermitted):
        reverse_credit_application(used.pk, reason="wrong debt", actor=clerk)


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why(used, blank):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        reverse_credit_application(used.pk, reason=blank, actor=SYSTEM)

    assert refused.value.field == "reason"
    assert CreditApplication.objects.get().state == CreditApplicationState.APPLIED
