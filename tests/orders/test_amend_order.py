from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, StaleVersion
from o2c.core.models import Event
from orders import commands
from orders.commands import LineChange, amend_order, hold_order
from orders.models import HoldKind, Order, OrderState
from tests.factories.masters import german_rates
from tests.factories.orders import OrderFactory, priced_item
from tests.given.orders import (
    confirmed_order,
    invoiced_order,
    lines_of,
    quantities_of,
    released_order,
    reserved_order,
    shipped_order,
)
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


def amended(order, *changes, actor=SYSTEM, **more) -> Order:
    order = Order.objects.get(pk=order.pk)
    return amend_order(
        order.pk, changes=changes, version=more.pop("version", order.version), actor=actor, **more
    )


def quantity(order, new, line=0, **more) -> LineChange:
    return LineChange(line_id=lines_of(order)[line].pk, quantity=Decimal(new), **more)


def refused(order, *changes) -> RuleViolation:
    before = [(line.quantity, line.unit_price) for line in lines_of(order)]
    with pytest.raises(RuleViolation) as refusal:
        amended(order, *changes)
    assert [(line.quantity, line.unit_price) for line in lines_of(order)] == before
    return refusal.value


def test_a_smaller_order_keeps_its_price_per_unit():
    order = released_order(lines=[(10, "2.00")])

    changed = amended(order, quantity(order, 7), reason="customer called")

    line = lines_of(order)[0]
    assert (line.quantity, line.unit_price, line.net) == (7, 2, 14)
    assert (changed.state, changed.net) == (OrderState.RELEASED, 14)


def test_every_change_is_on_record_with_old_and_new(clerk):
    order = confirmed_order(lines=[(10, "2.00")])

    amended(order, quantity(order, 7), reason="customer called", actor=clerk)

    event = Event.objects.get(name="order.amended")
    assert event.facts["changes"] == [{"line": 1, "field": "quantity", "old": "10.000", "new": "7"}]
    assert (event.actor, event.facts["reason"]) == ("clara", "customer called")
    history = lines_of(order)[0].history.order_by("-history_id")
    assert [row.quantity for row in history] == [7, 10]
    assert history[0].history_change_reason == "customer called"


def test_v18_cutting_an_order_gives_back_what_is_set_aside_for_it():
    order, balance = reserved_order(in_stock=10, ordered=10)

    amended(order, quantity(order, 4))

    balance.refresh_from_db()
    assert balance.reserved == lines_of(order)[0].reserved == 4


def test_v23_a_cut_order_leaves_only_the_rest_to_pick():
    order = shipped_order([6], lines=[(10, "1")])

    amended(order, quantity(order, 7))

    assert lines_of(order)[0].open_quantity == 1


def test_cutting_to_what_has_shipped_completes_the_order():
    order = shipped_order([6], lines=[(10, "1")])

    assert amended(order, quantity(order, 6)).state == OrderState.SHIPPED


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (lambda: shipped_order([6], lines=[(10, "1")]), "6 are shipped, it cannot become 5"),
        (lambda: picked_order(6), "6 are picked, it cannot become 5"),
    ],
)
def test_v08_never_below_what_is_out_or_picked(reach, words):
    order = reach()

    refusal = refused(order, quantity(order, 5))

    assert words in str(refusal)
    assert (refusal.field, refusal.row) == ("quantity", 0)


def picked_order(picked) -> Order:
    order = released_order(lines=[(10, "1")])
    return commands.record_picked(order.pk, quantities_of(order, [picked]), actor=SYSTEM)


def test_v08_a_delivered_line_may_grow_and_cost_more_while_nothing_is_billed():
    order = shipped_order(lines=[(4, "100.00")])
    assert order.state == OrderState.SHIPPED

    changed = amended(
        order, quantity(order, 7, unit_price=Decimal(200), price_reason="agreed by phone")
    )

    line = lines_of(order)[0]
    assert (line.amount, line.open_quantity) == (1400, 3)
    assert changed.state == OrderState.CONFIRMED
    assert Event.objects.filter(name="order.reopened").count() == 1


def test_a_billed_line_keeps_its_price():
    order = invoiced_order(lines=[(4, "100.00")])

    refusal = refused(order, quantity(order, 7, unit_price=Decimal(200), price_reason="no"))

    assert "billed" in str(refusal)
    assert amended(order, quantity(order, 7)).net == 700


def test_more_of_a_released_order_goes_back_to_the_credit_check():
    order = released_order(lines=[(1, "100.00")])

    assert amended(order, quantity(order, 2)).state == OrderState.CONFIRMED
    assert commands.release_order(order.pk, actor=SYSTEM).state == OrderState.RELEASED


def test_an_order_in_work_comes_back_into_work_after_the_credit_check():
    order = released_order(lines=[(1, "100.00")])
    commands.start_fulfillment(order.pk, actor=SYSTEM)
    amended(order, quantity(order, 2))

    assert commands.release_order(order.pk, actor=SYSTEM).state == OrderState.IN_FULFILLMENT


def test_a_held_order_that_grows_is_resumed_into_the_credit_check():
    order = released_order(lines=[(1, "100.00")])
    hold_order(order.pk, reason="Wait.", actor=SYSTEM)

    amended(order, quantity(order, 2))

    assert commands.resume_order(order.pk, actor=SYSTEM).state == OrderState.CONFIRMED


def test_an_order_on_credit_hold_may_be_cut():
    order = confirmed_order(lines=[(10, "1")])
    hold_order(order.pk, reason="Over.", kind=HoldKind.CREDIT, actor=SYSTEM)

    assert amended(order, quantity(order, 1)).state == OrderState.ON_HOLD


def test_a_new_line_is_priced_promised_and_numbered():
    order = confirmed_order(lines=[(1, "10")])
    item = priced_item(order.customer, "5.00")
    stock(item, 3)

    with clock.at(date(2026, 11, 21)):
        changed = amended(order, LineChange(item=item.code, quantity=Decimal(3)))

    line = lines_of(order)[1]
    assert (line.line_number, line.net, changed.net, changed.line_count) == (2, 15, 25, 2)
    assert line.promised_date == date(2026, 11, 21)
    assert line.history.count() == 1


def test_quantity_zero_cancels_a_line():
    order = confirmed_order(lines=[(1, "10"), (2, "5")])

    changed = amended(order, quantity(order, 0))

    first = lines_of(order)[0]
    assert (first.cancelled, first.net, changed.net) == (1, 0, 10)


def test_an_order_discount_shrinks_with_its_line():
    order = confirmed_order(lines=[(10, "10"), (10, "10")], discount_amount=Decimal(20))

    changed = amended(order, quantity(order, 5))

    assert [line.document_discount for line in lines_of(order)] == [5, 10]
    assert (changed.discount_amount, changed.net) == (15, 135)


def test_every_bad_change_is_named():
    order = confirmed_order(lines=[(10, "1"), (10, "1")])

    refusal = refused(order, quantity(order, "1.5"), quantity(order, -1, line=1))

    assert [error.row for error in refusal.errors][:2] == [0, 1]


def test_an_older_form_is_refused():
    order = confirmed_order()

    with pytest.raises(StaleVersion):
        amended(order, quantity(order, 2), version=order.version - 1)


def test_no_change_writes_nothing():
    order = confirmed_order(lines=[(2, "1")])

    amended(order, quantity(order, 2))

    assert not Event.objects.filter(name="order.amended").exists()


def test_a_draft_is_edited_not_amended():
    order = OrderFactory()

    assert refused(order, quantity(order, 2)).status == 409


def test_a_picker_may_not_amend(picker):
    order = confirmed_order()

    with pytest.raises(NotPermitted):
        amended(order, quantity(order, 2), actor=picker)


def test_amending_costs_the_same_for_every_number_of_lines(count_statements):
    counts = []
    for number in (1, 25):
        order = released_order(lines=[(5, "1")] * number)
        changes = [quantity(order, 4, line=nr) for nr in range(number)]
        with count_statements() as count:
            amended(order, *changes)
        counts.append(int(count))
    assert counts[0] == counts[1]


def test_a_line_keeps_its_item():
    order = confirmed_order(lines=[(2, "1")])

    refusal = refused(order, quantity(order, 2, item="OTHER"))

    assert refusal.field == "item"


def test_what_only_repeats_the_line_is_no_change(clerk):
    order = confirmed_order(lines=[(2, "1")])
    clerk.groups.clear()
    clerk.user_permissions.set(Permission.objects.filter(codename="amend_order"))
    clerk = type(clerk).objects.get(pk=clerk.pk)

    amended(
        order, quantity(order, 3, unit_price=Decimal(1), discount_percent=Decimal(0)), actor=clerk
    )

    assert lines_of(order)[0].quantity == 3


def test_what_is_still_to_be_delivered_is_taxed_as_of_today():
    german_rates()
    with clock.at(date(2020, 6, 20)):
        order = confirmed_order(lines=[(1, "100.00"), (1, "50.00")])
    with clock.at(date(2020, 7, 5)):
        changed = amended(order, quantity(order, 2, line=1))

    assert [line.tax_percent for line in lines_of(order)] == [16, 16]
    assert (changed.tax, changed.gross) == (32, 232)
    changes = Event.objects.get(name="order.amended").facts["changes"]
    taxes = [c for c in changes if c["field"] == "tax_percent"]
    assert [(c["line"], Decimal(c["old"]), Decimal(c["new"])) for c in taxes] == [
        (2, 19, 16),
        (1, 19, 16),
    ]


def test_what_is_delivered_keeps_its_tax():
    german_rates()
    with clock.at(date(2020, 6, 20)):
        order = shipped_order([1, 0], lines=[(1, "100.00"), (1, "50.00")])
    with clock.at(date(2020, 7, 5)):
        amended(order, quantity(order, 2, line=1))

    assert [line.tax_percent for line in lines_of(order)] == [19, 16]
