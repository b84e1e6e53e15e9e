"""What comes in locks its unit and its warehouse, too, and goods are promised in storage only.

A place that becomes another kind of place waits for whoever is reserving goods there.
"""

from importlib import import_module

from django.db import migrations

_BEFORE = import_module("o2c.stock.migrations.0002_masters_hold_still")
_REFUSE = _BEFORE._REFUSE

ARRIVALS = f"""
CREATE OR REPLACE FUNCTION stock_goods_arrive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    items bigint[];
    locations bigint[];
    units bigint[];
    warehouses bigint[];
BEGIN
    SELECT array_agg(b.item_id), array_agg(b.location_id) INTO items, locations
    FROM {_BEFORE._ARRIVED};
    IF items IS NULL THEN RETURN NULL; END IF;
    PERFORM FROM masters_item WHERE id = ANY(items) ORDER BY id FOR SHARE;
    SELECT array_agg(unit_id) INTO units FROM masters_item WHERE id = ANY(items);
    PERFORM FROM masters_unit WHERE id = ANY(units) ORDER BY id FOR SHARE;
    PERFORM FROM masters_location WHERE id = ANY(locations) ORDER BY id FOR SHARE;
    SELECT array_agg(warehouse_id) INTO warehouses FROM masters_location
    WHERE id = ANY(locations);
    PERFORM FROM masters_warehouse WHERE id = ANY(warehouses) ORDER BY id FOR SHARE;
    IF EXISTS (SELECT FROM masters_item WHERE id = ANY(items) AND kind <> 'stocked') THEN
        {_REFUSE.format("stock_move_to_a_stocked_item")}
    END IF;
    IF EXISTS (
        SELECT FROM {_BEFORE._ARRIVED} JOIN masters_item i ON i.id = b.item_id
        JOIN masters_unit u ON u.id = i.unit_id WHERE n.quantity <> round(n.quantity, u.decimals)
    ) THEN
        {_REFUSE.format("stock_move_fits_the_unit")}
    END IF;
    IF EXISTS (SELECT FROM masters_location WHERE id = ANY(locations) AND NOT active) THEN
        {_REFUSE.format("stock_move_to_a_location_in_use")}
    END IF;
    IF EXISTS (SELECT FROM masters_warehouse WHERE id = ANY(warehouses) AND NOT active) THEN
        {_REFUSE.format("stock_move_to_a_warehouse_in_use")}
    END IF;
    RETURN NULL;
END $$;
"""

KIND = f"""
CREATE OR REPLACE FUNCTION stock_location_kind_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM stock_balance WHERE location_id = NEW.id ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM stock_balance WHERE location_id = NEW.id AND reserved > 0) THEN
        {_REFUSE.format("stock_location_kind_kept")}
    END IF;
    RETURN NEW;
END $$;
"""

#: The place was read before its balance was locked; its kind may have changed since then. By its
#: name it comes after the trigger that locks the balances.
STORAGE = f"""
CREATE FUNCTION stock_reserved_in_storage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n JOIN stock_balance b ON b.id = n.balance_id
        JOIN masters_location l ON l.id = b.location_id
        WHERE n.quantity > 0 AND l.kind <> 'storage'
    ) THEN {_REFUSE.format("stock_reservation_in_storage")} END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_reserved_in_storage AFTER INSERT ON stock_reservation
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stock_reserved_in_storage();
CREATE TRIGGER stock_reserved_more_in_storage AFTER UPDATE ON stock_reservation
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stock_reserved_in_storage();
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0002_masters_hold_still")]

    operations = [
        migrations.RunSQL(ARRIVALS, migrations.RunSQL.noop),
        migrations.RunSQL(KIND, migrations.RunSQL.noop),
        migrations.RunSQL(
            STORAGE,
            """
            DROP TRIGGER stock_reserved_in_storage ON stock_reservation;
            DROP TRIGGER stock_reserved_more_in_storage ON stock_reservation;
            DROP FUNCTION stock_reserved_in_storage();
            """,
        ),
    ]
