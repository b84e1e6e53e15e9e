"""Masters that goods rest on, kept as they are while goods are moved."""

from collections.abc import Collection

from django.db import connection

from o2c.core.work import assert_in_command


def keep_goods_masters(item_ids: Collection[int], location_ids: Collection[int] = ()) -> None:
    """Lock items, their units, locations and their warehouses against change.

    What is read afterwards stays true until the command ends. The locks are shared, and taken
    whatever else is held: who changes a master waits for nothing that a goods document locks
    before them.
    """
    assert_in_command()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH item AS MATERIALIZED ("
            "SELECT unit_id FROM masters_item WHERE id = ANY(%s) ORDER BY id FOR SHARE), "
            "unit AS MATERIALIZED (SELECT id FROM masters_unit "
            "WHERE id IN (SELECT unit_id FROM item) ORDER BY id FOR SHARE), "
            "place AS MATERIALIZED (SELECT warehouse_id FROM masters_location "
            "WHERE id = ANY(%s) ORDER BY id FOR SHARE), "
            "warehouse AS MATERIALIZED (SELECT id FROM masters_warehouse "
            "WHERE id IN (SELECT warehouse_id FROM place) ORDER BY id FOR SHARE) "
            "SELECT (SELECT count(*) FROM unit), (SELECT count(*) FROM warehouse)",
            [list(item_ids), list(location_ids)],
        )
