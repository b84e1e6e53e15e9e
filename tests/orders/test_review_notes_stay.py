"""Editing an imported order looks at its review notes again and keeps those that still hold."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from orders.commands import LineDraft, OrderDraft, edit_draft
from orders.models import Order
from orders.rules.drafts import still_claimed
from tests.edited_documents import imported_with_notes
from tests.factories.masters import CustomerFactory, WarehouseFactory
from tests.given.orders import lines_of
from tests.given.stock import stock

pytestmark = pytest.mark.django_db
D = Decimal
PASSED = date(2026, 3, 2)


@pytest.fixture
def order():
    """3 pieces at 10.00; the customer says 9.00, 32.13 in total, PO-1 again and a passed day."""
    WarehouseFactory()
    with clock.at(date(2026, 11, 21)):
        yield imported_with_notes(CustomerFactory(code="ACME", po_policy="warn"))


def typed(order) -> OrderDraft:
    """The order as its form has it."""
    line = lines_of(order)[0]
    asked = LineDraft(line.item.code, line.quantity, requested_date=line.requested_date)
    return OrderDraft(
        order.customer_id, [asked], requested_date=order.requested_date,
        customer_reference=order.customer_reference, order_date=order.order_date,
    )  # fmt: skip


def notes_after(order, draft) -> dict[str, dict[str, str]]:
    edit_draft(order.pk, draft, version=order.version, actor=SYSTEM)
    return {note["code"]: note for note in Order.objects.get(pk=order.pk).review_notes}


def test_a_note_of_every_kind_stays_when_something_else_is_changed(order):
    before = {note["code"]: note for note in order.review_notes}
    assert set(before) == {"requested_date", "duplicate", "price", "total", "stock"}

    assert notes_after(order, replace(typed(order), note="Call first.")) == before


def test_what_is_as_the_customer_says_is_noted_no_more(order):
    draft = typed(order)
    line = replace(draft.lines[0], unit_price=D("9.00"), price_reason="agreed", requested_date=None)
    stock(lines_of(order)[0].item, 5)

    after = notes_after(
        order, replace(draft, lines=[line], requested_date=None, customer_reference="PO-2")
    )

    assert after == {}


def test_another_quantity_has_other_figures_in_its_notes(order):
    draft = typed(order)

    after = notes_after(order, replace(draft, lines=[replace(draft.lines[0], quantity=D(4))]))

    assert (after["total"]["theirs"], after["total"]["ours"]) == ("32.13", "47.60")
    assert (after["stock"]["missing"], after["price"]["theirs"]) == ("4.000", "9.00")


def test_a_price_goes_with_its_line_wherever_that_is_moved():
    note = {"code": "price", "line": "2", "item": "NUT", "theirs": "9", "ours": "10"}
    bolt, nut = LineDraft("BOLT", D(1)), LineDraft("nut", D(1))

    def claimed(*lines):
        draft = still_claimed(OrderDraft(1, lines), [note])
        return [line.expected_price for line in draft.lines]

    assert claimed(bolt, nut) == [None, 9]
    assert claimed(nut, nut) == [None, 9]
    assert claimed(nut, bolt) == [9, None]
    assert claimed(bolt, bolt) == [None, None]


def test_a_total_in_another_currency_is_not_compared():
    note = {"code": "total", "theirs": "32.13", "ours": "35.70", "currency": "EUR"}

    assert still_claimed(OrderDraft(1), [note]).expected_total == D("32.13")
    assert still_claimed(OrderDraft(1, currency="EUR"), [note]).expected_total == D("32.13")
    assert still_claimed(OrderDraft(1, currency="USD"), [note]).expected_total is None
