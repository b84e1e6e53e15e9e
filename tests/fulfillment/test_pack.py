from decimal import Decimal

import pytest
from django.db import DatabaseError
from django.urls import reverse

from fulfillment.commands import PackageDraft, confirm_pick, pack
from fulfillment.models import Package
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation, TransitionRefused
from orders import commands as orders
from tests.given.logistics import picked_list, planned_list, stops

pytestmark = pytest.mark.django_db


def contents(pick_list):
    return [
        [(line.pick_line.sequence, line.quantity) for line in package.lines.order_by("pk")]
        for package in pick_list.packages.order_by("pk")
    ]


def test_by_default_everything_lies_in_one_package_that_weighs_what_the_items_weigh():
    pick_list = picked_list((10, 10), (3, 3))

    pack(pick_list.pk, actor=SYSTEM)

    pick_list.refresh_from_db()
    [package] = pick_list.packages.all()
    assert pick_list.state == "packed"
    assert contents(pick_list) == [[(1, 10), (2, 3)]]
    assert package.weight_kg == Decimal("6.500")
    assert package.number == f"PK-{package.pk:06d}"


def test_goods_are_split_over_packages_with_the_weight_of_the_scale():
    pick_list = picked_list((10, 10), (3, 3))
    first, second = stops(pick_list)

    pack(
        pick_list.pk,
        packages=[
            PackageDraft({first.pk: Decimal(8)}, weight_kg=Decimal("4.2")),
            PackageDraft({first.pk: Decimal(2), second.pk: Decimal(3)}, sscc="340123450000000000"),
        ],
        actor=SYSTEM,
    )

    assert contents(pick_list) == [[(1, 8)], [(1, 2), (2, 3)]]
    assert [p.weight_kg for p in pick_list.packages.order_by("pk")] == [
        Decimal("4.200"),
        Decimal("2.500"),
    ]


@pytest.mark.parametrize("packed", ["5", "3"])
def test_packages_hold_exactly_what_was_picked(packed):
    pick_list = planned_list((10, 10))
    [stop] = stops(pick_list)
    confirm_pick(
        pick_list.pk,
        picked={stop.pk: Decimal(4)},
        short_reasons={stop.pk: "fewer"},
        actor=SYSTEM,
    )

    with pytest.raises(RuleViolation, match=f"4 picked, {packed} in packages"):
        pack(pick_list.pk, packages=[PackageDraft({stop.pk: Decimal(packed)})], actor=SYSTEM)

    assert not Package.objects.exists()


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        (PackageDraft({}), "Package 1 is empty"),
        (PackageDraft({}, weight_kg=Decimal(-1)), "weight lies between 0 and"),
        (PackageDraft({}, sscc="340123450000000001"), "not an SSCC"),
        (PackageDraft({99_999: Decimal(1)}), "Line 99999 is not on this pick list"),
    ],
)
def test_impossible_packages_are_refused(draft, sentence):
    pick_list = picked_list((1, 1))

    with pytest.raises(RuleViolation, match=sentence):
        pack(pick_list.pk, packages=[draft], actor=SYSTEM)


def test_only_a_picked_list_is_packed():
    with pytest.raises(TransitionRefused):
        pack(planned_list().pk, actor=SYSTEM)


def test_an_order_on_hold_is_not_packed():
    pick_list = picked_list()
    orders.hold_order(pick_list.order_id, reason="recall", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="recall"):
        pack(pick_list.pk, actor=SYSTEM)


def test_a_closed_package_stays_as_it_is():
    pack(picked_list().pk, actor=SYSTEM)

    with pytest.raises(DatabaseError, match="Cannot update"):
        Package.objects.update(weight_kg=1)


@pytest.mark.parametrize("lines", [1, 12])
def test_packing_takes_five_statements_whatever_the_number_of_lines(lines, count_statements):
    pick_list = picked_list(*[(2, 5)] * lines)

    with count_statements() as count:
        pack(pick_list.pk, actor=SYSTEM)

    assert int(count) <= 5, str(count)


def test_what_is_not_picked_has_no_form_to_pack_it(pablo):
    page = pablo.get(reverse("fulfillment:pick_list_act", args=[planned_list().pk, "pack"]))

    assert page.status_code == 409


@pytest.mark.parametrize("number", ["1", "2"])
def test_an_sscc_is_on_one_package_only(number):
    code = "340123450000000000"
    first, second = picked_list(), picked_list()
    if number == "1":
        whole = PackageDraft({stops(first)[0].pk: Decimal(10)}, sscc=code)
        pack(first.pk, packages=[whole], actor=SYSTEM)
    [stop] = stops(second)
    halves = [
        PackageDraft({stop.pk: Decimal(5)}, sscc=code),
        PackageDraft({stop.pk: Decimal(5)}, sscc=code if number == "2" else ""),
    ]

    with pytest.raises(RuleViolation, match=f"SSCC {code} is on another package") as refused:
        pack(second.pk, packages=halves, actor=SYSTEM)

    assert refused.value.field == "sscc_1"


def test_no_package_at_all_is_not_the_same_as_saying_nothing():
    with pytest.raises(RuleViolation, match="10 picked, 0 in packages"):
        pack(picked_list().pk, packages=[], actor=SYSTEM)
