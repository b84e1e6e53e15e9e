"""Posting many."""

from datetime import timedelta

import pytest

from invoicing.commands import post_drafts, post_invoices
from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from shipping.models import ShipmentLine
from tests.given.invoicing import drafted_invoice, posted_invoice, proposed_credit

pytestmark = pytest.mark.django_db


def test_a_bad_one_does_not_stop_the_rest():
    first, bad, last = drafted_invoice(), drafted_invoice(), drafted_invoice()
    ShipmentLine.objects.filter(shipment=bad.shipment).update(returned=10)

    run = post_drafts(actor=SYSTEM)

    assert [invoice.pk for invoice in run.posted] == [first.pk, last.pk]
    ((refused, why),) = run.refused
    assert refused == bad.pk
    assert "only 0 are to be billed" in str(why)
    assert Invoice.objects.get(pk=bad.pk).state == "draft"


def test_only_drafts_until_the_day_are_posted_and_no_credit_notes():
    with clock.at(clock.today() - timedelta(days=2)):
        old = drafted_invoice()
    drafted_invoice()
    proposed_credit(posted_invoice())

    run = post_drafts(clock.today() - timedelta(days=1), actor=SYSTEM)

    assert [invoice.pk for invoice in run.posted] == [old.pk]
    assert run.posted[0].invoice_date == clock.today()


def test_chosen_drafts_are_posted_in_the_order_given():
    first, second = drafted_invoice(), drafted_invoice()

    run = post_invoices([second.pk, first.pk], actor=SYSTEM)

    assert [invoice.number[-1] for invoice in run.posted] == ["1", "2"]
    assert run.posted[0].pk == second.pk


def test_posting_many_needs_the_right(clerk):
    with pytest.raises(NotPermitted):
        post_drafts(actor=clerk)
