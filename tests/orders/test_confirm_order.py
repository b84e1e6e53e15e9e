from datetime import date, timedelta
from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.models import Event
from orders.commands import (
    LineDraft,
    confirm_order,
)
from orders.models import OrderState
from tests.factories.masters import CustomerFactory, ServiceFactory
from tests.factories.orders import OrderFactory, priced_item
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.orders import confirmed_order, lines_of, released_order, submitted_order
from tests.given.stock import reserved, stock

pytestmark = pytest.mark.django_db


TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _today():
    with clock.at(TODAY):
        yield


def test_confirming_needs_six_statements_whatever_the_number_of_lines(count_statements):
    for number in (1, 30):
        order = submitted_order(lines=[(1, "1.00")] * number)
        with count_statements() as count:
            confirm_order(order.pk, actor=SYSTEM)
        assert int(count) <= 6, str(count)


def test_a_confirmed_order_promises_what_is_there_and_what_comes():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    stock(item, 12)
    ExpectedReceiptFactory(
        item=item, quantity=50, expected_date=date(2026, 12, 4), reference="PO-7"
    )

    order = confirmed_order(customer=customer, lines=[(item, 40)])

    line = lines_of(order)[0]
    assert line.promise["parts"] == [
        {"day": "2026-11-21", "quantity": "12.000"},
        {"day": "2026-12-04", "quantity": "28.000"},
    ]
    assert order.promised_date == line.promised_date == date(2026, 12, 4)
    assert [term["kind"] for term in line.promise["terms"]] == ["on_hand", "receipt"]


def test_a_line_without_supply_has_no_date_and_so_has_the_order():
    order = confirmed_order()

    assert order.promised_date is None
    assert lines_of(order)[0].promise["missing"] == "1.000"


def test_goods_promised_to_one_order_are_not_promised_to_the_next():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    stock(item, 10)
    confirmed_order(customer=customer, lines=[(item, 7)])

    second = confirmed_order(customer=customer, lines=[(item, 7)])

    line = lines_of(second)[0]
    assert line.promise["parts"] == [{"day": "2026-11-21", "quantity": "3.000"}]
    assert line.promise["missing"] == "4.000"


def test_goods_set_aside_for_a_promise_count_once():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    balance = stock(item, 10)
    first = released_order(customer=customer, lines=[(item, 6)])
    line = lines_of(first)[0]
    reserved(balance, line.pk, 4)
    from orders.commands import record_reserved

    record_reserved(first.pk, {line.pk: Decimal(4)}, actor=SYSTEM)

    second = confirmed_order(customer=customer, lines=[(item, 10)])

    terms = [(t["kind"], t["quantity"]) for t in lines_of(second)[0].promise["terms"]]
    assert terms == [("on_hand", "10.000"), ("reserved", "-4.000"), ("promised", "-2.000")]
    assert lines_of(second)[0].promise["missing"] == "6.000"


def test_a_service_is_promised_for_the_day_it_is_wanted():
    customer = CustomerFactory()
    service = ServiceFactory()
    wanted = TODAY + timedelta(days=9)
    line = LineDraft(service.code, Decimal(1), Decimal(50), "given", requested_date=wanted)

    order = confirmed_order(customer=customer, lines=[line])

    assert order.promised_date == wanted


def test_confirming_is_on_record_with_its_total():
    order = confirmed_order(lines=[(10, "10")])

    event = Event.objects.get(name="order.confirmed")
    assert event.facts["gross"] == "119.00"  # to the cent, however the database keeps it
    assert (event.document_id, event.old_state) == (order.pk, "submitted")


def test_only_a_submitted_order_can_be_confirmed():
    order = OrderFactory()

    with pytest.raises(TransitionRefused):
        confirm_order(order.pk, actor=SYSTEM)


def test_a_picker_may_not_confirm(picker):
    order = submitted_order()

    with pytest.raises(NotPermitted):
        confirm_order(order.pk, actor=picker)

    order.refresh_from_db()
    assert order.state == OrderState.SUBMITTED
    assert lines_of(order)[0].promise == {}
