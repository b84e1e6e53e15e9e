"""A draft that no longer fits what was shipped gives way to one that does."""

import pytest

from invoicing.commands import redraft_invoice
from invoicing.models import Invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.models import Event
from shipping.models import ShipmentLine
from tests.given.invoicing import drafted_invoice, lines_of, posted_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    """The draft over ten pieces shipped."""
    return drafted_invoice((10, "10.00"))


def came_back(quantity):
    """So much of what was shipped is not to be billed any more."""
    ShipmentLine.objects.update(returned=quantity)


def test_drafting_anew_bills_what_is_to_be_billed_now(draft, biller):
    came_back(3)

    fresh = redraft_invoice(draft.pk, reason="goods came back", actor=biller)

    assert (fresh.state, fresh.net, lines_of(fresh)[0].quantity) == ("draft", 70, 7)
    draft.refresh_from_db()
    assert draft.state == "cancelled"
    event = Event.objects.get(name="invoice.cancelled")
    assert (event.actor, event.facts) == ("bilal", {"reason": "goods came back"})
    assert Event.objects.filter(name="invoice.drafted", document_id=fresh.pk).exists()


def test_drafting_anew_leaves_nothing_when_nothing_is_to_be_billed(draft):
    came_back(10)

    assert redraft_invoice(draft.pk, reason="all came back", actor=SYSTEM) is None
    assert not Invoice.objects.filter(state="draft").exists()


def test_a_posted_invoice_is_not_drafted_anew():
    with pytest.raises(TransitionRefused, match="It is Posted"):
        redraft_invoice(posted_invoice().pk, reason="oops", actor=SYSTEM)


def test_a_draft_that_gave_way_does_not_give_way_again(draft):
    redraft_invoice(draft.pk, reason="x", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="It is Cancelled"):
        redraft_invoice(draft.pk, reason="x", actor=SYSTEM)

    assert Invoice.objects.filter(state="draft").count() == 1


def test_the_same_form_sent_twice_drafts_once(draft):
    for _ in range(2):
        redraft_invoice(draft.pk, reason="x", actor=SYSTEM, op_id="one form")

    assert Invoice.objects.count() == 2


def test_a_sales_clerk_does_not_draft(draft, clerk):
    with pytest.raises(NotPermitted):
        redraft_invoice(draft.pk, reason="x", actor=clerk)

    draft.refresh_from_db()
    assert draft.state == "draft"
