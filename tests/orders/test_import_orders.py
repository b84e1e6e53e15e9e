import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.work import Work
from orders.commands import import_orders
from orders.models import Order, OrderLine, OrderState
from orders.queries import review_sentences
from tests.factories.masters import (
    AddressFactory,
    CustomerFactory,
    CustomerItemFactory,
    ItemFactory,
    WarehouseFactory,
)
from tests.factories.orders import priced_item
from tests.given.orders import lines_of
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    """Customer ACME, who pays 10.00 for BOLT and 5.50 for NUT; ten of each are on stock."""
    WarehouseFactory()
    customer = CustomerFactory(code="ACME", po_policy="warn")
    stock(priced_item(customer, "10.00", code="BOLT"), 10)
    stock(priced_item(customer, "5.50", code="NUT"), 10)
    with clock.at(date(2026, 11, 21)):
        yield customer


def imported(*rows, header="order;customer;item;quantity", **more):
    text = "\n".join([header, *rows])
    return import_orders("orders.csv", text.encode(), actor=more.pop("actor", SYSTEM), **more)


def errors_of(result):
    assert result.refused
    assert not Order.objects.exists()
    return [(error.row, error.field) for error in result.errors]


def test_clean_orders_flow_through_and_rows_of_one_key_are_one_order():
    result = imported("A;ACME;BOLT;3", "B;ACME;NUT;2", "A;ACME;NUT;1")

    assert (result.rows, result.created, result.sums) == (3, 2, {"EUR": Decimal("46.50")})
    first, second = Order.objects.order_by("pk")
    assert first.state == second.state == OrderState.CONFIRMED
    assert (first.channel, first.source_reference) == ("import", "A")
    assert [line.item.code for line in lines_of(first)] == ["BOLT", "NUT"]


def test_codes_are_found_in_any_capitals_and_make_one_order(world):
    AddressFactory(customer=world, code="Dock", is_default=False)
    header = "order;customer;item;quantity;unit;warehouse;ship_to"

    result = imported("A;acme;bolt;3;h87;main;dock", "A;ACME;Nut;1;;Main;DOCK", header=header)

    assert result.errors == []
    order = Order.objects.get()
    assert (order.customer, order.ship_to.code) == (world, "Dock")
    assert [line.item.code for line in lines_of(order)] == ["BOLT", "NUT"]
    assert imported("A;Acme;BOLT;3", "A;ACME;NUT;1").skipped == 1


def test_the_same_file_again_changes_nothing():
    imported("A;ACME;BOLT;3")

    again = imported("A;ACME;BOLT;3", "C;ACME;BOLT;1")

    assert (again.created, again.skipped) == (1, 1)
    assert "Imported before, left alone: A." in again.notes
    assert Order.objects.count() == 2


def test_a_dry_run_says_what_would_happen_and_stores_nothing():
    result = imported("A;ACME;BOLT;3", dry_run=True)

    assert (result.created, result.refused) == (1, False)
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()


def test_one_bad_row_refuses_the_file_and_every_error_is_named():
    result = imported(
        "A;ACME;BOLT;3",
        "B;NOBODY;BOLT;1",
        "C;ACME;NO-SUCH;1",
        "D;ACME;BOLT;0",
        "E;ACME;BOLT;1e5",
        "F;ACME;BOLT;",
    )

    assert sorted(errors_of(result)) == [
        (3, "customer"),
        (4, "item"),
        (5, "quantity"),
        (6, "quantity"),
        (7, "quantity"),
    ]


WIDE = (
    "order;customer;item;quantity;unit;ship_to;warehouse;agreed_price;price_reason;discount_percent"
)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        # an unreadable cell does not hide what else is wrong with its row
        ("A;ACME;NO-SUCH;x;;;;;;", {"quantity", "item"}),
        ("A;ACME;BOLT;x;;NOWHERE;SOUTH;;;", {"quantity", "ship_to", "warehouse"}),
        ("A;NOBODY;NO-SUCH;x;;;SOUTH;;;", {"quantity", "customer", "item", "warehouse"}),
        (";ACME;NO-SUCH;1;;NOWHERE;;;;200", {"order", "item", "ship_to", "discount_percent"}),
        ("A;;NO-SUCH;0;;;SOUTH;;;", {"customer", "item", "quantity", "warehouse"}),
        ("A;ACME;BOLT;1;;;;8;;x", {"discount_percent", "price_reason"}),
        ("A;ACME;;1;DOZEN;;;x;;", {"item", "agreed_price"}),
        # nor does an unknown code, whichever it is
        ("A;NOBODY;NO-SUCH;0;;;;;;", {"customer", "item", "quantity"}),
        ("A;NOBODY;BOLT;1;;;;8;;", {"customer", "price_reason"}),
        ("A;ACME;NO-SUCH;0;;NOWHERE;SOUTH;8;;", None),
        ("A;ACME;BOLT;0;DOZEN;;;8;;", {"unit", "quantity", "price_reason"}),
        # and nothing is said of what rests on a cell that cannot be read
        ("A;ACME;BOLT;x;;;;;;", {"quantity"}),
        ("A;ACME;LOOSE;x;;;;;;", {"quantity"}),
        ("A;ACME;LOOSE;1;;;;x;;", {"agreed_price"}),
        ("A;NOBODY;THEIRS;1;;;;;;", {"customer"}),
    ],
)
def test_every_fault_of_a_row_is_named_at_once(row, wrong):
    ItemFactory(code="LOOSE")  # sold by nobody's price list
    CustomerItemFactory(code="THEIRS")

    found = errors_of(imported("Z;ACME;NUT;1;;;;;;", row, header=WIDE))

    wrong = wrong or {"item", "quantity", "ship_to", "warehouse", "price_reason"}
    assert sorted(found) == sorted((3, field) for field in wrong)


def test_what_is_wrong_with_the_order_does_not_hide_what_is_wrong_with_its_lines(world):
    imported("A;ACME;BOLT;1;PO-1", header="order;customer;item;quantity;po")
    world.po_policy = "refuse"
    world.save()

    result = imported(
        "B;ACME;BOLT;0;PO-1", "B;ACME;NO-SUCH;1;", header="order;customer;item;quantity;po"
    )

    found = sorted((error.row, error.field) for error in result.errors)
    assert found == [(2, "customer_reference"), (2, "quantity"), (3, "item")]
    assert Order.objects.count() == 1


def test_an_unreadable_row_is_compared_with_its_order_and_kept_apart_from_others():
    header = "order;customer;item;quantity;po"

    result = imported("A;ACME;BOLT;1;PO-1", "A;ACME;NUT;x;PO-2", ";ACME;NUT;1;PO-3", header=header)

    assert sorted(errors_of(result)) == [(3, "customer_reference"), (3, "quantity"), (4, "order")]


def test_a_price_that_is_missing_is_named_by_its_column():
    ItemFactory(code="LOOSE")

    assert errors_of(imported("A;ACME;LOOSE;1")) == [(2, "agreed_price")]


def test_rows_of_one_order_must_not_contradict_each_other():
    header = "order;customer;item;quantity;po"

    result = imported("A;ACME;BOLT;1;PO-1", "A;ACME;NUT;1;PO-2", header=header)

    assert errors_of(result) == [(3, "customer_reference")]


def test_what_only_a_later_row_says_is_taken():
    imported("A;ACME;BOLT;1;", "A;ACME;NUT;1;PO-2", header="order;customer;item;quantity;po")

    assert Order.objects.get().customer_reference == "PO-2"


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("price", "9.90", "price"),
        ("total", "12.00", "total"),
        ("requested_date", "2026-11-01", "requested_date"),
    ],
)
def test_a_mismatch_waits_in_review_and_says_which(column, value, code):
    result = imported(f"A;ACME;BOLT;1;{value}", header=f"order;customer;item;quantity;{column}")

    order = Order.objects.get()
    assert order.state == OrderState.SUBMITTED
    assert [note["code"] for note in order.review_notes] == [code]
    assert "1 order waits for review." in result.notes
    assert list(Order.objects.needing_review()) == [order]


def test_a_second_reference_waits_in_review_under_warn():
    header = "order;customer;item;quantity;po"

    imported("A;ACME;BOLT;1;PO-1", "B;ACME;BOLT;1;po 1", header=header)

    first, second = Order.objects.order_by("pk")
    assert (first.state, second.state) == (OrderState.CONFIRMED, OrderState.SUBMITTED)


def test_a_matching_price_and_total_are_no_mismatch():
    imported("A;ACME;BOLT;1;10.00;11.90", header="order;customer;item;quantity;price;total")

    assert Order.objects.get().state == OrderState.CONFIRMED


def test_goods_that_cannot_be_there_in_time_wait_in_review():
    header = "order;customer;item;quantity;requested_date"

    imported("A;ACME;BOLT;7;2026-12-01", "B;ACME;BOLT;7;2026-12-01", header=header)

    first, second = Order.objects.order_by("pk")
    assert (first.state, second.state) == (OrderState.CONFIRMED, OrderState.SUBMITTED)
    assert review_sentences(second.review_notes) == [
        "Line 1, BOLT: for 4 of 7 there are no goods in sight."
    ]


def test_an_agreed_price_needs_its_reason():
    header = "order;customer;item;quantity;agreed_price;price_reason"

    assert errors_of(imported("A;ACME;BOLT;1;8;", header=header)) == [(2, "price_reason")]
    imported("A;ACME;BOLT;1;8;contract of May", header=header)
    assert lines_of(Order.objects.get())[0].unit_price == 8


def test_what_is_remembered_for_a_failure_does_not_grow_with_the_file(monkeypatch):
    """An attempt for each order copied every order before it: 2,000 orders, 2 million rows."""
    remembered = []
    remember = Work.remember

    def noting(work):
        remembered.append(len(work.held))
        return remember(work)

    monkeypatch.setattr(Work, "remember", noting)
    rows = []
    for count in (5, 20):
        remembered.clear()
        assert imported(*(f"{count}-{n};ACME;BOLT;1" for n in range(count))).created == count
        rows.append(sum(remembered))

    assert rows == [0, 0]


def test_orders_refused_while_they_are_captured_are_all_named():
    header = "order;customer;item;quantity;agreed_price"

    result = imported("A;ACME;BOLT;1;", "B;ACME;BOLT;1;9", "C;ACME;NUT;1;5", header=header)

    assert errors_of(result) == [(3, "price_reason"), (4, "price_reason")]


def test_addresses_and_warehouses_are_known_by_code(world):
    dock = AddressFactory(customer=world, code="DOCK", is_default=False, name="Dock 4")
    north = WarehouseFactory(code="NORTH")
    header = "order;customer;item;quantity;ship_to;warehouse"

    assert errors_of(imported("A;ACME;BOLT;1;NOWHERE;SOUTH", header=header)) == [
        (2, "ship_to"),
        (2, "warehouse"),
    ]
    imported("A;ACME;BOLT;1;DOCK;NORTH", header=header)
    order = Order.objects.get()
    assert (order.ship_to, order.warehouse) == (dock, north)


@pytest.mark.parametrize("text", ["", "order;customer;item;quantity\n", "customer;item\nA;B\n"])
def test_a_file_without_rows_or_columns_is_refused(text):
    result = import_orders("orders.csv", text.encode(), actor=SYSTEM)

    assert errors_of(result)[0][1] == "file"


def test_who_may_capture_but_not_confirm_leaves_orders_submitted(world, clerk):
    clerk.groups.clear()
    from django.contrib.auth.models import Permission

    names = ["import_orders", "capture_order", "submit_order"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    clerk = type(clerk).objects.get(pk=clerk.pk)

    imported("A;ACME;BOLT;1", actor=clerk)

    assert Order.objects.get().state == OrderState.SUBMITTED


def test_a_picker_may_not_import(picker):
    with pytest.raises(NotPermitted):
        imported("A;ACME;BOLT;1", actor=picker)


def test_the_command_prints_json_and_exits_1_when_refused(tmp_path, capsys):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("order;customer;item;quantity\nA;ACME;BOLT;3\n")
    bad.write_text("order;customer;item;quantity\nA;NOBODY;NO-SUCH;x\n")

    call_command("import_orders", str(good), "--json")
    assert json.loads(capsys.readouterr().out)["created"] == 1

    with pytest.raises(SystemExit) as stopped:
        call_command("import_orders", str(bad), "--json")
    assert stopped.value.code == 1
    errors = json.loads(capsys.readouterr().out)["errors"]
    assert {(error["row"], error["field"]) for error in errors} == {
        (2, "customer"),
        (2, "item"),
        (2, "quantity"),
    }
