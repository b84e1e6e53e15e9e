from decimal import Decimal

import pytest

from fulfillment.commands import cancel_pick, confirm_pick, plan_order
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation, TransitionRefused
from o2c.stock.models import Balance
from tests.given.logistics import packed_list, picked_list, planned_list, stops
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


def counters(pick_list):
    return [(line.reserved, line.picked) for line in lines_of(pick_list.order)]


@pytest.mark.parametrize("reach", [planned_list, picked_list])
def test_cancelling_gives_everything_back(reach):
    pick_list = reach((10, 10), (3, 3))

    cancel_pick(pick_list.pk, reason="wrong warehouse", actor=SYSTEM)

    pick_list.refresh_from_db()
    assert pick_list.state == "cancelled"
    assert counters(pick_list) == [(0, 0), (0, 0)]
    assert not Balance.objects.filter(reserved__gt=0).exists()


def test_what_a_short_pick_gave_up_is_not_given_back_twice():
    pick_list = planned_list((10, 10), (3, 3))
    first, _second = stops(pick_list)
    confirm_pick(
        pick_list.pk,
        picked={first.pk: Decimal(6)},
        short_reasons={first.pk: "fewer"},
        actor=SYSTEM,
    )

    cancel_pick(pick_list.pk, reason="called off", actor=SYSTEM)

    assert counters(pick_list) == [(0, 0), (0, 0)]


def test_the_order_can_be_planned_again():
    pick_list = planned_list((10, 10))
    cancel_pick(pick_list.pk, reason="again please", actor=SYSTEM)

    again = plan_order(pick_list.order_id, actor=SYSTEM)

    assert [stop.quantity for stop in stops(again)] == [10]


def test_a_reason_is_needed():
    with pytest.raises(RuleViolation, match="Say why"):
        cancel_pick(planned_list().pk, reason=" ", actor=SYSTEM)


def test_a_packed_list_is_not_cancelled_here():
    with pytest.raises(TransitionRefused):
        cancel_pick(packed_list().pk, reason="too late", actor=SYSTEM)
