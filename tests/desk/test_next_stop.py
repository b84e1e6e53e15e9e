"""“Next: …”: what waits for somebody after a document, in at most two statements."""

from decimal import Decimal

import pytest

from o2c.desk.trace import chain, next_stop
from tests.given.invoicing import drafted_invoice, posted_invoice, proposed_credit
from tests.given.logistics import planned_list
from tests.given.orders import confirmed_order
from tests.given.receivables import opened, paid

pytestmark = pytest.mark.django_db

D = Decimal


def test_a_list_to_pick_waits_after_its_order():
    pick_list = planned_list((5, 5))

    stop = next_stop(pick_list.order)

    assert (str(stop.kind), stop.number) == ("Pick", pick_list.number)
    assert str(stop.badge.label) == pick_list.get_state_display()
    assert stop.url == pick_list.get_absolute_url()


def test_a_draft_without_number_is_named_by_its_key():
    invoice = drafted_invoice((2, "10.00"))

    stop = next_stop(invoice.order)

    assert (str(stop.kind), stop.number) == ("Invoice", str(invoice))


def test_a_credit_note_to_approve_is_called_one():
    note = proposed_credit(posted_invoice((2, "10.00")), 1)

    stop = next_stop(note.order)

    assert (str(stop.kind), stop.number) == ("Credit note", str(note))


def test_the_first_stop_to_come_has_a_kind_only():
    invoice = posted_invoice((2, "10.00"))

    stop = next_stop(invoice)

    assert (str(stop.kind), stop.number) == ("Payment", "")


def test_it_takes_two_statements_at_most(count_statements):
    invoice = posted_invoice((2, "10.00"))
    payment = paid(opened(invoice)[0], "5.00")

    for document in (invoice.order, invoice, payment):
        with count_statements() as count:
            next_stop(document)
        assert int(count) <= 2, str(count)


def test_the_chain_and_the_next_stop_agree_on_the_way():
    order = confirmed_order()

    to_come = [node for node in chain(order) if not node.number]
    waiting = [node for node in chain(order) if node.number and node.status == "planned"]

    assert next_stop(order).kind == (waiting[-1:] or to_come)[0].kind
