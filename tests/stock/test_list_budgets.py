"""Every list of the goods book costs the same for 10 rows and for 200."""

from decimal import Decimal

import pytest
from django.urls import reverse

from o2c.core.actors import SYSTEM
from o2c.stock.commands import (
    Adjustment,
    Counted,
    Receipt,
    Transfer,
    adjust_stock,
    count_stock,
    receive_goods,
    transfer_stock,
)
from tests.factories.masters import ItemFactory
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.stock import reserved, stock, storage
from tests.web_budget import DETAIL_BUDGET, assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db

ONE = Decimal(1)


@pytest.fixture
def book():
    """A balance with plenty on it, and how one more document of each kind is made."""
    balance = stock(quantity=1000)
    item, here, there = balance.item_id, balance.location_id, storage(1).pk
    warehouse = balance.location.warehouse_id
    return {
        "stock_receipt": lambda: receive_goods(warehouse, [Receipt(item, here, ONE)], actor=SYSTEM),
        "stock_transfer": lambda: transfer_stock(
            warehouse, [Transfer(item, here, there, ONE)], actor=SYSTEM
        ),
        "stock_adjustment": lambda: adjust_stock(
            warehouse, [Adjustment(item, here, ONE)], reason="found", actor=SYSTEM
        ),
        "stock_count": lambda: count_stock(warehouse, there, [Counted(item, ONE)], actor=SYSTEM),
        "expected_receipt": ExpectedReceiptFactory,
    }


@pytest.mark.parametrize(
    "document",
    ["stock_receipt", "stock_transfer", "stock_adjustment", "stock_count", "expected_receipt"],
)
def test_a_list_of_documents_keeps_its_budget(document, book, boss):
    make = book[document]

    assert_list_budget(
        boss, reverse(f"stock:{document}_list"), lambda more: [make() for _row in range(more)]
    )


def test_the_overview_keeps_its_budget(boss):
    assert_list_budget(
        boss,
        reverse("stock:balance_list"),
        lambda more: [stock(item) for item in ItemFactory.create_batch(more)],
    )


def test_the_card_of_an_item_keeps_its_budget_whatever_moved_and_whoever_holds_it(boss):
    balance = stock(quantity=1000)
    sources = iter(range(1, 1000))

    def more(count):
        for _row in range(count):
            stock(balance.item, 1)
            reserved(balance, next(sources))

    more(100)  # what is longer than a page is counted, once
    card = reverse("stock:item_stock", args=[balance.item_id])
    assert_list_budget(boss, card, more, DETAIL_BUDGET)  # places, holders and receipts, too


@pytest.mark.parametrize("document", ["stock_receipt", "stock_transfer", "stock_count"])
def test_a_document_keeps_its_budget(document, book, boss):
    assert_detail_budget(boss, book[document]().get_absolute_url())
