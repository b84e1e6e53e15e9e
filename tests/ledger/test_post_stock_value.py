"""What the goods book gains or loses in value reaches the money book once."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.ledger.commands import PeriodClosed, post_stock_value
from o2c.ledger.models import Entry, Role
from o2c.ledger.queries import balance
from tests.given.ledger import DAY, chart, closed_period

pytestmark = pytest.mark.django_db

SOURCE = ("masters.company", 1)


def post(value, against=Role.GOODS_RECEIVED, source=SOURCE):
    return post_stock_value(source, Decimal(value), against, DAY, actor=SYSTEM, description="given")


def test_goods_that_came_stand_against_what_we_will_be_billed():
    chart()

    post("100.00")

    assert (balance("INVENTORY"), balance("GOODS_RECEIVED")) == (100, -100)


def test_goods_that_are_lost_are_a_loss():
    chart()

    post("-12.50", Role.STOCK_ADJUSTMENT)

    assert (balance("INVENTORY"), balance("STOCK_ADJUSTMENT")) == (
        Decimal("-12.50"),
        Decimal("12.50"),
    )


def test_nothing_of_value_posts_nothing():
    chart()

    post("0")

    assert not Entry.objects.exists()


def test_the_same_document_posts_once():
    chart()

    post("100.00")
    post("100.00")

    assert Entry.objects.count() == 1
    assert balance("INVENTORY") == 100


def test_a_closed_month_takes_no_value():
    chart()
    closed_period()

    with pytest.raises(PeriodClosed):
        post("100.00")
