"""A price is for the unit that was ordered: boxes at a price per box, from capture to invoice."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from invoicing.commands import post_invoice
from o2c.core.actors import SYSTEM
from orders import forms
from orders.commands import LineChange, LineDraft, amend_order, import_orders
from orders.models import Order, OrderLine
from orders.queries import lines_of as read_lines
from orders.queries import price_sentences
from reconciliation.queries.four_way import lines_of_order, match_of
from tests.factories.masters import (
    CompanyFactory,
    CustomerFactory,
    ItemUnitFactory,
    WarehouseFactory,
)
from tests.factories.orders import OrderFactory, priced_item
from tests.given.invoicing import dispatched, draft_of, planned
from tests.given.ledger import chart
from tests.given.orders import confirmed_order, lines_of, released_order
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


def drafted(customer, *lines, **draft) -> Order:
    return OrderFactory(customer=customer, lines=lines, **draft)


def boxed(customer, price, factor, **more):
    """An item at a price per piece that is sold in boxes, too."""
    item = priced_item(customer, price)
    ItemUnitFactory(item=item, factor=Decimal(factor), **more)
    return item


def hundred_boxes(item) -> LineDraft:
    return LineDraft(item.code, Decimal(100), Decimal("1.00"), price_reason="offer", unit="XBX")


@pytest.fixture
def customer():
    return CustomerFactory()


def test_a_hundred_boxes_of_144_at_one_euro_a_box_are_a_hundred_euros(customer):
    item = boxed(customer, "0.01", 144)

    order = drafted(
        customer,
        hundred_boxes(item),
    )

    line = lines_of(order)[0]
    assert (line.quantity, line.unit_price, line.price_per) == (14400, 1, 144)
    assert line.amount == order.net == 100
    assert [str(s) for s in price_sentences(line)][-1] == "14,400 × 1.00 per 144: 100.00\u00a0EUR."


def test_the_barcode_of_a_box_orders_a_box(customer):
    item = boxed(customer, "10.00", 12, barcode="BOX-OF-12")

    order = drafted(
        customer,
        LineDraft("BOX-OF-12", Decimal(2)),
        LineDraft("BOX-OF-12", Decimal(2), unit=item.unit.code),
        LineDraft(item.code, Decimal(2)),
    )

    assert [line.quantity for line in lines_of(order)] == [24, 2, 2]
    assert order.net == 280


def test_a_code_of_our_own_goes_before_the_barcode_of_anothers_box(customer):
    boxed(customer, "10.00", 12, barcode="X-1")
    own = priced_item(customer, "3.00", code="X-1")

    order = drafted(customer, LineDraft("X-1", Decimal(2)))

    assert [(line.item, line.quantity) for line in lines_of(order)] == [(own, 2)]


def test_the_customers_price_per_box_is_compared_per_box(customer):
    item = boxed(customer, "10.00", 12)
    asked = LineDraft(item.code, Decimal(2), unit="XBX", expected_price=Decimal("120.00"))

    assert drafted(customer, asked).review_notes == []

    (note,) = drafted(customer, replace(asked, expected_price=Decimal("10.00"))).review_notes
    assert (Decimal(note["theirs"]), Decimal(note["ours"])) == (10, 120)


def test_a_price_after_discount_is_compared_in_cents(customer):
    item = priced_item(customer, "10.00")
    asked = LineDraft(
        item.code,
        Decimal(1),
        discount_percent=Decimal("33.3333"),
        expected_price=Decimal("6.67"),
    )

    assert drafted(customer, asked).review_notes == []
    (note,) = drafted(customer, replace(asked, expected_price=Decimal("6.66"))).review_notes
    assert note["ours"] == "6.666670"


def test_a_unit_whose_price_no_column_holds_keeps_the_price_per_stock_unit(customer):
    item = boxed(customer, "0.000001", "2.5")
    asked = LineDraft(item.code, Decimal(4), unit="XBX", expected_price=Decimal("0.0000025"))

    order = drafted(customer, asked)

    line = lines_of(order)[0]
    assert (line.quantity, line.price_per, line.price_unit) == (10, 1, None)
    assert order.review_notes == []


def test_the_database_refuses_a_price_per_box_that_names_no_unit(customer):
    order = drafted(customer, LineDraft(priced_item(customer, "1").code, Decimal(1)))

    refused = pytest.raises(IntegrityError, match="orders_orderline_price_per_unit_ordered")
    with refused, transaction.atomic():
        OrderLine.objects.filter(order=order).update(price_per=12)


def test_a_file_orders_boxes_at_a_price_per_box(customer):
    WarehouseFactory()
    item = boxed(customer, "0.01", 144, barcode="GROSS")
    customer.code = "ACME"
    customer.save()
    rows = [
        "order;customer;item;quantity;unit;agreed_price;price_reason;price",
        f"A;ACME;{item.code};100;XBX;1.00;offer;1.00",
        "B;ACME;GROSS;100;;1.00;offer;1.00",
        "C;ACME;GROSS;2;;;;1.44",
    ]

    result = import_orders("orders.csv", "\n".join(rows).encode(), actor=SYSTEM)

    assert not result.refused
    nets = Order.objects.order_by("pk").values_list("net", flat=True)
    assert list(nets) == [100, 100, Decimal("2.88")]
    notes = [note["code"] for order in Order.objects.all() for note in order.review_notes]
    assert "price" not in notes


def test_the_form_shows_a_line_in_the_unit_ordered(customer):
    item = boxed(customer, "0.01", 144)
    order = drafted(customer, hundred_boxes(item))

    (line,) = read_lines(order)
    shown = forms.line_initial(line)

    assert (shown["quantity"], shown["unit"], shown["unit_price"]) == (100, "XBX", 1)


def test_a_copy_of_a_line_that_is_no_whole_box_any_more_is_in_stock_units(customer):
    item = boxed(customer, "10.00", 12)
    order = confirmed_order(customer=customer, lines=[LineDraft(item.code, Decimal(2), unit="XBX")])
    pieces = LineChange(line_id=lines_of(order)[0].pk, quantity=Decimal(25))
    amended = amend_order(order.pk, changes=[pieces], version=order.version, actor=SYSTEM)

    (line,) = read_lines(amended)
    shown = forms.line_initial(line)

    assert amended.net == 250
    assert (shown["quantity"], shown["unit"]) == (25, "")


def test_an_amended_price_is_for_the_unit_ordered(customer):
    item = boxed(customer, "0.01", 144)
    order = confirmed_order(customer=customer, lines=[hundred_boxes(item)])
    cheaper = LineChange(
        line_id=lines_of(order)[0].pk, unit_price=Decimal("0.50"), price_reason="late"
    )

    amended = amend_order(order.pk, changes=[cheaper], version=order.version, actor=SYSTEM)

    assert amended.net == 50


def test_boxes_are_billed_at_their_price_per_box_and_match(customer, clara):
    item = boxed(customer, "0.01", 144)
    CompanyFactory()
    chart()
    stock(item, 14400, unit_cost=Decimal("0.005"))
    order = released_order(customer=customer, lines=[hundred_boxes(item)])
    draft = draft_of(dispatched(planned(order)[0]))

    invoice = post_invoice(draft.pk, actor=SYSTEM)

    (line,) = invoice.lines.all()
    assert (line.unit_price, line.price_per, line.amount, invoice.net) == (1, 144, 100, 100)
    assert invoice.snapshot["lines"][0]["price_per"] == "144"
    (match,) = match_of(lines_of_order(invoice.order_id))
    assert not any("price" in words for words in match.breaks)
    page = clara.get(reverse("orders:order_detail", args=[invoice.order_id]))
    assert "per 144" in " ".join(page.content.decode().split())
