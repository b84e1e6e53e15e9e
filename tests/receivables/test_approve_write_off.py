"""Another person gives the amount up: it leaves the customer's account and becomes a loss."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed
from o2c.ledger.queries import balance
from receivables.commands import approve_write_off, reject_write_off
from receivables.models import Allocation, WriteOff, WriteOffState
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import ledger as given_ledger
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def item():
    return given.debt("100.00")


def test_ninety_five_come_and_five_are_written_off(item, controller, check_deferred):
    given.paid(item, "95.00")
    request = given.requested_write_off(item)

    approve_write_off(
        request.pk, posting_date=date(2026, 3, 1), note="small enough", actor=controller
    )

    item.refresh_from_db()
    assert item.is_settled
    assert balance("WRITE_OFF") == D("5.00")
    assert balance("AR", item.customer_id) == 0
    allocation = Allocation.objects.get(write_off=request)
    assert (allocation.amount, allocation.effective_date) == (D("5.00"), date(2026, 3, 1))
    request.refresh_from_db()
    assert (request.state, request.posting_date) == (WriteOffState.APPROVED, date(2026, 3, 1))
    assert (request.decided_by, request.decision_note) == ("corinna", "small enough")
    facts = Event.objects.get(name="write_off.approved").facts
    assert (facts["amount"], facts["item"]) == ("5.00", str(item))
    check_deferred()


def test_without_a_day_it_is_today_and_never_before_the_item(item, today):
    first = approve_write_off(given.requested_write_off(item).pk, actor=given.ANOTHER)
    second = approve_write_off(
        given.requested_write_off(item).pk, posting_date=date(2025, 12, 31), actor=given.ANOTHER
    )

    assert (first.posting_date, second.posting_date) == (today, item.posting_date)


def test_it_is_worth_what_the_item_is_worth_in_base_currency(check_deferred):
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.9123"))
    item = given.debt("10.01", customer=CustomerFactory(currency="USD"), currency="USD")

    approve_write_off(given.requested_write_off(item, "10.01").pk, actor=given.ANOTHER)

    item.refresh_from_db()
    assert (item.open_amount, item.base_open) == (0, 0)
    assert balance("WRITE_OFF") == item.base_original
    assert balance("FX_DIFFERENCE") == 0
    check_deferred()


def test_nobody_decides_on_the_own_request(item):
    request = given.requested_write_off(item, actor=SYSTEM)

    with pytest.raises(NotPermitted, match="somebody else has to decide"):
        approve_write_off(request.pk, actor=SYSTEM)

    assert balance("WRITE_OFF") == 0


def test_the_database_refuses_it_too(item):
    request = given.requested_write_off(item, actor=SYSTEM)

    with pytest.raises(IntegrityError, match="decided_by_another"), transaction.atomic():
        WriteOff.objects.filter(pk=request.pk).update(state="approved", decided_by="system")


def test_what_was_paid_meanwhile_is_not_written_off(item):
    request = given.requested_write_off(item, "10.00")
    given.paid(item, "95.00")

    with pytest.raises(RuleViolation, match="more than the"):
        approve_write_off(request.pk, actor=given.ANOTHER)

    assert balance("WRITE_OFF") == 0


def test_nothing_is_posted_into_a_closed_month(item):
    request = given.requested_write_off(item)
    given_ledger.closed_period(date(2026, 1, 31))

    with pytest.raises(PeriodClosed):
        approve_write_off(request.pk, posting_date=date(2026, 1, 31), actor=given.ANOTHER)

    request.refresh_from_db()
    assert request.state == WriteOffState.REQUESTED


def test_it_is_decided_once(item):
    request = given.requested_write_off(item)
    approve_write_off(request.pk, actor=given.ANOTHER)

    with pytest.raises(TransitionRefused, match="It is written off"):
        approve_write_off(request.pk, actor=given.ANOTHER)

    assert balance("WRITE_OFF") == D("5.00")


def test_what_was_rejected_is_not_approved(item):
    request = given.requested_write_off(item)
    reject_write_off(request.pk, note="call them first", actor=given.ANOTHER)

    with pytest.raises(TransitionRefused, match="It is rejected"):
        approve_write_off(request.pk, actor=given.ANOTHER)


def test_a_form_sent_twice_posts_once(item):
    request = given.requested_write_off(item)

    for _ in range(2):
        approve_write_off(request.pk, actor=given.ANOTHER, op_id="form-1")

    assert balance("WRITE_OFF") == D("5.00")


def test_who_may_ask_may_not_approve(item, collector):
    with pytest.raises(NotPermitted):
        approve_write_off(given.requested_write_off(item).pk, actor=collector)
