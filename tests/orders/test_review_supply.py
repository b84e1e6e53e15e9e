from datetime import date
from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from orders.commands import confirm_order, review_supply
from orders.queries import review_sentences
from tests.factories.masters import ItemFactory, ServiceFactory
from tests.factories.orders import LineDraft
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.orders import confirmed_order, submitted_order
from tests.given.stock import stock

pytestmark = pytest.mark.django_db

TODAY, SOON, LATER = date(2026, 11, 21), date(2026, 12, 1), date(2026, 12, 9)


@pytest.fixture(autouse=True)
def _today():
    with clock.at(TODAY):
        yield


def order_of(item, quantity, **draft):
    wanted = LineDraft(item.code, Decimal(quantity), unit_price=Decimal(10), price_reason="agreed")
    return submitted_order(lines=[wanted], **draft)


def reviewed(order):
    return review_sentences(review_supply(order.pk, actor=SYSTEM).review_notes)


def test_goods_that_are_there_need_no_look():
    order = order_of(stock(quantity=5).item, 5, requested_date=SOON)
    before = Event.objects.count()

    assert reviewed(order) == []
    assert Event.objects.count() == before


def test_goods_that_come_too_late_are_named_with_both_days():
    item = stock(quantity=2, item=ItemFactory(code="BOLT")).item
    ExpectedReceiptFactory(item=item, quantity=10, expected_date=LATER)

    order = order_of(item, 5, requested_date=SOON)

    assert reviewed(order) == ["Line 1, BOLT: asked for 1 Dec 2026, promised for 9 Dec 2026."]
    assert Event.objects.filter(name="order.review_noted", document_id=order.pk).count() == 1


def test_who_names_no_day_takes_the_one_we_can_promise():
    item = stock(quantity=2).item
    ExpectedReceiptFactory(item=item, quantity=10, expected_date=LATER)

    assert reviewed(order_of(item, 5)) == []


def test_what_is_promised_to_others_is_not_there():
    item = stock(quantity=5, item=ItemFactory(code="BOLT")).item
    confirm_order(order_of(item, 4).pk, actor=SYSTEM)

    assert reviewed(order_of(item, 4)) == ["Line 1, BOLT: for 3 of 4 there are no goods in sight."]


def test_services_are_never_short():
    assert reviewed(order_of(ServiceFactory(), 3, requested_date=SOON)) == []


def test_a_confirmed_order_is_not_reviewed_again():
    order = confirmed_order()

    assert review_supply(order.pk, actor=SYSTEM).review_notes == []


def test_a_picker_does_not_review(picker):
    with pytest.raises(NotPermitted):
        review_supply(order_of(stock().item, 1).pk, actor=picker)
