"""import_stock: opening stock from a file, all rows or none, never twice."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from o2c.core.actors import SYSTEM
from o2c.stock.commands import import_stock
from o2c.stock.models import Balance, StockReceipt
from tests.factories.masters import ItemFactory, LocationFactory, ServiceFactory, WarehouseFactory
from tests.given.stock import storage

pytestmark = pytest.mark.django_db

HEADER = "item,warehouse,location,quantity,unit_cost"


@pytest.fixture
def place():
    return storage()


def load(*rows, header=HEADER, dry_run=False):
    data = "\n".join([header, *rows]).encode()
    return import_stock("stock.csv", data, dry_run=dry_run, actor=SYSTEM)


def test_a_file_becomes_one_receipt_per_warehouse(place):
    item, other = ItemFactory(standard_cost=Decimal(2)), ItemFactory()
    far = LocationFactory(warehouse=WarehouseFactory(code="OTHER", bins=0), code="Z-1")

    result = load(
        f"{item.code},MAIN,{place.code},10,1.50",
        f"{other.code},MAIN,{place.code},3,",
        f"{item.code},OTHER,{far.code},4,",
    )

    assert (result.rows, result.created, result.errors) == (3, 3, [])
    assert result.sums == {"quantity": Decimal(17)}
    assert StockReceipt.objects.count() == 2
    assert Balance.objects.get(item=item, location=place).value == 15
    assert Balance.objects.get(item=item, location=far).value == 8


def test_codes_are_found_in_any_capitals(place):
    item = ItemFactory(code="47566B")

    result = load(f"47566b,main,{place.code.lower()},10,1.50")

    assert result.errors == []
    assert Balance.objects.get(item=item, location=place).on_hand == 10


def test_lots_are_kept_apart(place):
    item = ItemFactory()

    load(
        f"{item.code},MAIN,{place.code},10,L1",
        f"{item.code},MAIN,{place.code},5,L2",
        header="item,warehouse,location,quantity,lot",
    )

    assert set(Balance.objects.values_list("lot", "on_hand")) == {("L1", 10), ("L2", 5)}


def test_the_same_file_comes_in_once(place):
    row = f"{ItemFactory().code},MAIN,{place.code},10,"
    load(row)

    again = load(row)

    assert (again.created, again.skipped, again.refused) == (0, 1, False)
    assert "in the books already: GR-" in again.notes[-1]
    assert Balance.objects.get().on_hand == 10


def test_a_dry_run_stores_nothing(place):
    result = load(f"{ItemFactory().code},MAIN,{place.code},10,", dry_run=True)

    assert result.created == 1
    assert not Balance.objects.exists()
    assert not StockReceipt.objects.exists()


def test_every_bad_row_is_named_and_no_good_one_is_stored(place):
    item, service = ItemFactory(), ServiceFactory()

    result = load(
        f"{item.code},MAIN,{place.code},10,",
        f"NOTHING,MAIN,{place.code},1,",
        f"{item.code},NOWHERE,{place.code},1,",
        f"{item.code},MAIN,X-99,1,",
        f"{item.code},MAIN,{place.code},-1,",
        f"{item.code},MAIN,{place.code},1e3,",
        f"{item.code},MAIN,{place.code},,",
    )

    assert result.refused
    assert {(error.row, error.field) for error in result.errors} == {
        (3, "item"),
        (4, "warehouse"),
        (5, "location"),
        (6, "quantity"),
        (7, "quantity"),
        (8, "quantity"),
    }
    assert not Balance.objects.exists()
    refused = load(f"{item.code},MAIN,{place.code},10,", f"{service.code},MAIN,{place.code},1,")
    assert [(error.row, error.field) for error in refused.errors] == [(3, "item")]
    assert not StockReceipt.objects.exists()


def test_an_unreadable_cell_does_not_hide_what_else_is_wrong_with_its_row(place):
    service = ServiceFactory()

    result = load(
        "NOTHING,NOWHERE,X-99,x,y",
        f"{service.code},MAIN,X-99,x,",
        f",MAIN,{place.code},1,",
        "NOTHING,,X-99,1,",
    )

    assert {(error.row, error.field) for error in result.errors} == {
        *((2, field) for field in ("item", "warehouse", "quantity", "unit_cost")),
        *((3, field) for field in ("item", "location", "quantity")),
        (4, "item"),
        *((5, field) for field in ("item", "warehouse")),
    }
    assert result.rows == 4


def test_a_file_without_its_columns_is_refused():
    result = load("1,2", header="item,quantity")

    assert "Missing columns: warehouse, location" in result.errors[0].message


def test_the_command_line_prints_json_and_exits_with_1_when_refused(place, tmp_path):
    file = tmp_path / "stock.csv"
    file.write_text(f"{HEADER}\n{ItemFactory().code},MAIN,{place.code},10,\n")
    out = StringIO()

    call_command("import_stock", str(file), "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["created"] == 1
    file.write_text(f"{HEADER}\nNOTHING,MAIN,{place.code},10,\n")
    with pytest.raises(SystemExit) as ended:
        call_command("import_stock", str(file), stdout=out, stderr=out)
    assert ended.value.code == 1
