"""Giving up an amount takes two people, posts once, and can be taken back."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.ledger.queries import balance
from receivables.commands import (
    Share,
    allocate_payment,
    approve_write_off,
    reject_write_off,
    request_write_off,
    reverse_write_off,
)
from receivables.models import Allocation, WriteOff, WriteOffState
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db

OTHER = SystemActor("controller")


def requested(item, amount="5.00", **fields):
    fields = {"reason": "small_difference", "note": "not worth a call", **fields}
    return request_write_off(item.pk, amount=D(amount), actor=SYSTEM, **fields)


def test_ninety_five_come_and_five_are_written_off(check_deferred):
    item = given.debt("100.00")
    payment = given.payment("95.00", customer=item.customer)
    allocate_payment(payment.pk, shares=[Share(item.pk, D("95.00"))], actor=SYSTEM)

    approve_write_off(requested(item).pk, posting_date=date(2026, 3, 1), actor=OTHER)

    item.refresh_from_db()
    assert item.is_settled
    assert balance("WRITE_OFF") == D("5.00")
    assert balance("AR", item.customer_id) == 0
    assert Allocation.objects.get(write_off__isnull=False).effective_date == date(2026, 3, 1)
    check_deferred()


def test_asking_posts_nothing():
    item = given.debt("100.00")

    write_off = requested(item)

    item.refresh_from_db()
    assert write_off.number == f"WO-{write_off.pk:06d}"
    assert item.open_amount == D("100.00")
    assert balance("WRITE_OFF") == 0


@pytest.mark.parametrize("decide", [approve_write_off, reject_write_off])
def test_nobody_decides_on_the_own_request(decide):
    write_off = requested(given.debt("100.00"))
    note = {"note": "no"} if decide is reject_write_off else {}

    with pytest.raises(NotPermitted, match="somebody else"):
        decide(write_off.pk, actor=SYSTEM, **note)


def test_the_database_refuses_it_too():
    write_off = requested(given.debt("100.00"))

    with pytest.raises(IntegrityError, match="decided_by_another"), transaction.atomic():
        WriteOff.objects.filter(pk=write_off.pk).update(state="approved", decided_by="system")


def test_a_rejected_request_leaves_the_debt_and_makes_room_for_another():
    item = given.debt("100.00")

    rejected = reject_write_off(requested(item).pk, note="call them first", actor=OTHER)

    assert rejected.state == WriteOffState.REJECTED
    assert rejected.decision_note == "call them first"
    assert requested(item).pk != rejected.pk


def test_it_is_taken_back_when_the_money_comes_after_all(check_deferred):
    item = given.debt("100.00")
    write_off = approve_write_off(requested(item, "100.00").pk, actor=OTHER)

    with clock.at(date(2027, 1, 9)):
        reverse_write_off(write_off.pk, reason="paid after all", actor=OTHER)

    item.refresh_from_db()
    assert item.open_amount == D("100.00")
    assert balance("WRITE_OFF") == 0
    with pytest.raises(RuleViolation, match="not possible now"):
        reverse_write_off(write_off.pk, reason="again", actor=OTHER)
    check_deferred()


def test_it_is_worth_what_the_item_is_worth_in_base_currency(check_deferred):
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.9123"))
    item = given.debt("10.01", customer=CustomerFactory(currency="USD"), currency="USD")

    approve_write_off(requested(item, "10.01").pk, actor=OTHER)

    item.refresh_from_db()
    assert (item.open_amount, item.base_open) == (0, 0)
    assert balance("WRITE_OFF") == item.base_original
    assert balance("FX_DIFFERENCE") == 0
    check_deferred()


@pytest.mark.parametrize("amount", ["0", "-1", "100.01", "1.001"])
def test_an_amount_that_is_not_open_is_refused(amount):
    with pytest.raises(RuleViolation):
        requested(given.debt("100.00"), amount)


def test_what_was_paid_meanwhile_is_not_written_off():
    item = given.debt("100.00")
    write_off = requested(item, "10.00")
    payment = given.payment("95.00", customer=item.customer)
    allocate_payment(payment.pk, shares=[Share(item.pk, D("95.00"))], actor=SYSTEM)

    with pytest.raises(RuleViolation, match="more than the"):
        approve_write_off(write_off.pk, actor=OTHER)


def test_one_request_at_a_time_and_with_a_reason():
    item = given.debt("100.00")
    requested(item)

    with pytest.raises(RuleViolation, match="waiting for a decision"):
        requested(item)
    with pytest.raises(RuleViolation, match="Say why"):
        requested(given.debt("1.00"), "1.00", note=" ")


def test_a_sales_clerk_may_neither_ask_nor_approve(clerk):
    item = given.debt("100.00")
    with pytest.raises(NotPermitted):
        request_write_off(item.pk, amount=D("5.00"), note="x", actor=clerk)
    with pytest.raises(NotPermitted):
        approve_write_off(requested(item).pk, actor=clerk)
