"""Drafts, invoices and credit notes, reached by the real commands.

An order is given as lines of (quantity, price): `posted_invoice((10, "4.00"))`. Everything
ordered is on stock, costs us 1.25 a piece, and is dispatched at once.
Works whether or not the flow is wired.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fulfillment import commands as fulfillment
from fulfillment.commands import PackageDraft
from fulfillment.models import PickList
from invoicing import commands
from invoicing.models import CreditKind, Invoice, InvoiceLine
from o2c.core.actors import SYSTEM
from orders.models import Order
from shipping import commands as shipping
from shipping.models import Shipment
from tests.factories.masters import CompanyFactory, CustomerFactory
from tests.factories.orders import priced_item
from tests.given.ledger import chart
from tests.given.orders import released_order
from tests.given.stock import stock

UNIT_COST = Decimal("1.25")


def released(*lines: tuple[Any, Any], customer: Any = None, **order: Any) -> Order:
    """A released order of lines (quantity, price), everything on stock at 1.25 a piece."""
    CompanyFactory()
    chart()
    customer = customer or CustomerFactory()
    items = []
    for quantity, price in lines or [(10, "10.00")]:
        item = priced_item(customer, price)
        stock(item, quantity, unit_cost=UNIT_COST)
        items.append((item, quantity))
    return released_order(customer=customer, lines=items, **order)


def planned(order: Order, *parts: Sequence[Any]) -> list[Shipment]:
    """The shipments of an order, ready to go: one per part, a part being a quantity per line."""
    fulfillment.plan_order(order.pk, actor=SYSTEM)
    picks = PickList.objects.get(order=order)
    fulfillment.confirm_pick(picks.pk, actor=SYSTEM)
    stops = list(picks.lines.order_by("order_line__line_number"))
    drafts = [
        PackageDraft({s.pk: Decimal(q) for s, q in zip(stops, part, strict=True) if Decimal(q)})
        for part in parts
    ]
    fulfillment.pack(picks.pk, packages=drafts or None, actor=SYSTEM)
    for unasked in Shipment.objects.filter(pick_list=picks):  # the flow has planned it
        shipping.cancel_shipment(unasked.pk, reason="in parts", actor=SYSTEM)
    return [
        shipping.plan_shipment(picks.pk, package_ids=[package.pk], actor=SYSTEM)
        for package in picks.packages.order_by("pk")
    ]


def dispatched(shipment: Shipment) -> Shipment:
    return shipping.dispatch_shipment(shipment.pk, actor=SYSTEM)


def delivered(shipment: Shipment) -> Shipment:
    return shipping.record_delivery(shipment.pk, signed_by="Rita", actor=SYSTEM)


def shipped(*lines: tuple[Any, Any], **order: Any) -> Shipment:
    """A shipment of everything ordered, dispatched."""
    return dispatched(planned(released(*lines, **order))[0])


def drafted_invoice(*lines: tuple[Any, Any], **order: Any) -> Invoice:
    """The draft over a shipment of everything ordered."""
    return draft_of(shipped(*lines, **order))


def draft_of(shipment: Shipment) -> Invoice:
    """The draft of a shipment's invoice."""
    commands.draft_invoice(shipment.pk, actor=SYSTEM)
    return Invoice.objects.get(shipment=shipment, state="draft")


def posted_invoice(*lines: tuple[Any, Any], **order: Any) -> Invoice:
    """The posted invoice over a shipment of everything ordered."""
    return commands.post_invoice(drafted_invoice(*lines, **order).pk, actor=SYSTEM)


def lines_of(invoice: Invoice) -> list[InvoiceLine]:
    return list(invoice.lines.order_by("line_number"))


def returned(shipment: Shipment, *quantities: Any) -> Any:
    """So much of each shipment line came back, to stock."""
    lines = shipment.lines.order_by("order_line__line_number")
    back = {line.pk: Decimal(q) for line, q in zip(lines, quantities, strict=False)}
    announced = shipping.announce_return(shipment.pk, lines=back, reason="too many", actor=SYSTEM)
    return shipping.receive_return(announced.pk, actor=SYSTEM)


def proposed_credit(invoice: Invoice, *figures: Any, kind: str = CreditKind.CORRECTION) -> Invoice:
    """A proposal over so much (quantity or amount, by kind) of each line; all of it by default."""
    wanted = {
        line.pk: Decimal(figure)
        for line, figure in zip(lines_of(invoice), figures, strict=False)
        if Decimal(figure)
    }
    name = "quantities" if kind in ("return", "correction") else "amounts"
    return commands.draft_credit_note(
        invoice.pk, kind=kind, reason="wrong", actor=SYSTEM, **{name: wanted or None}
    )


def posted_credit(invoice: Invoice, *figures: Any, kind: str = CreditKind.CORRECTION) -> Invoice:
    """A posted credit note over so much of each line."""
    return commands.approve_credit_note(
        proposed_credit(invoice, *figures, kind=kind).pk, actor=SYSTEM
    )
