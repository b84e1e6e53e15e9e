from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, StaleVersion
from orders.commands import LineDraft, OrderDraft, change_draft
from orders.models import Order
from tests.conftest import person
from tests.factories.orders import OrderFactory, priced_item
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


def changed(order, *, version=None, then="draft", actor=SYSTEM):
    """The order with one piece at 3.00 instead of what it asked for."""
    item = priced_item(order.customer, "3.00")
    draft = OrderDraft(order.customer_id, [LineDraft(item.code, Decimal(1))])
    return change_draft(order.pk, draft, version=version or order.version, then=then, actor=actor)


@pytest.mark.parametrize(
    ("then", "state"), [("draft", "draft"), ("submit", "submitted"), ("confirm", "confirmed")]
)
def test_a_draft_goes_as_far_as_asked_with_its_new_lines(then, state):
    order = changed(OrderFactory(lines=[(1, "10"), (1, "20")]), then=then)

    assert (order.state, order.net) == (state, 3)
    assert [line.net for line in lines_of(order)] == [3]


def test_a_refused_confirmation_leaves_the_draft_as_it_was():
    beginner = person("sales clerk")
    beginner.has_perm = lambda perm, obj=None: perm != "orders.confirm_order"

    with pytest.raises(NotPermitted):
        changed(OrderFactory(), then="confirm", actor=beginner)

    assert Order.objects.get().net == 10


def test_an_older_form_is_refused():
    with pytest.raises(StaleVersion):
        changed(OrderFactory(), version=9)
