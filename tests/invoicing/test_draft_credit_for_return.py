"""A received return proposes its credit note."""

from decimal import Decimal

import pytest

from invoicing.commands import (
    approve_credit_note,
    draft_credit_for_return,
    draft_invoice,
    post_invoice,
)
from invoicing.models import CreditKind, Invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.ledger.queries import balance
from shipping.commands import announce_return
from tests.given.invoicing import (
    drafted_invoice,
    lines_of,
    posted_credit,
    posted_invoice,
    proposed_credit,
    returned,
    shipped,
)

pytestmark = pytest.mark.django_db

D = Decimal


def credits_for(goods_return) -> list[Invoice]:
    """The proposals for a return, whoever called for them."""
    draft_credit_for_return(goods_return.pk, actor=SYSTEM)
    return list(Invoice.objects.filter(goods_return=goods_return).order_by("pk"))


def test_what_came_back_is_proposed_with_the_reason_of_the_return():
    invoice = posted_invoice((10, "10.00"), (5, "2.00"))

    (note,) = credits_for(returned(invoice.shipment, 4, 5))

    assert (note.credit_kind, note.reason, note.corrects) == ("return", "too many", invoice)
    assert [line.quantity for line in lines_of(note)] == [4, 5]
    assert note.net == 50
    assert all(line.return_line is not None for line in lines_of(note))


def test_asking_twice_proposes_once():
    invoice = posted_invoice()
    goods_return = returned(invoice.shipment, 4)

    assert credits_for(goods_return) == credits_for(goods_return)
    assert draft_credit_for_return(goods_return.pk, actor=SYSTEM) == []


def test_v16_unbilled_goods_that_came_back_are_neither_billed_nor_credited():
    shipment = shipped((22540, "1.00"))
    goods_return = returned(shipment, 2530)

    assert credits_for(goods_return) == []
    draft = draft_invoice(shipment.pk, actor=SYSTEM)
    invoice = post_invoice(draft.pk, actor=SYSTEM)

    assert invoice.net == 20010
    assert draft_invoice(shipment.pk, actor=SYSTEM) is None
    assert balance("SHIPPED_NOT_INVOICED") == 0
    invoice.order.refresh_from_db()
    assert invoice.order.state == "invoiced"


def test_a_draft_that_bills_returned_goods_is_drafted_anew():
    draft = drafted_invoice((10, "10.00"))

    assert credits_for(returned(draft.shipment, 4)) == []

    draft.refresh_from_db()
    assert draft.state == "cancelled"
    fresh = Invoice.objects.get(state="draft")
    assert lines_of(fresh)[0].quantity == 6


def test_what_was_credited_before_it_came_back_is_not_credited_again():
    invoice = posted_invoice((10, "10.00"))
    posted_credit(invoice, 4)

    assert credits_for(returned(invoice.shipment, 4)) == []


def test_what_is_claimed_by_another_proposal_is_not_credited_again():
    invoice = posted_invoice((10, "10.00"))
    proposed_credit(invoice, 3)

    (note,) = credits_for(returned(invoice.shipment, 4))

    assert lines_of(note)[0].quantity == 1


def test_two_returns_of_one_shipment_are_credited_each():
    invoice = posted_invoice((10, "10.00"))
    (first,) = credits_for(returned(invoice.shipment, 4))
    approve_credit_note(first.pk, actor=SYSTEM)

    (second,) = credits_for(returned(invoice.shipment, 6))
    approve_credit_note(second.pk, actor=SYSTEM)

    assert first.gross + second.gross == invoice.gross
    assert balance("COGS") == 0
    assert balance("SHIPPED_NOT_INVOICED") == 0


def test_a_price_credit_before_the_return_leaves_only_the_rest():
    invoice = posted_invoice((10, "10.00"))
    posted_credit(invoice, "50", kind=CreditKind.PRICE)

    (note,) = credits_for(returned(invoice.shipment, 10))

    assert note.net == 50


def test_a_return_that_is_only_announced_credits_nothing():
    invoice = posted_invoice()
    line = invoice.shipment.lines.get()
    announced = announce_return(
        invoice.shipment_id, lines={line.pk: D(2)}, reason="x", actor=SYSTEM
    )

    assert credits_for(announced) == []


def test_proposing_for_a_return_needs_the_right(picker):
    goods_return = returned(posted_invoice().shipment, 1)

    with pytest.raises(NotPermitted):
        draft_credit_for_return(goods_return.pk, actor=picker)
