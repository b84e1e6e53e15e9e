"""A promise that holds no more is withdrawn, once, and the item is dunned again."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from receivables.commands import propose_dunning, withdraw_promise
from receivables.models import Promise, PromiseState
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def promise():
    return given.promise(given.late(9))


def test_it_says_why(promise, collector):
    withdrawn = withdraw_promise(promise.pk, reason="they cannot pay", actor=collector)

    assert withdrawn.state == Promise.objects.get().state == PromiseState.WITHDRAWN
    event = Event.objects.get(name="promise.withdrawn")
    assert event.facts["reason"] == "they cannot pay"


def test_the_item_is_dunned_again(promise):
    DunningPolicyFactory()
    withdraw_promise(promise.pk, reason="they cannot pay", actor=SYSTEM)

    assert propose_dunning(actor=SYSTEM).notice_count == 1


def test_it_is_withdrawn_once(promise):
    withdraw_promise(promise.pk, reason="they cannot pay", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is withdrawn"):
        withdraw_promise(promise.pk, reason="they cannot pay", actor=SYSTEM)

    assert Event.objects.filter(name="promise.withdrawn").count() == 1


def test_a_replaced_promise_is_withdrawn_already(promise):
    given.promise(promise.open_item, days=14)

    with pytest.raises(TransitionRefused, match="It is withdrawn"):
        withdraw_promise(promise.pk, reason="they cannot pay", actor=SYSTEM)


def test_who_only_looks_may_not(promise, auditor):
    with pytest.raises(NotPermitted):
        withdraw_promise(promise.pk, reason="they cannot pay", actor=auditor)

    assert Promise.objects.get().state == PromiseState.OPEN


@pytest.mark.parametrize("blank", ["", " \t"])
def test_without_a_reason_it_holds(promise, blank):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        withdraw_promise(promise.pk, reason=blank, actor=SYSTEM)

    assert refused.value.field == "reason"
    assert Promise.objects.get().state == PromiseState.OPEN
