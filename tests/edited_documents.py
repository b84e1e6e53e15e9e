"""Documents that have an edit form, in each state in which it opens, with every field filled."""

from datetime import date, timedelta
from decimal import Decimal

from credit.commands import classify_account
from credit.models import CreditAccount
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.masters.models import CarrierService
from o2c.stock.commands import expect_goods
from orders.commands import (
    LineChange,
    LineDraft,
    OrderDraft,
    amend_order,
    capture_order,
    hold_order,
    import_orders,
    submit_order,
)
from orders.models import Order
from shipping.commands import set_carrier
from tests.factories import masters as make
from tests.factories.orders import priced_item
from tests.given.logistics import dispatched_shipment, planned_shipment
from tests.given.orders import confirmed_order, lines_of

D = Decimal
TODAY = clock.today()


def every_edited_document() -> None:
    """Make them by their own commands."""
    customer = make.CustomerFactory(code="ACME", po_policy="warn")
    submit_order(capture_order(full_draft(customer), actor=SYSTEM).pk, actor=SYSTEM)
    capture_order(full_draft(customer), actor=SYSTEM)
    imported_with_notes(customer)
    amended_order()
    hold_order(confirmed_order().pk, reason="waits", actor=SYSTEM)
    service = make.CarrierServiceFactory(carrier=make.CarrierFactory(code="OTHER"), code="SLOW")
    when = TODAY + timedelta(days=9)
    for shipment in (planned_shipment(), dispatched_shipment()):
        set_carrier(
            shipment.pk, service_id=service.pk, tracking="AB1", expected_date=when, actor=SYSTEM
        )
    CarrierService.objects.filter(pk=service.pk).update(active=False)
    for account in CreditAccount.objects.all():
        classify_account(account.pk, risk_class="high", overdue_days_allowed=None, actor=SYSTEM)
    expect_goods(
        make.ItemFactory().pk, make.WarehouseFactory().pk, D(5), TODAY, reference="PO", actor=SYSTEM
    )


def full_draft(customer) -> OrderDraft:
    """Every head field and every line field given, none of them a default."""
    make.CurrencyFactory(code="USD")
    make.ExchangeRateFactory(currency="USD", date=date(2026, 1, 1), rate=D("0.91"))
    boxed = priced_item(customer, "1.00")
    make.ItemUnitFactory(item=boxed)
    wanted = TODAY + timedelta(days=9)
    line = LineDraft(
        boxed.code, D(3), D("7.50"), "agreed", D(10), wanted, description="Bolts, blue", unit="XBX"
    )
    return OrderDraft(
        customer.pk,
        [line, LineDraft(boxed.code, D("2"), D("0.000001"), "a gift")],
        ship_to_id=make.AddressFactory(
            customer=customer, code=f"DOCK-{boxed.pk}", is_default=False
        ).pk,
        warehouse_id=make.WarehouseFactory(code="SOUTH").pk,
        currency="USD",
        order_date=date(2026, 3, 2),
        requested_date=wanted,
        customer_reference=f"PO-{boxed.pk}",
        discount_amount=D("0.50"),
        note="Ring twice.\nThen wait.",
    )


def imported_with_notes(customer) -> Order:
    """An order with a note of every kind: price, total, a passed day, a used number, no goods."""
    item = priced_item(customer, "10.00")
    line = "order;customer;item;quantity;price;total;requested_date;po"
    rows = [f"{key};ACME;{item.code};3;{price};{total};2026-03-02;PO-1" for key, price, total in
            (("A", "10.00", "35.70"), ("B", "9.00", "32.13"))]  # fmt: skip
    result = import_orders("orders.csv", "\n".join([line, *rows]).encode(), actor=SYSTEM)
    assert not result.refused, result.errors
    return Order.objects.get(source_reference="B")


def amended_order() -> Order:
    """A confirmed order with a day, a price and a discount of its own on a line."""
    order = confirmed_order(lines=[(10, "4.00"), (2, "1.00")])
    line = lines_of(order)[0]
    change = LineChange(
        line.pk, quantity=D(8), unit_price=D("3.50"), price_reason="agreed",
        discount_percent=D(5), requested_date=TODAY + timedelta(days=3),
    )  # fmt: skip
    version = Order.objects.get(pk=order.pk).version  # credit has released it meanwhile
    return amend_order(order.pk, changes=[change], version=version, reason="asked", actor=SYSTEM)
