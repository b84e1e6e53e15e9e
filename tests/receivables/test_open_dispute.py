"""The customer contests a part of an item: one question at a time, within what is open."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import IdempotencyConflict, NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.models import Event
from o2c.ledger.models import Entry
from receivables.commands import open_dispute, propose_dunning, resolve_dispute
from receivables.models import Dispute, DisputeState, DunningExclusion, DunningNotice
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_a_part_is_contested_and_stays_owed(collector):
    item = given.debt("100.00")
    entries = Entry.objects.count()

    dispute = given.dispute(item, "30.00", actor=collector)

    assert (dispute.number, dispute.state) == (f"DI-{dispute.pk:06d}", DisputeState.OPEN)
    assert (dispute.customer_id, dispute.currency) == (item.customer_id, "EUR")
    assert (dispute.amount, dispute.reason, dispute.note) == (D("30.00"), "price", "too dear")
    item.refresh_from_db()
    assert item.open_amount == D("100.00")
    assert Entry.objects.count() == entries
    event = Event.objects.get(name="dispute.opened")
    assert event.facts == {"amount": "30.00", "item": str(item), "reason": "Price"}


def test_what_is_contested_is_not_dunned():
    DunningPolicyFactory()
    given.dispute(given.late(9), "30.00")

    propose_dunning(actor=SYSTEM)

    assert DunningNotice.objects.get().amount == D("70.00")
    exclusion = DunningExclusion.objects.get()
    assert (exclusion.reason, exclusion.amount) == ("disputed", D("30.00"))


@pytest.mark.parametrize("amount", ["0", "-1", "100.01", "1.001"])
def test_more_than_is_open_is_refused(amount):
    with pytest.raises(RuleViolation, match="still open") as refused:
        given.dispute(given.debt("100.00"), amount)

    assert refused.value.field == "amount"
    assert not Dispute.objects.exists()


def test_what_is_paid_is_not_contested_any_more():
    item = given.debt("100.00")
    given.paid(item, "80.00")

    with pytest.raises(RuleViolation, match="still open"):
        given.dispute(item, "20.01")

    assert given.dispute(item, "20.00").amount == D("20.00")


def test_one_dispute_per_item_at_a_time():
    item = given.debt("100.00")
    first = given.dispute(item)

    with pytest.raises(RuleViolation, match=f"{first} about this item is open already"):
        given.dispute(item)
    resolve_dispute(first.pk, resolution="settled", actor=SYSTEM)

    assert given.dispute(item).pk != first.pk


def test_there_is_nothing_to_contest_about_an_item_that_is_not_there():
    with pytest.raises(NotFound):
        open_dispute(0, amount=D(1), reason="price", actor=SYSTEM)


def test_a_form_sent_twice_is_one_dispute():
    item = given.debt("100.00")

    first = given.dispute(item, op_id="form-1")
    assert given.dispute(item, op_id="form-1").pk == first.pk
    with pytest.raises(IdempotencyConflict):
        given.dispute(item, "31.00", op_id="form-1")

    assert Dispute.objects.count() == 1


def test_who_only_looks_may_not(auditor):
    with pytest.raises(NotPermitted):
        given.dispute(given.debt("100.00"), actor=auditor)


def test_an_unknown_reason_is_refused_with_those_there_are():
    with pytest.raises(
        RuleViolation, match=r"“whim” is no reason for a dispute\..*damage"
    ) as refused:
        given.dispute(given.debt("100.00"), reason="whim")

    assert refused.value.field == "reason"
