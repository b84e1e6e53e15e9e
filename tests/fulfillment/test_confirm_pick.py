from decimal import Decimal

import pytest

from fulfillment.commands import confirm_pick, plan_order
from fulfillment.queries import backorders, count_requests
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event, User
from o2c.masters.models import Company
from o2c.stock.commands import Counted, count_stock
from o2c.stock.models import Balance
from tests.factories.masters import WarehouseFactory
from tests.given.logistics import goods, planned_list, released_for, stops
from tests.given.orders import lines_of, released_order
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db


def short(pick_list, found, reason="fewer"):
    """Report so much of the first stop, and why not more."""
    [stop, *_] = stops(pick_list)
    return confirm_pick(
        pick_list.pk,
        picked={stop.pk: Decimal(found)},
        short_reasons={stop.pk: reason},
        actor=SYSTEM,
    )


class TestPickingInFull:
    def test_everything_picked_moves_the_list_and_counts_on_the_order(self):
        pick_list = planned_list((10, 10), (3, 3))

        confirm_pick(pick_list.pk, actor=SYSTEM)

        pick_list.refresh_from_db()
        assert pick_list.state == "picked"
        assert [line.picked for line in lines_of(pick_list.order)] == [10, 3]
        assert [line.reserved for line in lines_of(pick_list.order)] == [10, 3]

    def test_a_list_can_be_picked_line_by_line(self):
        pick_list = planned_list((10, 10), (3, 3))
        first, second = stops(pick_list)

        confirm_pick(pick_list.pk, picked={second.pk: Decimal(3)}, actor=SYSTEM)

        pick_list.refresh_from_db()
        assert pick_list.state == "planned"
        confirm_pick(pick_list.pk, picked={first.pk: Decimal(10)}, actor=SYSTEM)
        pick_list.refresh_from_db()
        assert pick_list.state == "picked"
        assert [e.name for e in Event.objects.filter(document_type="fulfillment.picklist")] == [
            "pick_list.planned",
            "pick_list.line_picked",
            "pick_list.picked",
        ]

    def test_a_done_stop_is_not_picked_again(self):
        pick_list = planned_list((10, 10), (3, 3))
        first, _second = stops(pick_list)
        confirm_pick(pick_list.pk, picked={first.pk: Decimal(10)}, actor=SYSTEM)

        with pytest.raises(RuleViolation, match="done already"):
            confirm_pick(pick_list.pk, picked={first.pk: Decimal(10)}, actor=SYSTEM)

    @pytest.mark.parametrize(
        ("picked", "sentence"),
        [
            ("11", "11 picked, the list asks for 10"),
            ("-1", "not negative"),
            ("9", "9 of 10 picked. Say why it is short"),
            ("9.5", "9.5 H87 has more decimals than the unit allows"),
            ("NaN", "not a quantity"),
            ("1e30", "not a quantity"),
        ],
    )
    def test_impossible_reports_are_refused_with_the_numbers(self, picked, sentence):
        pick_list = planned_list((10, 10))
        [stop] = stops(pick_list)

        with pytest.raises(RuleViolation, match=sentence):
            confirm_pick(pick_list.pk, picked={stop.pk: Decimal(picked)}, actor=SYSTEM)

        stop.refresh_from_db()
        assert stop.picked == 0

    def test_all_faults_come_at_once(self):
        pick_list = planned_list((10, 10), (3, 3))

        with pytest.raises(RuleViolation) as refused:
            confirm_pick(
                pick_list.pk,
                picked={stop.pk: stop.quantity + 1 for stop in stops(pick_list)},
                actor=SYSTEM,
            )

        assert len(refused.value.errors) == 2

    def test_a_line_of_another_list_is_refused(self):
        pick_list, other = planned_list(), planned_list()

        with pytest.raises(RuleViolation, match="not on this pick list"):
            confirm_pick(pick_list.pk, picked={stops(other)[0].pk: Decimal(1)}, actor=SYSTEM)

    def test_a_full_pick_takes_no_reason(self):
        with pytest.raises(RuleViolation, match="no reason for being short"):
            short(planned_list((10, 10)), 10)

    def test_unknown_reasons_are_refused(self):
        with pytest.raises(RuleViolation, match="not a reason"):
            short(planned_list((10, 10)), 9, reason="bored")

    def test_a_picked_list_is_not_picked_again(self):
        pick_list = planned_list()
        confirm_pick(pick_list.pk, actor=SYSTEM)

        with pytest.raises(TransitionRefused):
            confirm_pick(pick_list.pk, actor=SYSTEM)

    def test_who_lacks_the_right_may_not_confirm(self):
        with pytest.raises(NotPermitted):
            confirm_pick(planned_list().pk, actor=User.objects.create_user("nobody"))

    @pytest.mark.parametrize("lines", [1, 12])
    def test_it_takes_six_statements_whatever_the_number_of_lines(self, lines, count_statements):
        pick_list = planned_list(*[(2, 5)] * lines)

        with count_statements() as count:
            confirm_pick(pick_list.pk, actor=SYSTEM)

        assert int(count) <= 6, str(count)


class TestShortPicks:
    def test_the_rest_becomes_a_backorder_and_the_promise_is_given_up(self):
        pick_list = planned_list((10, 10))

        short(pick_list, 6)

        [line] = lines_of(pick_list.order)
        assert (line.picked, line.reserved, line.shipped) == (6, 6, 0)
        assert [waiting.backordered for waiting in backorders()] == [4]
        pick_list.refresh_from_db()
        assert pick_list.state == "picked"

    def test_another_location_is_tried_first(self):
        item = goods()
        stock(item, 10, location=storage(0))
        stock(item, 50, location=storage(1))
        pick_list = plan_order(released_for(item, 10).pk, actor=SYSTEM)

        short(pick_list, 6)

        _first, second = stops(pick_list)
        assert (second.location, second.quantity, second.sequence) == (storage(1), 4, 2)
        pick_list.refresh_from_db()
        assert pick_list.state == "planned"
        assert not backorders().exists()
        confirm_pick(pick_list.pk, picked={second.pk: Decimal(4)}, actor=SYSTEM)
        pick_list.refresh_from_db()
        assert pick_list.state == "picked"

    def test_nobody_is_sent_to_the_doubtful_place_again(self):
        item = goods()
        stock(item, 100, location=storage(0))
        pick_list = plan_order(released_for(item, 10).pk, actor=SYSTEM)

        short(pick_list, 6, reason="fewer")

        assert plan_order(pick_list.order_id, actor=SYSTEM) is None
        balance = Balance.objects.get(item=item, location=storage(0))
        assert (balance.on_hand, balance.reserved) == (6, 6)

    def test_damaged_goods_go_to_quarantine_and_the_good_ones_stay(self):
        item = goods(30)
        pick_list = plan_order(released_for(item, 10).pk, actor=SYSTEM)

        short(pick_list, 8, reason="damaged")

        quarantine = Balance.objects.get(item=item, location__kind="quarantine")
        assert quarantine.on_hand == 2
        assert Balance.objects.get(item=item, location=storage(0)).on_hand == 28

    def test_what_cannot_be_reached_stays_on_the_book_there(self):
        pick_list = planned_list((10, 30))

        short(pick_list, 0, reason="unreachable")

        [stop] = stops(pick_list)
        balance = Balance.objects.get(item=stop.item)
        assert (balance.on_hand, balance.reserved) == (30, 0)

    def test_goods_behind_an_unreachable_place_are_fetched_elsewhere(self):
        item = goods()
        stock(item, 30, location=storage(0))
        stock(item, 50, location=storage(1))
        pick_list = plan_order(released_for(item, 10).pk, actor=SYSTEM)

        short(pick_list, 4, reason="unreachable")

        _first, second = stops(pick_list)
        assert (second.location, second.quantity) == (storage(1), 6)
        assert not backorders().exists()

    def test_nobody_is_sent_back_to_a_place_this_list_was_short_at_before(self):
        item = goods()
        stock(item, 10, location=storage(0))
        stock(item, 50, location=storage(1))
        pick_list = plan_order(released_for(item, 10).pk, actor=SYSTEM)
        short(pick_list, 4, reason="unreachable")
        _first, second = stops(pick_list)

        confirm_pick(
            pick_list.pk,
            picked={second.pk: Decimal(1)},
            short_reasons={second.pk: "fewer"},
            actor=SYSTEM,
        )

        assert len(stops(pick_list)) == 2
        assert [waiting.backordered for waiting in backorders()] == [5]

    @pytest.mark.parametrize(
        ("reasons", "left"), [(["damaged", "damaged"], 25), (["not_here", "damaged"], 15)]
    )
    def test_two_lines_short_at_one_place_put_all_of_it_in_doubt(self, reasons, left):
        item = goods(30)
        order = released_order(lines=[(item, 10), (item, 10)])
        pick_list = plan_order(order.pk, actor=SYSTEM)
        first, second = stops(pick_list)

        confirm_pick(
            pick_list.pk,
            picked={first.pk: Decimal(7), second.pk: Decimal(8)},
            short_reasons={first.pk: reasons[0], second.pk: reasons[1]},
            actor=SYSTEM,
        )

        assert Balance.objects.get(item=item, location=storage(0)).on_hand == left

    def test_a_warehouse_without_quarantine_keeps_its_book(self):
        WarehouseFactory().locations.filter(kind="quarantine").update(active=False)
        pick_list = planned_list((10, 10))

        short(pick_list, 6)

        assert Balance.objects.get(item=stops(pick_list)[0].item).on_hand == 10

    def test_the_place_is_to_be_counted_until_somebody_does(self):
        pick_list = planned_list((10, 10))
        short(pick_list, 6)
        [stop] = stops(pick_list)
        assert [(r.location, r.missing) for r in count_requests()] == [(stop.location, 4)]

        count_stock(
            pick_list.warehouse_id,
            stop.location_id,
            [Counted(stop.item_id, Decimal(6))],
            actor=SYSTEM,
        )

        assert not count_requests().exists()

    def test_a_list_on_which_nothing_was_found_is_cancelled(self):
        pick_list = planned_list((10, 10))

        short(pick_list, 0, reason="not_here")

        pick_list.refresh_from_db()
        [line] = lines_of(pick_list.order)
        assert pick_list.state == "cancelled"
        assert (line.picked, line.reserved) == (0, 0)

    def test_the_event_tells_what_was_short_and_why(self):
        pick_list = planned_list((10, 10))

        short(pick_list, 6)

        event = Event.objects.get(name="pick_list.picked")
        [told] = event.facts["short"]
        assert (Decimal(told["missing"]), told["reason"]) == (4, "fewer")

    @pytest.mark.parametrize("lines", [1, 12])
    def test_statements_do_not_grow_with_the_number_of_short_lines(self, lines, count_statements):
        pick_list = planned_list(*[(5, 9)] * lines)
        report = {stop.pk: Decimal(2) for stop in stops(pick_list)}

        with count_statements() as count:
            confirm_pick(
                pick_list.pk,
                picked=report,
                short_reasons=dict.fromkeys(report, "fewer"),
                actor=SYSTEM,
            )

        assert int(count) <= 21, str(count)


class TestPickingMoreThanOrdered:
    @pytest.fixture(autouse=True)
    def _tolerance(self):
        WarehouseFactory()
        Company.objects.update(over_delivery_percent=20)

    def test_within_the_tolerance_the_surplus_is_reserved_and_picked(self):
        pick_list = planned_list((10, 30))
        [stop] = stops(pick_list)

        confirm_pick(pick_list.pk, picked={stop.pk: Decimal(12)}, actor=SYSTEM)

        [line] = lines_of(pick_list.order)
        stop.refresh_from_db()
        assert (line.picked, line.reserved, stop.quantity) == (12, 12, 12)

    def test_thirteen_of_ten_is_refused_at_twenty_percent(self):
        pick_list = planned_list((10, 30))
        [stop] = stops(pick_list)

        with pytest.raises(RuleViolation, match="13 picked, the list asks for 10"):
            confirm_pick(pick_list.pk, picked={stop.pk: Decimal(13)}, actor=SYSTEM)

    def test_goods_promised_to_somebody_else_are_not_taken(self):
        pick_list = planned_list((10, 10))
        [stop] = stops(pick_list)

        with pytest.raises(RuleViolation, match="12 picked, the list asks for 10"):
            confirm_pick(pick_list.pk, picked={stop.pk: Decimal(12)}, actor=SYSTEM)
