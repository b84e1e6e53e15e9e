"""Somebody asks to give an amount up: nothing is posted before another person agrees."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.models import Event
from o2c.ledger.models import Entry
from receivables.commands import reject_write_off, request_write_off
from receivables.models import WriteOff, WriteOffState
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_asking_posts_nothing(collector):
    item = given.debt("100.00")
    entries = Entry.objects.count()

    write_off = given.requested_write_off(item, note=" not worth a call ", actor=collector)

    assert (write_off.number, write_off.state) == (
        f"WO-{write_off.pk:06d}",
        WriteOffState.REQUESTED,
    )
    assert (write_off.amount, write_off.note) == (D("5.00"), "not worth a call")
    assert (write_off.created_by, write_off.decided_by) == ("cora", "")
    item.refresh_from_db()
    assert item.open_amount == D("100.00")
    assert Entry.objects.count() == entries
    event = Event.objects.get(name="write_off.requested")
    assert event.facts == {"amount": "5.00", "item": str(item), "reason": "Small difference"}


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("0", "must be above zero with at most 2 decimals; 100.00.EUR are still open"),
        ("-1", "must be above zero"),
        ("1.001", "at most 2 decimals"),
        ("100.01", "more than the 100.00.EUR still open"),
    ],
)
def test_an_amount_that_is_not_open_is_refused(amount, sentence):
    item = given.debt("100.00")

    with pytest.raises(RuleViolation, match=sentence) as refused:
        given.requested_write_off(item, amount)

    assert refused.value.field == "amount"
    assert not WriteOff.objects.exists()


def test_what_we_owe_is_not_given_up():
    with pytest.raises(RuleViolation, match="is a credit: the customer owes nothing on it"):
        given.requested_write_off(given.debt("-100.00"))


def test_it_says_why():
    with pytest.raises(RuleViolation, match="Say why") as refused:
        given.requested_write_off(given.debt("100.00"), note=" ")

    assert refused.value.field == "note"


def test_one_request_at_a_time():
    item = given.debt("100.00")
    first = given.requested_write_off(item)

    with pytest.raises(RuleViolation, match=f"{first} for this item is waiting for a decision"):
        given.requested_write_off(item)
    reject_write_off(first.pk, note="call them first", actor=given.ANOTHER)

    assert given.requested_write_off(item).pk != first.pk


def test_nothing_is_given_up_of_an_item_that_is_not_there():
    with pytest.raises(NotFound):
        request_write_off(0, amount=D(1), note="x", actor=SYSTEM)


def test_a_form_sent_twice_is_one_request():
    item = given.debt("100.00")

    first = given.requested_write_off(item, op_id="form-1")

    assert given.requested_write_off(item, op_id="form-1").pk == first.pk
    assert WriteOff.objects.count() == 1


def test_a_sales_clerk_may_not_ask(clerk):
    with pytest.raises(NotPermitted):
        given.requested_write_off(given.debt("100.00"), actor=clerk)


def test_an_unknown_reason_is_refused_with_those_there_are():
    with pytest.raises(
        RuleViolation, match=r"“whim” is no reason for a write-off\..*bad_debt"
    ) as no:
        given.requested_write_off(given.debt("100.00"), reason="whim")

    assert no.value.field == "reason"


def test_the_event_states_the_amount_in_the_currencys_cents():
    given.requested_write_off(given.debt("100.00"), "5")

    assert Event.objects.get(name="write_off.requested").facts["amount"] == "5.00"
