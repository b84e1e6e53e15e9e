from dataclasses import replace
from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from orders.commands import LineDraft, OrderDraft, enter_order
from orders.models import Order
from tests.conftest import person
from tests.factories.masters import CustomerFactory, WarehouseFactory
from tests.factories.orders import priced_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db):
    WarehouseFactory()
    customer = CustomerFactory(po_policy="warn")
    item = priced_item(customer, "10.00")
    return OrderDraft(customer.pk, [LineDraft(item.code, Decimal(2))])


@pytest.fixture
def beginner():
    """May capture and edit, not confirm."""
    clerk = person("sales clerk")
    clerk.has_perm = lambda perm, obj=None: perm != "orders.confirm_order"
    return clerk


@pytest.mark.parametrize(
    ("then", "state"), [("draft", "draft"), ("submit", "submitted"), ("confirm", "confirmed")]
)
def test_an_order_goes_as_far_as_asked(draft, then, state):
    order = enter_order(draft, then=then, actor=SYSTEM)

    assert order.state == state


def test_one_with_something_to_review_stops_at_submitted(draft):
    order = enter_order(replace(draft, expected_total=Decimal(1)), then="confirm", actor=SYSTEM)

    assert (order.state, order.review_notes[0]["code"]) == ("submitted", "total")


def test_a_refused_confirmation_leaves_no_draft_behind(draft, beginner):
    for _time in "12":
        with pytest.raises(NotPermitted):
            enter_order(draft, then="confirm", actor=beginner)

    assert not Order.objects.exists()
