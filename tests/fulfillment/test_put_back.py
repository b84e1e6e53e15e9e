"""put_back: a list goes back to the pool, with what is picked of it so far."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from fulfillment.commands import confirm_pick, put_back, start_pick
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.locks import NotFound
from o2c.core.models import Event, User
from orders.commands import hold_order
from tests.conftest import person
from tests.given.logistics import picked_list, planned_list, stops
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(picker):
    """A list that the picker has begun: two lines of an order."""
    return start_pick(planned_list((10, 10), (2, 2)).pk, actor=picker)


def test_a_list_that_is_put_back_can_be_taken_by_somebody_else(started, picker):
    put_back(started.pk, actor=picker)

    started.refresh_from_db()
    assert (started.state, started.picker) == ("planned", "")
    assert Event.objects.get(name="pick_list.put_back").facts == {"picker": "pablo"}
    assert start_pick(started.pk, actor=SystemActor("ana")).picker == "system:ana"


def test_what_is_picked_so_far_stays_picked(started, picker):
    first = stops(started)[0]
    confirm_pick(started.pk, picked={first.pk: Decimal(10)}, actor=picker)

    put_back(started.pk, actor=picker)

    assert [(stop.picked, stop.is_done) for stop in stops(started)] == [(10, True), (0, False)]
    assert [line.picked for line in lines_of(started.order)] == [10, 0]


def test_a_list_of_an_order_on_hold_may_be_put_back(started, picker):
    hold_order(started.order_id, reason="address unclear", actor=SYSTEM)

    assert put_back(started.pk, actor=picker).state == "planned"


@pytest.mark.parametrize(("make", "state"), [(planned_list, "Ready"), (picked_list, "Picked")])
def test_only_a_list_that_is_being_picked_is_put_back(make, state):
    with pytest.raises(TransitionRefused, match=f"It is {state}"):
        put_back(make().pk, actor=SYSTEM)


def test_the_same_operation_is_carried_out_once(started, picker):
    for _time in range(2):
        put_back(started.pk, actor=picker, op_id="form-1")

    assert Event.objects.filter(name="pick_list.put_back").count() == 1


def test_a_list_that_does_not_exist_is_named(picker):
    with pytest.raises(NotFound, match="Pick list 404 does not exist"):
        put_back(404, actor=picker)


def test_a_sales_clerk_may_not(started, clerk):
    with pytest.raises(NotPermitted, match=r"fulfillment\.put_back_pick_list"):
        put_back(started.pk, actor=clerk)

    started.refresh_from_db()
    assert (started.state, started.picker) == ("picking", "pablo")


class TestInOtherHands:
    @pytest.fixture
    def ana(self):
        """Who may pick, and does not plan."""
        user = User.objects.create_user("ana")
        verbs = [f"{verb}_pick_list" for verb in ("start", "confirm", "put_back")]
        user.user_permissions.set(Permission.objects.filter(codename__in=verbs))
        return user

    @pytest.mark.parametrize("command", [put_back, confirm_pick])
    def test_a_list_that_somebody_is_picking_is_theirs(self, started, ana, command):
        with pytest.raises(NotPermitted, match="is being picked by pablo"):
            command(started.pk, actor=ana)

        started.refresh_from_db()
        assert (started.state, started.picker) == ("picking", "pablo")

    def test_who_plans_lists_may_take_it_back(self, started):
        assert put_back(started.pk, actor=person("warehouse picker")).state == "planned"

    def test_ones_own_list_needs_no_planning_right(self, ana):
        mine = start_pick(planned_list().pk, actor=ana)

        assert put_back(mine.pk, actor=ana).picker == ""

    def test_a_list_in_the_pool_is_anybodys_though_some_of_it_was_reported(self, picker, ana):
        waiting = planned_list((10, 10), (2, 2))
        confirm_pick(waiting.pk, picked={stops(waiting)[0].pk: Decimal(10)}, actor=picker)

        assert start_pick(waiting.pk, actor=ana).picker == "ana"
