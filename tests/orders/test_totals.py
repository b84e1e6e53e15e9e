"""The published test vectors, through the real command."""

from decimal import Decimal

import pytest

from o2c.core.money import tax_totals
from orders.commands import LineDraft
from tests.factories.masters import (
    CurrencyFactory,
    CustomerFactory,
    ExchangeRateFactory,
    ItemFactory,
    PriceListFactory,
    TaxCodeFactory,
    TaxProfileFactory,
)
from tests.factories.orders import OrderFactory
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


def totals(*lines, percent="19", currency="EUR", tax_included=False, discount="0"):
    """Net, tax, gross of lines (quantity, price, discount percent) at one tax rate."""
    code = TaxCodeFactory(code=f"T{percent}", name=f"{percent} %", percent=Decimal(percent))
    profile = TaxProfileFactory(code=f"P{percent}", rules={"standard": code})
    CurrencyFactory(code=currency)
    if currency != "EUR":
        ExchangeRateFactory(known__code=currency)
    prices = PriceListFactory(
        code=f"{currency}-{tax_included}", iso=currency, tax_included=tax_included
    )
    customer = CustomerFactory(tax_profile=profile, currency=currency, price_list=prices)
    order = OrderFactory(
        customer=customer,
        lines=[
            LineDraft(
                ItemFactory().code,
                Decimal(quantity),
                unit_price=Decimal(price),
                price_reason="vector",
                discount_percent=Decimal(off),
            )
            for quantity, price, off in lines
        ],
        discount_amount=Decimal(discount),
    )
    assert sum(line.net for line in lines_of(order)) == order.net
    return tuple(str(figure.normalize()) for figure in (order.net, order.tax, order.gross))


def test_v1_a_line_discount_and_22_percent():
    assert totals((16, "348.35", 4), percent="22") == ("5350.66", "1177.15", "6527.81")


def test_v2_tax_is_computed_once_per_group():
    net, tax, gross = totals((10, "30.75", 5), (1, "70.00", 5), percent="15")

    assert (net, tax, gross) == ("358.63", "53.79", "412.42")


def test_v3_the_group_not_the_line_is_rounded():
    assert totals((1, "55.55", 0), (1, "11.11", 0), percent="23")[1] == "15.33"


def test_v4_a_document_discount_lowers_the_tax():
    assert totals((1, "975.00", 0), percent="24", discount="75.00")[1] == "216"


def test_v5_a_currency_without_decimals_rounds_every_line():
    assert totals((1, "100.5", 0), (1, "100.5", 0), percent="0", currency="JPY")[0] == "202"


def test_v6_the_price_basis_is_explicit():
    assert totals((10, "3.60", 0), percent="5.5")[2] == "37.98"
    assert totals((10, "3.80", 0), percent="5.5", tax_included=True)[2] == "38"


def test_v27_tax_on_the_document_without_and_with_included_tax():
    six = [(5, "5.75", 18)] * 6

    assert totals(*six, percent="21") == ("141.48", "29.71", "171.19")
    assert totals(*six, percent="21", tax_included=True) == ("116.93", "24.55", "141.48")


def test_v27_as_its_source_rounds_it_the_document_not_the_line():
    """The source keeps 23.575 a line until the sum; EN 16931 rounds the line first (V1, 4.1)."""
    exact = [("S", Decimal(21), Decimal("141.45"))]

    assert tax_totals(exact, "EUR")[:3] == (
        Decimal("141.45"),
        Decimal("29.70"),
        Decimal("171.15"),
    )


def test_a_hundred_lines_of_half_cents_add_up():
    net, tax, gross = totals(*[(1, "0.005", "33.33")] * 100, percent="19")

    assert Decimal(net) + Decimal(tax) == Decimal(gross)


def test_an_order_discount_is_shared_among_the_tax_groups_to_the_cent():
    customer = CustomerFactory()
    books = ItemFactory(tax_class="reduced")
    order = OrderFactory(
        customer=customer,
        lines=[
            LineDraft(ItemFactory().code, Decimal(1), Decimal("33.33"), "given"),
            LineDraft(books.code, Decimal(1), Decimal("66.67"), "given"),
        ],
        discount_amount=Decimal("10.00"),
    )

    assert [line.document_discount for line in lines_of(order)] == [
        Decimal("3.33"),
        Decimal("6.67"),
    ]
    assert order.net == 90
    assert order.tax == Decimal("5.70") + Decimal("4.20")
