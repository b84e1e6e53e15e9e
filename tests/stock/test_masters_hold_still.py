"""Masters with goods on them: what the goods are counted in, and where they lie, stays."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.constraints import GUARDS
from o2c.core.errors import RuleViolation
from o2c.masters.commands import amend_master, import_masters
from o2c.masters.models import Item, Location, Unit, Warehouse
from o2c.stock.commands import (
    Adjustment,
    Counted,
    Receipt,
    Transfer,
    adjust_stock,
    count_stock,
    expect_goods,
    receive_goods,
    transfer_stock,
)
from o2c.stock.models import Balance, Move
from tests.factories.masters import (
    ItemFactory,
    LocationFactory,
    UnitFactory,
    WarehouseFactory,
)
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db


def amended(instance, **values):
    for name, value in values.items():
        setattr(instance, name, value)
    return amend_master(instance, actor=SYSTEM)


def refused(instance, field, **values) -> str:
    with pytest.raises(RuleViolation) as refusal:
        amended(instance, **values)
    (error,) = refusal.value.errors
    assert error.field == field
    assert "_kept" not in str(error)
    return str(error)


def gone(balance):
    """Take everything off the shelf."""
    line = Adjustment(balance.item_id, balance.location_id, -balance.on_hand, balance.lot)
    adjust_stock(balance.location.warehouse_id, [line], reason="sold", actor=SYSTEM)


@pytest.fixture
def balance():
    return stock(quantity=5)


class TestWhileGoodsLieThere:
    def test_the_stock_unit_of_an_item_stays(self, balance):
        kilo = UnitFactory(code="KGM", name="kilogram", decimals=3)

        assert "counted in it" in refused(balance.item, "unit", unit=kilo)

    def test_a_stocked_item_becomes_no_service(self, balance):
        assert "stays stocked" in refused(balance.item, "kind", kind="service")

    def test_a_unit_loses_no_decimals_that_goods_are_counted_in(self):
        item = ItemFactory(unit=UnitFactory(code="KGM", name="kilogram", decimals=3))
        stock(item, "1.250")

        assert "smaller parts" in refused(item.unit, "decimals", decimals=1)
        assert amended(Unit.objects.get(pk=item.unit_id), decimals=2).decimals == 2

    def test_a_location_is_not_switched_off(self, balance):
        assert "elsewhere" in refused(balance.location, "active", active=False)

    def test_a_location_changes_no_warehouse(self, balance):
        other = WarehouseFactory(code="OTHER")

        assert "another warehouse" in refused(
            balance.location, "warehouse", warehouse=other, code="N"
        )

    def test_a_warehouse_is_not_switched_off(self, balance):
        assert "elsewhere" in refused(balance.location.warehouse, "active", active=False)

    def test_a_place_with_reserved_goods_stays_a_storage_place(self, balance):
        reserved(balance)

        assert "reserved" in refused(balance.location, "kind", kind="quarantine")

    def test_goods_that_are_expected_count_too(self):
        item = ItemFactory()
        expect_goods(item.pk, storage().warehouse_id, Decimal(3), clock.today(), actor=SYSTEM)

        refused(item, "kind", kind="service")

    def test_a_file_is_refused_with_the_row_and_field_named(self, balance):
        UnitFactory(code="KGM", name="kilogram", decimals=3)
        item = balance.item
        row = f"code,name,unit\n{item.code},{item.name},KGM\n"

        result = import_masters("items", "items.csv", row.encode(), actor=SYSTEM)

        assert [(error.row, error.field) for error in result.errors] == [(2, "unit")]
        assert Item.objects.get(pk=item.pk).unit_id == item.unit_id


@pytest.mark.parametrize(
    "change",
    [
        lambda b: amended(b.item, unit=UnitFactory(code="KGM", name="kilogram", decimals=3)),
        lambda b: amended(b.item, kind="service"),
        lambda b: amended(b.location, active=False),
        lambda b: amended(b.location, warehouse=WarehouseFactory(code="OTHER"), code="N"),
        lambda b: amended(b.location.warehouse, active=False),
    ],
)
def test_once_the_shelf_is_empty_everything_may_change(balance, change):
    gone(balance)
    fresh = Balance.objects.select_related("item", "location__warehouse").get(pk=balance.pk)

    change(fresh)


class TestGoodsThatArrive:
    def test_they_do_not_arrive_at_a_place_that_is_switched_off(self):
        place = storage()
        Location.objects.filter(pk=place.pk).update(active=False)
        line = Receipt(ItemFactory().pk, place.pk, Decimal(1))

        with pytest.raises(RuleViolation, match="switched off"):
            receive_goods(place.warehouse_id, [line], actor=SYSTEM)

    def test_the_database_refuses_them_too(self, balance):
        gone(balance)
        Location.objects.filter(pk=balance.location_id).update(active=False)
        move = Move.objects.order_by("pk").first()
        move.pk, move.on_hand_after = None, Decimal(5)

        refusal = pytest.raises(IntegrityError, match="goods lie on it")
        with refusal, transaction.atomic():
            move.save(force_insert=True)


class TestAnotherWarehouse:
    """A document of one warehouse moves no goods of another."""

    @pytest.fixture
    def elsewhere(self):
        return stock(quantity=5, location=LocationFactory(warehouse=WarehouseFactory(code="B")))

    @pytest.mark.parametrize("kind", ["receipt", "transfer", "adjustment", "count"])
    def test_nothing_of_it_moves(self, balance, elsewhere, kind):
        item, place = elsewhere.item_id, elsewhere.location_id
        here = balance.location.warehouse_id
        document = {
            "receipt": partial(receive_goods, here, [Receipt(item, place, Decimal(1))]),
            "transfer": partial(
                transfer_stock, here, [Transfer(item, place, balance.location_id, Decimal(1))]
            ),
            "adjustment": partial(
                adjust_stock, here, [Adjustment(item, place, Decimal(1))], reason="x"
            ),
            "count": partial(count_stock, here, place, [Counted(item, Decimal(4))]),
        }[kind]
        before = Move.objects.count()

        with pytest.raises(RuleViolation, match="no location of this warehouse"):
            document(actor=SYSTEM)

        assert Move.objects.count() == before

    def test_a_transfer_brings_nothing_there_either(self, balance, elsewhere):
        line = Transfer(balance.item_id, balance.location_id, elsewhere.location_id, Decimal(1))

        with pytest.raises(RuleViolation, match="no location of this warehouse"):
            transfer_stock(balance.location.warehouse_id, [line], actor=SYSTEM)


def test_every_guard_stands_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'stock\\_%'")
        sources = "".join(source for _name, source in cursor.fetchall())

    assert all(f"'{name}'" in sources for name in GUARDS if name.startswith("stock_"))


def test_a_warehouse_without_goods_can_be_switched_off():
    warehouse = WarehouseFactory(code="EMPTY")

    assert not amended(Warehouse.objects.get(pk=warehouse.pk), active=False).active
