from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation, StaleVersion
from o2c.core.models import Event
from orders.commands import LineDraft, OrderDraft, cancel_order, edit_draft
from orders.models import OrderLine
from tests.factories.masters import CustomerFactory
from tests.factories.orders import OrderFactory, priced_item
from tests.given.orders import confirmed_order, lines_of, submitted_order

pytestmark = pytest.mark.django_db


def other_draft(order, *lines, **more):
    return OrderDraft(order.customer_id, lines, **more)


def test_a_draft_is_decided_anew():
    order = OrderFactory(lines=[(1, "10"), (1, "20")])
    item = priced_item(order.customer, "3.50")

    draft = other_draft(order, LineDraft(item.code, Decimal(2)), customer_reference="PO-9")
    edited = edit_draft(order.pk, draft, version=order.version, actor=SYSTEM)

    assert [(line.item, line.quantity) for line in lines_of(order)] == [(item, 2)]
    assert (edited.net, edited.customer_reference, edited.line_count) == (7, "PO-9", 1)
    assert Event.objects.filter(name="order.edited", document_id=order.pk).exists()
    assert order.history.count() == 2


def test_an_order_in_review_may_be_corrected():
    order = submitted_order()
    item = priced_item(order.customer, "1")

    draft = other_draft(order, LineDraft(item.code, Decimal(1)))

    assert edit_draft(order.pk, draft, version=order.version, actor=SYSTEM).net == 1


def test_its_own_reference_is_no_duplicate():
    order = OrderFactory(customer=CustomerFactory(po_policy="refuse"), customer_reference="PO-1")
    item = priced_item(order.customer, "1")
    draft = other_draft(order, LineDraft(item.code, Decimal(1)), customer_reference="PO-1")

    edit_draft(order.pk, draft, version=order.version, actor=SYSTEM)

    assert lines_of(order)[0].item == item


def test_an_older_form_is_refused_and_changes_nothing():
    order = OrderFactory()
    item = priced_item(order.customer, "1")
    draft = other_draft(order, LineDraft(item.code, Decimal(1)))

    with pytest.raises(StaleVersion):
        edit_draft(order.pk, draft, version=order.version - 1, actor=SYSTEM)

    assert OrderLine.objects.get(order=order).item != item


@pytest.mark.parametrize(
    "make", [confirmed_order, lambda: cancel_order(OrderFactory().pk, reason="no", actor=SYSTEM)]
)
def test_a_promised_or_cancelled_order_is_not_edited(make):
    order = make()
    item = priced_item(order.customer, "1")

    with pytest.raises(RuleViolation) as refused:
        edit_draft(
            order.pk,
            other_draft(order, LineDraft(item.code, Decimal(1))),
            version=order.version,
            actor=SYSTEM,
        )

    assert refused.value.status == 409
