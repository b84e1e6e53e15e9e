"""Orders in later states, reached by the real commands."""

from decimal import Decimal

from o2c.core.actors import SYSTEM
from o2c.stock.commands import Demand, reserve
from o2c.stock.models import Balance
from orders import commands
from orders.models import Order, OrderLine
from tests.factories.masters import CustomerFactory
from tests.factories.orders import OrderFactory, priced_item
from tests.given.stock import stock


def submitted_order(**draft) -> Order:
    return commands.submit_order(OrderFactory(**draft).pk, actor=SYSTEM)


def confirmed_order(**draft) -> Order:
    """Promised to the customer. Whether credit was asked depends on the wiring of the test."""
    return commands.confirm_order(submitted_order(**draft).pk, actor=SYSTEM)


def released_order(**draft) -> Order:
    """Released to the warehouse, as credit would do it."""
    order = confirmed_order(**draft)
    return commands.release_order(order.pk, actor=SYSTEM)


def lines_of(order) -> list[OrderLine]:
    return list(OrderLine.objects.filter(order=order).order_by("line_number"))


def shipped_order(quantities=None, **draft) -> Order:
    """Released, and these quantities (by line; all by default) picked and shipped."""
    order = released_order(**draft)
    shipped = quantities_of(order, quantities)
    commands.record_picked(order.pk, shipped, actor=SYSTEM)
    return commands.record_shipped(order.pk, shipped, actor=SYSTEM)


def invoiced_order(**draft) -> Order:
    """Shipped and billed as a whole."""
    order = shipped_order(**draft)
    return commands.record_invoiced(order.pk, quantities_of(order), actor=SYSTEM)


def quantities_of(order, quantities=None) -> dict[int, Decimal]:
    """Quantities by line id: those given in line order, or what each line wants."""
    lines = lines_of(order)
    if quantities is None:
        return {line.pk: line.wanted_quantity for line in lines}
    return {
        line.pk: Decimal(quantity)
        for line, quantity in zip(lines, quantities, strict=False)
        if Decimal(quantity)
    }


def reserved_order(in_stock, ordered) -> tuple[Order, Balance]:
    """An order with all it can get set aside, as planning does it."""
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    balance = stock(item, in_stock)
    order = released_order(customer=customer, lines=[(item, ordered)])
    line = lines_of(order)[0]
    got = reserve([Demand(line.pk, item.pk, line.quantity)], order.warehouse_id, actor=SYSTEM)
    taken = {line.pk: sum(a.quantity for a in got[line.pk])}
    commands.record_reserved(order.pk, taken, actor=SYSTEM)
    return order, balance


def report(counter, order, *quantities, **more) -> Order:
    """`report("picked", order, 3, 2)`: count so much of each line, in line order."""
    record = getattr(commands, f"record_{counter}")
    return record(order.pk, quantities_of(order, quantities), actor=SYSTEM, **more)


def pick_and_ship(order, *quantities) -> Order:
    report("picked", order, *quantities)
    return report("shipped", order, *quantities)


def state_of(order) -> str:
    return Order.objects.get(pk=order.pk).state
