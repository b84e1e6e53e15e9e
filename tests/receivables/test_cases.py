"""Disputes and promises: one open at a time, within what is open, ended with words."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from receivables.commands import (
    Share,
    allocate_payment,
    open_dispute,
    record_promise,
    resolve_dispute,
    withdraw_promise,
)
from receivables.models import Dispute, DisputeState, Promise, PromiseState
from tests.given import receivables as given

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def today():
    with clock.at(TODAY):
        yield


def contest(item, amount="30.00"):
    return open_dispute(item.pk, amount=D(amount), reason="price", note="too dear", actor=SYSTEM)


def promise(item, amount="100.00", days=7):
    return record_promise(
        item.pk, amount=D(amount), promised_date=TODAY + timedelta(days=days), actor=SYSTEM
    )


def test_a_dispute_is_opened_and_ends_with_its_resolution():
    dispute = contest(given.debt("100.00"))

    resolve_dispute(dispute.pk, resolution="Price was as agreed", actor=SYSTEM)

    dispute.refresh_from_db()
    assert dispute.number == f"DI-{dispute.pk:06d}"
    assert dispute.state == DisputeState.RESOLVED
    assert dispute.resolution == "Price was as agreed"


def test_one_dispute_per_item_at_a_time():
    item = given.debt("100.00")
    first = contest(item)

    with pytest.raises(RuleViolation, match="open already"):
        contest(item)
    resolve_dispute(first.pk, resolution="settled", actor=SYSTEM)

    assert contest(item).pk != first.pk


def test_a_dispute_is_not_resolved_without_words():
    with pytest.raises(RuleViolation, match="how it was resolved"):
        resolve_dispute(contest(given.debt("100.00")).pk, resolution=" ", actor=SYSTEM)


@pytest.mark.parametrize("act", [contest, promise])
@pytest.mark.parametrize("amount", ["0", "-1", "100.01", "1.001"])
def test_more_than_is_open_is_refused(act, amount):
    with pytest.raises(RuleViolation, match="still open"):
        act(given.debt("100.00"), amount)

    assert not Dispute.objects.exists()
    assert not Promise.objects.exists()


def test_a_newer_promise_replaces_the_older():
    item = given.debt("100.00")
    first = promise(item)

    second = promise(item, days=14)

    first.refresh_from_db()
    assert first.state == PromiseState.WITHDRAWN
    assert second.state == PromiseState.OPEN


@pytest.mark.parametrize("days", [-1, 91])
def test_a_promise_is_for_the_near_future(days):
    with pytest.raises(RuleViolation, match="within the next 90 days"):
        promise(given.debt("100.00"), days=days)


def test_a_promise_is_kept_when_the_amount_comes_and_broken_when_the_day_passes():
    item = given.debt("100.00")
    given_word = promise(item, "60.00")
    assert not given_word.is_kept()
    assert given_word.is_broken(TODAY + timedelta(days=8))
    payment = given.payment("60.00", customer=item.customer)

    allocate_payment(payment.pk, shares=[Share(item.pk, D("60.00"))], actor=SYSTEM)

    given_word = Promise.objects.select_related("open_item").get()
    assert given_word.is_kept()
    assert not given_word.is_broken(TODAY + timedelta(days=8))


def test_a_promise_can_be_withdrawn():
    given_word = promise(given.debt("100.00"))

    withdraw_promise(given_word.pk, reason="they cannot pay", actor=SYSTEM)

    given_word.refresh_from_db()
    assert given_word.state == PromiseState.WITHDRAWN


def test_a_picker_may_do_neither(picker):
    item = given.debt("100.00")
    with pytest.raises(NotPermitted):
        open_dispute(item.pk, amount=D("1.00"), reason="price", actor=picker)
    with pytest.raises(NotPermitted):
        record_promise(item.pk, amount=D("1.00"), promised_date=TODAY, actor=picker)
