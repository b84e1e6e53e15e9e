"""The stock unit and kind of an item, its unit's decimals, and the places goods lie at stay.

Goods that arrive lock their item and place against such a change, so that neither can slip past
the other.
"""

from django.db import migrations

_REFUSE = "RAISE EXCEPTION 'goods lie on it' USING ERRCODE = 'check_violation', CONSTRAINT = '{}';"


def _guard(name: str, table: str, when: str, exists: str) -> migrations.RunSQL:
    """A trigger that refuses an update of `table` while rows `exists`."""
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS ({exists}) THEN {_REFUSE.format(name)} END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {name} BEFORE UPDATE ON {table}
            FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


_OF_ITEM = """
    SELECT FROM stock_balance WHERE item_id = NEW.id AND on_hand > 0
    UNION ALL
    SELECT FROM stock_expectedreceipt
    WHERE item_id = NEW.id AND NOT cancelled AND received < quantity
"""
_AT_LOCATION = "SELECT FROM stock_balance WHERE location_id = NEW.id AND on_hand > 0"
_IN_WAREHOUSE = """
    SELECT FROM stock_balance b JOIN masters_location l ON l.id = b.location_id
    WHERE l.warehouse_id = NEW.id AND b.on_hand > 0
"""
_FINER = """
    SELECT FROM stock_balance b JOIN masters_item i ON i.id = b.item_id
    WHERE i.unit_id = NEW.id AND b.on_hand <> round(b.on_hand, NEW.decimals)
"""
_ARRIVED = "new_rows n JOIN stock_balance b ON b.id = n.balance_id AND n.quantity > 0"

ARRIVALS = f"""
CREATE FUNCTION stock_goods_arrive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    items bigint[];
    locations bigint[];
BEGIN
    SELECT array_agg(b.item_id), array_agg(b.location_id) INTO items, locations FROM {_ARRIVED};
    IF items IS NULL THEN RETURN NULL; END IF;
    PERFORM FROM masters_item WHERE id = ANY(items) ORDER BY id FOR SHARE;
    PERFORM FROM masters_location WHERE id = ANY(locations) ORDER BY id FOR SHARE;
    IF EXISTS (SELECT FROM masters_item WHERE id = ANY(items) AND kind <> 'stocked') THEN
        {_REFUSE.format("stock_move_to_a_stocked_item")}
    END IF;
    IF EXISTS (SELECT FROM masters_location WHERE id = ANY(locations) AND NOT active) THEN
        {_REFUSE.format("stock_move_to_a_location_in_use")}
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_goods_arrive AFTER INSERT ON stock_move
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stock_goods_arrive();
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial"), ("masters", "0002_keys")]

    operations = [
        _guard("stock_item_unit_kept", "masters_item", "OLD.unit_id <> NEW.unit_id", _OF_ITEM),
        _guard(
            "stock_item_kind_kept",
            "masters_item",
            "OLD.kind = 'stocked' AND NEW.kind <> 'stocked'",
            _OF_ITEM,
        ),
        _guard(
            "stock_unit_decimals_kept", "masters_unit", "NEW.decimals < OLD.decimals", _FINER
        ),
        _guard(
            "stock_location_active_kept",
            "masters_location",
            "OLD.active AND NOT NEW.active",
            _AT_LOCATION,
        ),
        _guard(
            "stock_location_warehouse_kept",
            "masters_location",
            "OLD.warehouse_id <> NEW.warehouse_id",
            _AT_LOCATION,
        ),
        _guard(
            "stock_location_kind_kept",
            "masters_location",
            "OLD.kind = 'storage' AND NEW.kind <> 'storage'",
            "SELECT FROM stock_balance WHERE location_id = NEW.id AND reserved > 0",
        ),
        _guard(
            "stock_warehouse_active_kept",
            "masters_warehouse",
            "OLD.active AND NOT NEW.active",
            _IN_WAREHOUSE,
        ),
        migrations.RunSQL(
            ARRIVALS,
            "DROP TRIGGER stock_goods_arrive ON stock_move; DROP FUNCTION stock_goods_arrive();",
        ),
    ]
