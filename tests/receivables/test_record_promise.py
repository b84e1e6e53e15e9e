"""The customer gives a word to pay: within what is open, for the near future, one at a time."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.models import Event
from receivables.commands import propose_dunning, record_promise
from receivables.models import DunningExclusion, Promise, PromiseState
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_the_word_is_kept_on_record_with_what_was_open(today, collector):
    item = given.debt("100.00")
    given.paid(item, "20.00")

    promise = given.promise(item, "60.00", days=7, note="by phone", actor=collector)

    assert (promise.number, promise.state) == (f"PR-{promise.pk:06d}", PromiseState.OPEN)
    assert (promise.customer_id, promise.currency) == (item.customer_id, "EUR")
    assert (promise.amount, promise.open_before) == (D("60.00"), D("80.00"))
    assert (promise.promised_date, promise.note) == (today + timedelta(days=7), "by phone")
    event = Event.objects.get(name="promise.recorded")
    assert event.facts == {"amount": "60.00", "item": str(item), "date": "2026-07-07"}


def test_what_is_promised_is_not_dunned_up_to_the_day(today):
    DunningPolicyFactory()
    given.promise(given.late(9), days=1)

    with clock.at(today + timedelta(days=1)):
        assert propose_dunning(actor=SYSTEM).notice_count == 0
    with clock.at(today + timedelta(days=2)):
        assert propose_dunning(actor=SYSTEM).notice_count == 1

    assert DunningExclusion.objects.get().reason == "promised"


def test_it_is_kept_when_the_amount_comes_and_broken_when_the_day_passes(today):
    item = given.debt("100.00")
    promise = given.promise(item, "60.00", days=7)
    after = today + timedelta(days=8)
    assert not promise.is_kept()
    assert (promise.is_broken(promise.promised_date), promise.is_broken(after)) == (False, True)

    given.paid(item, "60.00")

    promise = Promise.objects.select_related("open_item").get()
    assert promise.is_kept()
    assert not promise.is_broken(after)


def test_a_newer_promise_replaces_the_older(today):
    item = given.debt("100.00")
    first = given.promise(item)

    second = given.promise(item, days=14)

    first.refresh_from_db()
    assert (first.state, second.state) == (PromiseState.WITHDRAWN, PromiseState.OPEN)
    event = Event.objects.get(name="promise.withdrawn")
    assert event.facts["reason"] == "Replaced by a newer promise."


@pytest.mark.parametrize("amount", ["0", "-1", "100.01", "1.001"])
def test_more_than_is_open_is_refused(today, amount):
    with pytest.raises(RuleViolation, match="still open") as refused:
        given.promise(given.debt("100.00"), amount)

    assert refused.value.field == "amount"
    assert not Promise.objects.exists()


@pytest.mark.parametrize("days", [-1, 91])
def test_another_day_than_soon_is_refused_and_the_older_word_stays(today, days):
    item = given.debt("100.00")
    older = given.promise(item)

    with pytest.raises(RuleViolation, match="within the next 90 days") as refused:
        given.promise(item, days=days)

    assert refused.value.field == "promised_date"
    older.refresh_from_db()
    assert older.state == PromiseState.OPEN


@pytest.mark.parametrize("days", [0, 90])
def test_today_and_the_last_day_are_soon(today, days):
    promise = given.promise(given.debt("100.00"), days=days)

    assert promise.promised_date == today + timedelta(days=days)


def test_nothing_is_promised_for_an_item_that_is_not_there(today):
    with pytest.raises(NotFound):
        record_promise(0, amount=D(1), promised_date=today, actor=SYSTEM)


def test_a_form_sent_twice_is_one_promise(today):
    item = given.debt("100.00")

    first = given.promise(item, op_id="form-1")

    assert given.promise(item, op_id="form-1").pk == first.pk
    assert Promise.objects.get().state == PromiseState.OPEN


def test_who_only_looks_may_not(today, auditor):
    with pytest.raises(NotPermitted):
        given.promise(given.debt("100.00"), actor=auditor)
