"""The pages of the warehouse: what they show, how they act, and how they say no."""

from decimal import Decimal

import pytest
from django.urls import reverse

from fulfillment.commands import confirm_pick, start_pick
from fulfillment.models import Package, PickList
from o2c.core.actors import SYSTEM
from orders import commands as orders
from tests.factories.masters import ItemUnitFactory
from tests.given.logistics import (
    goods,
    packed_list,
    picked_list,
    planned_list,
    released_for,
    stops,
)
from tests.given.orders import lines_of
from tests.given.stock import stock
from tests.reading import html
from tests.web_budget import assert_detail_budget, assert_list_budget

pytestmark = pytest.mark.django_db


LISTS = ["pick_list_list", "package_list", "backorder_list", "count_request_list", "floor_home"]


@pytest.mark.parametrize("name", LISTS)
def test_a_visitor_sees_nothing(visitor, name):
    assert visitor.get(reverse(f"fulfillment:{name}")).status_code == 403


class TestLists:
    def test_pick_lists_keep_the_budget(self, boss):
        item = goods(1000)

        def more(count):
            for _ in range(count):
                orders_list = released_for(item, 1)
                PickList.objects.create(
                    order=orders_list, warehouse_id=orders_list.warehouse_id, created_by="x"
                )

        assert_list_budget(boss, reverse("fulfillment:pick_list_list"), lambda n: more(n // 10))

    def test_packages_keep_the_budget(self, boss):
        pick_list = packed_list((1, 1))

        def more(count):
            for _row in range(count):
                Package.objects.create(pick_list=pick_list, weight_kg=1, created_by="x")

        assert_list_budget(boss, reverse("fulfillment:package_list"), more)

    def test_backorders_keep_the_budget(self, boss):
        item = goods()

        def more(count):
            for _row in range(count // 10):
                released_for(item, 5)

        assert_list_budget(boss, reverse("fulfillment:backorder_list"), more)

    def test_count_requests_keep_the_budget(self, boss):
        def more(count):
            for _row in range(count // 10):
                pick_list = planned_list((2, 2))
                [stop] = stops(pick_list)
                confirm_pick(
                    pick_list.pk,
                    picked={stop.pk: Decimal(1)},
                    short_reasons={stop.pk: "fewer"},
                    actor=SYSTEM,
                )

        assert_list_budget(boss, reverse("fulfillment:count_request_list"), more)

    def test_the_pickers_start_keeps_the_budget(self, boss):
        def more(count):
            for _row in range(count // 10):
                planned_list((1, 1))

        assert_list_budget(boss, reverse("fulfillment:floor_home"), more)

    def test_the_first_tab_is_what_is_to_be_picked(self, boss):
        open_list, packed = planned_list((10, 10)), packed_list((3, 3))

        page = html(boss.get(reverse("fulfillment:pick_list_list")))

        assert open_list.number in page
        assert packed.number not in page

    def test_backorders_show_what_is_missing(self, boss):
        pick_list = planned_list((10, 6))

        page = html(boss.get(reverse("fulfillment:backorder_list")))

        assert pick_list.order.number in page
        assert "Plan what has arrived" in page

    def test_arrived_goods_are_planned_by_a_button(self, boss):
        pick_list = planned_list((10, 6))
        stock(stops(pick_list)[0].item, 4)

        page = boss.post(reverse("fulfillment:plan_again"), follow=True)

        assert "1 pick list made" in html(page)
        page = boss.post(reverse("fulfillment:plan_again"), follow=True)
        assert "Nothing has arrived" in html(page)
        assert PickList.objects.filter(order=pick_list.order).count() == 2

    def test_a_form_without_its_key_plans_nothing(self, boss):
        pick_list = planned_list((10, 6))
        stock(stops(pick_list)[0].item, 4)

        answer = boss.post(reverse("fulfillment:plan_again"), {"op_id": ""})

        assert answer.status_code == 422
        assert "without its operation key" in html(answer)
        assert PickList.objects.get() == pick_list

    def test_packages_are_listed(self, boss):
        packed_list((3, 3))

        page = html(boss.get(reverse("fulfillment:package_list")))

        assert Package.objects.get().number in page

    def test_places_to_count_are_listed(self, boss):
        pick_list = planned_list((10, 10))
        [stop] = stops(pick_list)
        confirm_pick(
            pick_list.pk,
            picked={stop.pk: Decimal(6)},
            short_reasons={stop.pk: "fewer"},
            actor=SYSTEM,
        )

        page = html(boss.get(reverse("fulfillment:count_request_list")))

        assert stop.location.code in page


class TestThePickList:
    @pytest.mark.parametrize("reach", [planned_list, picked_list, packed_list])
    def test_the_page_shows_it_within_the_budget(self, boss, reach):
        pick_list = reach((10, 10), (3, 3))

        assert_detail_budget(boss, pick_list.get_absolute_url())

    def test_it_is_confirmed_by_form_with_a_reason(self, boss):
        pick_list = planned_list((10, 10), (3, 3))
        first, second = stops(pick_list)
        url = f"{pick_list.get_absolute_url()}confirm/"
        assert boss.get(url).status_code == 200

        boss.post(
            url,
            {
                f"picked_{first.pk}": "6",
                f"reason_{first.pk}": "damaged",
                f"picked_{second.pk}": "3",
                f"reason_{second.pk}": "",
            },
        )

        pick_list.refresh_from_db()
        assert pick_list.state == "picked"
        assert [line.picked for line in lines_of(pick_list.order)] == [6, 3]

    def test_an_impossible_pick_stays_on_the_form(self, boss):
        pick_list = planned_list((10, 10))
        [stop] = stops(pick_list)

        page = boss.post(f"{pick_list.get_absolute_url()}confirm/", {f"picked_{stop.pk}": "11"})

        assert page.status_code == 422
        assert "11 picked, the list asks for 10" in html(page)

    @pytest.mark.parametrize("typed", ["NaN", "1e5", "１０", "", "10.0005"])
    def test_what_is_no_quantity_is_refused(self, boss, typed):
        pick_list = planned_list((10, 10))
        [stop] = stops(pick_list)

        page = boss.post(f"{pick_list.get_absolute_url()}confirm/", {f"picked_{stop.pk}": typed})

        assert page.status_code == 422

    def test_it_is_packed_into_two_packages(self, boss):
        pick_list = picked_list((10, 10))
        [stop] = stops(pick_list)
        url = reverse("fulfillment:pick_list_act", args=[pick_list.pk, "pack"])
        assert boss.get(f"{url}?packages=2").status_code == 200

        page = boss.post(
            f"{url}?packages=2",
            {
                f"quantity_1_{stop.pk}": "8",
                f"quantity_2_{stop.pk}": "2",
                "weight_1": "4.2",
                "weight_2": "",
            },
        )

        assert page.status_code == 303
        weights = Package.objects.order_by("pk").values_list("weight_kg", flat=True)
        assert list(weights) == [Decimal("4.2"), Decimal("1")]

    def test_packing_less_than_was_picked_is_refused_with_the_numbers(self, boss):
        pick_list = picked_list((10, 10))
        [stop] = stops(pick_list)

        page = boss.post(
            reverse("fulfillment:pick_list_act", args=[pick_list.pk, "pack"]),
            {f"quantity_1_{stop.pk}": "8"},
        )

        assert page.status_code == 422
        assert "10 picked, 8 in packages" in html(page)

    def test_a_hold_is_told_on_the_page(self, boss):
        pick_list = planned_list()
        orders.hold_order(pick_list.order_id, reason="recall 7", actor=SYSTEM)

        assert "recall 7" in html(boss.get(pick_list.get_absolute_url()))

    def test_unknown_verbs_and_lists_are_404(self, boss):
        pick_list = planned_list()

        assert boss.post(f"{pick_list.get_absolute_url()}eat/").status_code == 404
        assert boss.get(reverse("fulfillment:pick_list_detail", args=[9999])).status_code == 404
        assert boss.get(reverse("fulfillment:floor_pick", args=[9999])).status_code == 404


class TestTheFloor:
    def test_the_next_list_is_taken_with_one_tap(self, pablo, picker):
        pick_list = planned_list()
        assert pick_list.number in html(pablo.get(reverse("fulfillment:floor_home")))

        page = pablo.post(reverse("fulfillment:floor_next"))

        pick_list.refresh_from_db()
        assert (pick_list.state, pick_list.picker) == ("picking", "pablo")
        assert page.headers["Location"] == reverse("fulfillment:floor_pick", args=[pick_list.pk])

    def test_with_nothing_to_pick_it_says_so(self, pablo):
        goods(1)

        assert "Nothing to pick" in html(pablo.get(reverse("fulfillment:floor_home")))
        assert pablo.post(reverse("fulfillment:floor_next")).status_code == 303

    def test_a_list_on_hold_is_not_taken(self, pablo):
        pick_list = planned_list()
        orders.hold_order(pick_list.order_id, reason="recall 7", actor=SYSTEM)

        page = pablo.post(reverse("fulfillment:floor_start", args=[pick_list.pk]))

        assert page.status_code == 422
        assert "recall 7" in html(page)

    def scan(self, client, pick_list, code, **more):
        url = reverse("fulfillment:floor_pick", args=[pick_list.pk])
        return client.post(url, {"scan": code, **more})

    def test_scanning_each_piece_completes_a_stop(self, pablo, picker):
        pick_list = start_pick(planned_list((2, 2)).pk, actor=picker)
        [stop] = stops(pick_list)

        first = self.scan(pablo, pick_list, stop.item.code.lower(), stop=stop.pk, count=0)
        self.scan(pablo, pick_list, stop.item.code, stop=stop.pk, count=1)

        assert "count=1" in first.headers["Location"]
        pick_list.refresh_from_db()
        assert pick_list.state == "picked"

    def test_a_single_piece_needs_one_scan_of_its_barcode(self, pablo, picker):
        pick_list = start_pick(planned_list((1, 1)).pk, actor=picker)
        [stop] = stops(pick_list)
        type(stop.item).objects.filter(pk=stop.item_id).update(barcode="4006381333931")

        self.scan(pablo, pick_list, "4006381333931", stop=stop.pk)

        pick_list.refresh_from_db()
        assert pick_list.state == "picked"

    def test_a_scan_of_a_carton_counts_what_it_holds(self, pablo, picker):
        pick_list = start_pick(planned_list((25, 25)).pk, actor=picker)
        [stop] = stops(pick_list)
        ItemUnitFactory(item=stop.item, factor=12, barcode="14006381333938")

        first = self.scan(pablo, pick_list, "14006381333938", stop=stop.pk)
        assert "count=12" in first.headers["Location"]
        self.scan(pablo, pick_list, "14006381333938", stop=stop.pk, count=12)
        page = self.scan(pablo, pick_list, "14006381333938", stop=stop.pk, count=24)

        assert page.status_code == 422
        assert f"Too many: this scan is 12 of {stop.item.code}. You have 24 of 25." in html(page)
        self.scan(pablo, pick_list, stop.item.code, stop=stop.pk, count=24)
        stop.refresh_from_db()
        assert stop.picked == 25

    @pytest.mark.parametrize("count", ["", "NaN", "-3", "1e9", "x", "99999999999999999999"])
    def test_a_count_that_makes_no_sense_counts_from_nothing(self, count, pablo, picker):
        pick_list = start_pick(planned_list((2, 2)).pk, actor=picker)
        [stop] = stops(pick_list)

        page = self.scan(pablo, pick_list, stop.item.code, stop=stop.pk, count=count)

        assert "count=1" in page.headers["Location"]

    def test_a_wrong_scan_changes_nothing_and_says_what_is_needed(self, pablo, picker):
        pick_list = start_pick(planned_list((2, 2)).pk, actor=picker)
        [stop] = stops(pick_list)

        page = self.scan(pablo, pick_list, "<b>NUT-8</b>", stop=stop.pk)

        assert page.status_code == 422
        assert f"Need {stop.item.code}" in html(page)
        assert "<b>NUT" not in html(page)
        stop.refresh_from_db()
        assert stop.picked == 0

    def test_a_scan_beyond_the_quantity_is_told(self, pablo, picker):
        pick_list = start_pick(planned_list((1, 1), (2, 2)).pk, actor=picker)
        first, _second = stops(pick_list)
        self.scan(pablo, pick_list, first.item.code, stop=first.pk)

        page = self.scan(pablo, pick_list, first.item.code)

        assert page.status_code == 422
        assert "already have 1 of 1" in html(page)

    def test_the_location_can_be_scanned_first(self, pablo, picker):
        pick_list = start_pick(planned_list((2, 2)).pk, actor=picker)
        [stop] = stops(pick_list)

        page = self.scan(pablo, pick_list, stop.location.code)

        assert page.status_code == 303
        assert f"stop={stop.pk}" in page.headers["Location"]

    def test_a_quantity_can_be_typed_and_short_has_a_reason(self, pablo, picker):
        pick_list = start_pick(planned_list((5, 5)).pk, actor=picker)
        [stop] = stops(pick_list)
        url = reverse("fulfillment:floor_pick", args=[pick_list.pk])
        assert "backorder" in html(pablo.get(f"{url}?stop={stop.pk}&short=1"))

        pablo.post(url, {"stop": stop.pk, "quantity": "3", "reason": "not_here"})

        stop.refresh_from_db()
        assert (stop.picked, stop.short_reason) == (3, "not_here")

    @pytest.mark.parametrize("typed", ["", "many", "NaN", "-1", "6", "9" * 500])
    def test_impossible_quantities_are_refused(self, pablo, picker, typed):
        pick_list = start_pick(planned_list((5, 5)).pk, actor=picker)
        [stop] = stops(pick_list)
        url = reverse("fulfillment:floor_pick", args=[pick_list.pk])

        page = pablo.post(url, {"stop": stop.pk, "quantity": typed})

        assert page.status_code == 422
        stop.refresh_from_db()
        assert stop.picked == 0

    def test_the_same_form_sent_twice_counts_once(self, pablo, picker):
        pick_list = start_pick(planned_list((5, 5), (1, 1)).pk, actor=picker)
        first, _second = stops(pick_list)
        url = reverse("fulfillment:floor_pick", args=[pick_list.pk])
        form = {"stop": first.pk, "quantity": "5", "op_id": "abc"}

        answers = [pablo.post(url, form).status_code for _ in range(2)]

        assert answers == [303, 303]
        assert [line.picked for line in lines_of(pick_list.order)] == [5, 0]

    def test_another_pickers_list_is_not_taken(self, pablo):
        pick_list = start_pick(planned_list().pk, actor=SYSTEM)

        page = pablo.post(reverse("fulfillment:floor_start", args=[pick_list.pk]))

        assert page.status_code in (409, 422)
