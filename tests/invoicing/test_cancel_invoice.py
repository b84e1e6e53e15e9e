"""Putting drafts aside."""

import pytest

from invoicing.commands import cancel_invoice, draft_invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from tests.given.invoicing import drafted_invoice, posted_invoice, proposed_credit

pytestmark = pytest.mark.django_db


def test_a_cancelled_draft_frees_its_shipment_to_be_billed_again():
    draft = drafted_invoice()

    cancelled = cancel_invoice(draft.pk, reason="too early", actor=SYSTEM)

    assert cancelled.state == "cancelled"
    assert Event.objects.get(name="invoice.cancelled").facts == {"reason": "too early"}
    assert draft_invoice(draft.shipment_id, actor=SYSTEM).pk != draft.pk


def test_a_cancelled_proposal_frees_what_it_claimed():
    invoice = posted_invoice((10, "10.00"))
    note = proposed_credit(invoice, 10)
    with pytest.raises(RuleViolation):
        proposed_credit(invoice, 1)

    cancel_invoice(note.pk, reason="no", actor=SYSTEM)

    assert proposed_credit(invoice, 10).gross == invoice.gross


def test_cancelling_needs_a_reason():
    with pytest.raises(RuleViolation) as refusal:
        cancel_invoice(drafted_invoice().pk, reason="  ", actor=SYSTEM)

    assert refusal.value.field == "reason"


def test_a_posted_invoice_cannot_be_cancelled():
    with pytest.raises(TransitionRefused):
        cancel_invoice(posted_invoice().pk, reason="oops", actor=SYSTEM)


def test_cancelling_needs_the_right(clerk):
    draft = drafted_invoice()

    with pytest.raises(NotPermitted):
        cancel_invoice(draft.pk, reason="x", actor=clerk)
