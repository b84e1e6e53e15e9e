"""Goods on stock, reached by the real commands."""

from decimal import Decimal

from o2c.core.actors import SYSTEM
from o2c.masters.models import Item, Location
from o2c.stock.commands import Demand, Receipt, receive_goods, reserve
from o2c.stock.models import Balance
from tests.factories.masters import ItemFactory, WarehouseFactory
from tests.given.ledger import chart


def storage(walk=0, warehouse=None) -> Location:
    """A storage location of the warehouse (the main one), by its place on the walk.

    There is a chart of accounts, too: what comes to lie there is posted.
    """
    chart()
    warehouse = warehouse or WarehouseFactory()
    return warehouse.locations.filter(kind="storage").order_by("walk_order", "code")[walk]


def stock(
    item: Item | None = None, quantity=10, *, location=None, unit_cost=None, lot=""
) -> Balance:
    """So much of an item received at a location (the first of the walk), and the balance there."""
    chart()
    item = item or ItemFactory()
    location = location or storage()
    line = Receipt(item.pk, location.pk, Decimal(quantity), unit_cost, lot)
    receive_goods(location.warehouse_id, [line], reference="given", actor=SYSTEM)
    return Balance.objects.select_related("item", "location").get(
        item=item, location=location, lot=lot
    )


def reserved(balance: Balance, source_id=1, quantity=1) -> Balance:
    """Some of a balance's item held for a source; the balance read again."""
    demand = Demand(source_id, balance.item_id, Decimal(quantity))
    reserve([demand], balance.location.warehouse_id, actor=SYSTEM)
    balance.refresh_from_db()
    return balance
