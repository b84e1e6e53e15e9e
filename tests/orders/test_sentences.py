"""Stored decisions read as sentences, every kind of step among them."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.core import clock
from orders.commands import LineDraft
from orders.queries import (
    line_views,
    price_sentences,
    promise_sentences,
    review_sentences,
    tax_sentence,
)
from tests.factories.masters import (
    CustomerFactory,
    PriceListFactory,
    PriceListItemFactory,
    ServiceFactory,
)
from tests.factories.orders import OrderFactory, priced_item
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.orders import confirmed_order, lines_of
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


def plain(said):
    """Sentences with ordinary blanks."""
    if isinstance(said, list):
        return [plain(sentence) for sentence in said]
    return said.replace("\N{NO-BREAK SPACE}", " ")


def test_every_step_of_a_price_is_a_sentence():
    customer = CustomerFactory()
    item = priced_item(customer, "10.00")
    PriceListItemFactory(
        price_list=customer.price_list,
        item=item,
        min_quantity=100,
        price=Decimal("9.00"),
        discount_percent=Decimal(5),
    )
    order = OrderFactory(
        customer=customer,
        lines=[LineDraft(item.code, Decimal(100), discount_percent=Decimal(10))],
        discount_amount=Decimal("9.50"),
    )

    assert plain(price_sentences(lines_of(order)[0])) == [
        "List price 10.00 (STANDARD-EUR).",
        "From 100: 9.00 (STANDARD-EUR).",
        "Discount of the list: 5 %.",
        "Discount on this line: 10 %.",
        "100 × 9.00, less 14.5 %: 769.50 EUR.",
        "Share of the order's discount: 9.50 EUR.",
        "Net amount: 760.00 EUR.",
    ]


def test_a_contract_and_a_price_by_hand_say_so():
    customer = CustomerFactory()
    item = priced_item(customer, "10.00")
    contract = PriceListFactory(code="ACME-2026", customer=customer)
    PriceListItemFactory(price_list=contract, item=item, price=Decimal("8.00"))
    by_hand = LineDraft(item.code, Decimal(1), Decimal(7), "fair")
    new = LineDraft(ServiceFactory().code, Decimal(1), Decimal(50), "quoted")
    order = OrderFactory(customer=customer, lines=[(item, 1), by_hand, new])

    agreed, changed, unlisted = lines_of(order)
    assert "Agreed with the customer: 8.00 (ACME-2026)." in price_sentences(agreed)
    assert "Set by hand: 7.00 instead of 8.00. Reason: fair" in price_sentences(changed)
    assert plain(price_sentences(unlisted)) == [
        "Set by hand: 50.00. Reason: quoted",
        "1 × 50.00: 50.00 EUR.",
    ]


def test_a_price_with_tax_inside_says_what_is_left_without():
    prices = PriceListFactory(code="GROSS", tax_included=True)
    customer = CustomerFactory(price_list=prices)
    order = OrderFactory(customer=customer, lines=[(1, "11.90")])

    line = lines_of(order)[0]
    assert plain(price_sentences(line))[-1] == (
        "Net amount without the tax inside the price: 10.00 EUR."
    )
    assert (order.net, order.gross) == (10, Decimal("11.90"))


def test_the_tax_says_why():
    customer = CustomerFactory()
    free = priced_item(customer, "1", tax_class="exempt")
    order = OrderFactory(customer=customer, lines=[(1, "1"), (free, 1)])

    taxed, exempt = lines_of(order)
    assert plain(tax_sentence(taxed)) == (
        "S19: 19 % (Standard rate). Items taxed “Standard”, buyers “DOMESTIC”."
    )
    assert tax_sentence(exempt).endswith("Exempt from VAT")


def test_a_promise_lists_its_parts_and_terms():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    with clock.at(date(2026, 11, 21)):
        stock(item, 12)
        ExpectedReceiptFactory(
            item=item, quantity=10, expected_date=date(2026, 12, 4), reference="PO-7"
        )
        first = confirmed_order(customer=customer, lines=[(item, 5)])
        order = confirmed_order(customer=customer, lines=[(item, 20)])

    assert promise_sentences(lines_of(order)[0]) == [
        "7 on 21 Nov 2026.",
        "10 on 4 Dec 2026.",
        "3 without a date.",
        "On hand: 12.",
        "Expected on 4 Dec 2026: 10 (PO-7).",
        f"Promised to {first.number} for 21 Nov 2026: 5.",
    ]
    assert (
        line_views(lines_of(order))[0].promise == "7 on 21 Nov 2026 · 10 on 4 Dec 2026 · 3 no date"
    )


def test_what_is_to_review_is_named():
    notes = [
        {"code": "duplicate", "reference": "PO-1", "order": "SO-000001"},
        {"code": "price", "line": "2", "item": "BOLT", "theirs": "9.5", "ours": "10"},
        {"code": "total", "theirs": "11", "ours": "11.9", "currency": "EUR"},
        {"code": "requested_date", "day": "2026-11-01"},
    ]

    assert plain(review_sentences(notes)) == [
        "Number PO-1 is already order SO-000001.",
        "Line 2, BOLT: the customer says 9.50, our price is 10.00.",
        "The customer's total is 11.00, ours is 11.90 EUR.",
        "The requested day 1 Nov 2026 has passed.",
    ]
