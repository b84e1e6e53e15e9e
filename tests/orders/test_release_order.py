from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import TransitionRefused
from orders.commands import (
    LineDraft,
    hold_order,
    release_order,
)
from orders.models import HoldKind, OrderState
from tests.factories.masters import ServiceFactory
from tests.given.orders import confirmed_order, lines_of, released_order

pytestmark = pytest.mark.django_db


def test_credit_does_not_release_an_order_held_by_hand():
    order = confirmed_order()
    hold_order(order.pk, reason="Wait.", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="held by hand"):
        release_order(order.pk, actor=SYSTEM)


def test_credit_ends_its_own_hold_by_releasing():
    order = confirmed_order()
    hold_order(order.pk, reason="Over the limit.", kind=HoldKind.CREDIT, actor=SYSTEM)

    released = release_order(order.pk, actor=SYSTEM)

    assert (released.state, released.hold_kind) == (OrderState.RELEASED, "")


def test_releasing_twice_is_harmless(count_statements):
    order = released_order()

    with count_statements() as count:
        release_order(order.pk, actor=SYSTEM)

    assert int(count) == 1, str(count)


def test_releasing_needs_two_statements(count_statements):
    order = confirmed_order(lines=[(1, "1")] * 10)

    with count_statements() as count:
        release_order(order.pk, actor=SYSTEM)

    assert int(count) <= 2, str(count)


def test_an_order_of_services_only_is_performed_when_it_is_released():
    service = LineDraft(ServiceFactory().code, Decimal(2), Decimal(80), "given")

    order = released_order(lines=[service])

    assert order.state == OrderState.SHIPPED
    assert lines_of(order)[0].billable_quantity == 2
