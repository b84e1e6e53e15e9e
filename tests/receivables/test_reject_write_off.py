"""Another person says no: the customer still owes it, and there is room for another request."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.queries import balance
from receivables.commands import approve_write_off, reject_write_off
from receivables.models import WriteOff, WriteOffState
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_five():
    return given.requested_write_off(given.debt("100.00"), "5.00")


def test_the_debt_stays_and_there_is_room_for_another(request_of_five, controller):
    item = request_of_five.open_item

    rejected = reject_write_off(request_of_five.pk, note="call them first", actor=controller)

    assert (rejected.state, rejected.posting_date) == (WriteOffState.REJECTED, None)
    assert (rejected.decided_by, rejected.decision_note) == ("corinna", "call them first")
    item.refresh_from_db()
    assert item.open_amount == D("100.00")
    assert balance("WRITE_OFF") == 0
    event = Event.objects.get(name="write_off.rejected")
    assert event.facts == {"reason": "call them first"}
    assert given.requested_write_off(item).pk != rejected.pk


def test_nobody_decides_on_the_own_request(request_of_five):
    with pytest.raises(NotPermitted, match="somebody else has to decide"):
        reject_write_off(request_of_five.pk, note="no", actor=SYSTEM)

    assert WriteOff.objects.get().state == WriteOffState.REQUESTED


def test_it_is_decided_once(request_of_five):
    reject_write_off(request_of_five.pk, note="first", actor=given.ANOTHER)

    with pytest.raises(TransitionRefused, match="It is rejected"):
        reject_write_off(request_of_five.pk, note="second", actor=given.ANOTHER)

    assert WriteOff.objects.get().decision_note == "first"


def test_what_is_written_off_is_taken_back_instead(request_of_five):
    approve_write_off(request_of_five.pk, actor=given.ANOTHER)

    with pytest.raises(TransitionRefused, match="It is written off"):
        reject_write_off(request_of_five.pk, note="no", actor=given.ANOTHER)


def test_who_may_ask_may_not_reject(request_of_five, collector):
    with pytest.raises(NotPermitted):
        reject_write_off(request_of_five.pk, note="no", actor=collector)


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why_not(request_of_five, blank):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        reject_write_off(request_of_five.pk, note=blank, actor=given.ANOTHER)

    request_of_five.refresh_from_db()
    assert refused.value.field == "note"
    assert request_of_five.state == WriteOffState.REQUESTED
