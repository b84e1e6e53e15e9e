"""Posting credit notes: approved by another person, the exact mirror."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from invoicing.commands import (
    CreditedTwice,
    approve_credit_note,
    draft_credit_for_return,
    draft_credit_note,
    post_invoice,
)
from invoicing.models import CreditKind, Invoice
from invoicing.queries import tax_lines_of
from o2c.core import clock, events
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.queries import balance
from o2c.ledger.queries import lines_of as entry_lines
from o2c.masters.models import PriceList
from shipping.commands import announce_return, receive_return
from tests.conftest import person
from tests.factories.masters import CurrencyFactory, CustomerFactory, ExchangeRateFactory
from tests.given.invoicing import (
    drafted_invoice,
    posted_credit,
    posted_invoice,
    proposed_credit,
    returned,
)

pytestmark = pytest.mark.django_db

D = Decimal
BORIS = SystemActor("boris")


def booked(invoice):
    return sorted(
        (line.account.role, line.customer_id, line.currency, line.amount, line.base_amount)
        for line in entry_lines(invoice.entry)
    )


def test_v8_a_full_credit_is_the_mirror_of_its_invoice_to_the_cent():
    invoice = posted_invoice((1, "7612.50"))

    note = posted_credit(invoice)

    assert note.tax == D("1446.38")
    assert (note.net, note.tax, note.gross) == (invoice.net, invoice.tax, invoice.gross)
    assert note.number == f"CN-{clock.today().year}-000001"
    mirrored = [(r, c, cur, -a, -b) for r, c, cur, a, b in booked(invoice)]
    assert booked(note) == sorted(mirrored)
    assert [(t.base, t.tax) for t in tax_lines_of(note.pk)] == [
        (t.base, t.tax) for t in tax_lines_of(invoice.pk)
    ]


def test_in_a_foreign_currency_the_base_amounts_are_mirrored_at_the_invoice_s_rate():
    CurrencyFactory(code="USD")
    ExchangeRateFactory(currency="USD", rate=D("0.915"))
    invoice = posted_invoice((1, "0.55"), customer=CustomerFactory(currency="USD"))
    ExchangeRateFactory(currency="USD", date=clock.today(), rate=D("0.5"))

    note = posted_credit(invoice)

    assert booked(note) == sorted((r, c, cur, -a, -b) for r, c, cur, a, b in booked(invoice))


@pytest.mark.parametrize("tax_included", [False, True])
def test_partial_credits_add_up_to_the_invoice(tax_included):
    customer = CustomerFactory()
    PriceList.objects.filter(pk=customer.price_list_id).update(tax_included=tax_included)
    customer.price_list.refresh_from_db()
    invoice = posted_invoice((7, "0.33"), (3, "1.01"), customer=customer)

    notes = [posted_credit(invoice, *part) for part in ((2, 1), (2, 0), (1, 1), (2, 1))]

    for figure in ("net", "tax", "gross"):
        assert sum(getattr(note, figure) for note in notes) == getattr(invoice, figure)
    invoice.refresh_from_db()
    assert invoice.credited == invoice.gross
    with pytest.raises(RuleViolation):
        proposed_credit(invoice)


def test_two_proposals_of_one_moment_still_mirror_when_one_is_dropped():
    invoice = posted_invoice((3, "0.35"))
    first, second = proposed_credit(invoice, 1), proposed_credit(invoice, 2)
    assert first.tax + second.tax == invoice.tax

    approve_credit_note(second.pk, actor=SYSTEM)
    approve_credit_note(first.pk, actor=SYSTEM)

    notes = Invoice.objects.credit_notes().posted()
    assert sum(note.tax for note in notes) == invoice.tax
    assert sum(note.gross for note in notes) == invoice.gross


def test_v52_a_return_and_its_credit_step_by_step():
    invoice = posted_invoice((10, "10.00"))
    returned(invoice.shipment, 5)
    line = invoice.order.lines.get()
    assert (line.returned, line.invoiced, line.credited) == (5, 10, 0)

    note = invoice.credit_notes.first() or proposed_credit(invoice, 5, kind=CreditKind.RETURN)
    approve_credit_note(note.pk, actor=SYSTEM)

    line.refresh_from_db()
    assert (line.shipped - line.returned, line.invoiced - line.credited) == (5, 5)
    assert line.billable_quantity == 0
    assert balance("SHIPPED_NOT_INVOICED") == 0
    assert balance("COGS") == D("6.25")


def test_an_amount_leaves_quantities_and_costs_alone():
    invoice = posted_invoice((10, "10.00"))
    cost = balance("COGS")

    posted_credit(invoice, "20", kind=CreditKind.PRICE)

    line = invoice.order.lines.get()
    assert (line.invoiced, line.credited, line.billable_quantity) == (10, 0, 0)
    assert balance("COGS") == cost
    assert balance("REVENUE") == -80


def test_the_proposer_cannot_approve_his_own():
    invoice = posted_invoice()
    note = draft_credit_note(invoice.pk, kind="price", reason="x", actor=BORIS)

    with pytest.raises(NotPermitted, match="somebody else"):
        approve_credit_note(note.pk, actor=BORIS)

    assert approve_credit_note(note.pk, actor=SYSTEM).number


@pytest.mark.parametrize("action", ["announced", "received"])
def test_who_says_that_goods_came_back_does_not_approve_their_credit(controller, action):
    """The product proposes it, on that person's word alone."""
    controller.groups.add(Group.objects.get(name="shipping clerk"))
    both = type(controller).objects.get(pk=controller.pk)
    invoice = posted_invoice()
    back = {invoice.shipment.lines.get().pk: D(4)}
    first, second = (both, SYSTEM) if action == "announced" else (SYSTEM, both)
    announced = announce_return(invoice.shipment_id, lines=back, reason="broken", actor=first)
    receive_return(announced.pk, actor=second)
    draft_credit_for_return(announced.pk, actor=SYSTEM)
    note = Invoice.objects.get(goods_return=announced)

    with pytest.raises(NotPermitted, match="somebody else has to approve their credit"):
        approve_credit_note(note.pk, actor=both)

    assert approve_credit_note(note.pk, actor=person("controller")).number


def test_a_draft_of_an_invoice_is_not_approved_and_a_credit_note_not_posted():
    with pytest.raises(RuleViolation, match="It is Draft"):
        approve_credit_note(drafted_invoice().pk, actor=SYSTEM)
    with pytest.raises(RuleViolation, match="It is Waiting"):
        post_invoice(proposed_credit(posted_invoice()).pk, actor=SYSTEM)


def test_a_date_before_the_invoice_s_is_refused():
    note = proposed_credit(posted_invoice())

    with pytest.raises(RuleViolation, match="The date lies between"):
        approve_credit_note(note.pk, invoice_date=clock.today() - timedelta(days=1), actor=SYSTEM)


def test_the_database_refuses_to_credit_more_than_was_billed_and_says_so():
    invoice = posted_invoice((10, "10.00"))
    note = proposed_credit(invoice, "60", kind=CreditKind.PRICE)
    Invoice.objects.filter(pk=invoice.pk).update(credited=D(100))

    with pytest.raises(CreditedTwice, match="than INV"):
        approve_credit_note(note.pk, actor=SYSTEM)


def test_the_event_says_what_was_credited():
    invoice = posted_invoice()

    note = posted_credit(invoice)

    facts = Event.objects.filter(name="invoice.posted").latest("pk").facts
    assert facts["number"] == note.number
    assert facts["credits"] == invoice.number


def test_approving_needs_the_right(biller):
    note = proposed_credit(posted_invoice())

    with pytest.raises(NotPermitted):
        approve_credit_note(note.pk, actor=biller)


@pytest.mark.parametrize("lines", [1, 12])
def test_approving_takes_the_same_few_statements_for_any_number_of_lines(
    count_statements, monkeypatch, lines
):
    note = proposed_credit(posted_invoice(*[(2, "3.50")] * lines))

    monkeypatch.setattr(events, "_after", {})
    with count_statements() as count:
        approve_credit_note(note.pk, actor=SYSTEM)

    own = [sql for sql in count.statements if "receivables_" not in sql]
    assert len(own) <= 15, str(count)
