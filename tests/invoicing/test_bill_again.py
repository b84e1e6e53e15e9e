"""After a correction took the wrong bill back, the right one is drafted."""

import pytest

from invoicing.commands import bill_again, post_invoice
from invoicing.models import CreditKind, Invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.models import Event
from o2c.ledger.queries import balance
from shipping.models import ShipmentLine
from tests.given.invoicing import lines_of, posted_credit, posted_invoice, proposed_credit

pytestmark = pytest.mark.django_db


def test_a_correction_can_be_billed_again(biller):
    invoice = posted_invoice((10, "10.00"))

    again = bill_again(posted_credit(invoice).pk, actor=biller)

    assert (again.state, again.gross, lines_of(again)[0].quantity) == ("draft", invoice.gross, 10)
    event = Event.objects.get(name="invoice.drafted", document_id=again.pk)
    assert (event.actor, event.facts["shipment"]) == ("bilal", invoice.shipment.number)
    assert post_invoice(again.pk, actor=SYSTEM).gross == invoice.gross
    assert balance("SHIPPED_NOT_INVOICED") == 0
    assert ShipmentLine.objects.get().invoiced == 10


def test_of_a_correction_in_part_only_that_part_is_billed_again():
    note = posted_credit(posted_invoice((10, "10.00")), 4)

    assert lines_of(bill_again(note.pk, actor=SYSTEM))[0].quantity == 4


def test_asking_twice_gives_the_draft_that_waits():
    note = posted_credit(posted_invoice())

    first = bill_again(note.pk, actor=SYSTEM)

    assert bill_again(note.pk, actor=SYSTEM) == first
    assert Invoice.objects.filter(state="draft").count() == 1


def test_an_invoice_a_proposal_and_another_kind_of_credit_are_not_billed_again():
    invoice = posted_invoice((10, "10.00"))
    price = posted_credit(invoice, "5", kind=CreditKind.PRICE)

    for wrong in (invoice, price, proposed_credit(invoice, 1)):
        with pytest.raises(RuleViolation, match="posted correction"):
            bill_again(wrong.pk, actor=SYSTEM)


def test_what_is_billed_again_already_leaves_nothing_to_bill():
    note = posted_credit(posted_invoice())
    post_invoice(bill_again(note.pk, actor=SYSTEM).pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="Nothing of this shipment"):
        bill_again(note.pk, actor=SYSTEM)


def test_a_sales_clerk_does_not_bill(clerk):
    note = posted_credit(posted_invoice())

    with pytest.raises(NotPermitted):
        bill_again(note.pk, actor=clerk)

    assert not Invoice.objects.filter(state="draft").exists()


def test_what_is_not_there_is_not_billed_again():
    with pytest.raises(NotFound, match="Credit note 0 does not exist"):
        bill_again(0, actor=SYSTEM)
