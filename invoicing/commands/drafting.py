"""From a shipment to the draft of its invoice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from invoicing import queries
from invoicing.models import Invoice, InvoiceLine, InvoiceState, TaxLine
from invoicing.rules.billing import Bill, Part, bill, billable, charged, still_charged
from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command, lock_where
from o2c.core.money import ZERO
from o2c.core.transitions import begin
from o2c.masters.models import BillingPolicy
from o2c.masters.queries import TaxCodeRate, Taxes, taxes_for
from orders.commands import lock_order
from orders.models import Order, OrderLine
from shipping.models import Shipment, ShipmentLine, ShipmentState
from shipping.models.shipments import SHIPPED_STATES


class ToBill(NamedTuple):
    """A quantity of a shipment line to be billed, after `start` units of its order line were.

    `tax` is that of the day of supply, whatever it was on the day of the order; `billed` what
    those units are charged, in the order's price basis.
    """

    shipment_line: ShipmentLine
    order_line: OrderLine
    start: Decimal
    billed: Decimal
    quantity: Decimal
    tax: TaxCodeRate

    @property
    def part(self) -> Part:
        part = part_of(self.order_line, self.start, self.quantity, self.billed)
        return part._replace(category=self.tax.category, percent=self.tax.percent)


@command
def draft_invoice(shipment_id: int, *, actor: Actor) -> Invoice | None:
    """Draft the invoice over what a shipment can be billed for now.

    At the order's prices, and with the tax of the day of supply.

    Returns the draft there is when one is waiting, and None when nothing is to be billed: not
    dispatched, not delivered where the order is billed on delivery, or billed in full.
    """
    require(actor, "invoicing.draft_invoice")
    for order in lock_where(Order, shipments=shipment_id, related=("terms",)):
        return draft_for(order, shipment_id, actor=actor)
    return None


def draft_for(order: Order, shipment_id: int, *, actor: Actor) -> Invoice | None:
    """The draft for a shipment of an order that the caller has locked."""
    _order, order_lines = lock_order(order.pk)
    shipped = lock_shipped(shipment_id)
    if not shipped or not is_due(order, shipped[0].shipment):
        return None
    billing = queries.billing_lines(order.pk)
    for line in billing:
        if line.invoice.state == InvoiceState.DRAFT and line.invoice.shipment_id == shipment_id:
            return line.invoice
    shipment = shipped[0].shipment
    taxes = taxes_for(
        order.bill_to_id, shipment.ship_to.get("country", ""), supplied_on(order, shipment)
    )
    wanted = _wanted(order, order_lines, shipped, billing, taxes)
    if not wanted:
        return None
    figures = bill(
        [one.part for one in wanted],
        order.currency,
        tax_included=order.tax_included,
        untaxed_percent=order.terms.untaxed_percent,
    )
    return _write(order, shipment, wanted, figures, actor)


def lock_shipped(shipment_id: int) -> list[ShipmentLine]:
    """Lock the lines of a shipment, which come with it and its proof of delivery."""
    return lock_where(ShipmentLine, shipment_id=shipment_id, related=("shipment__proof",))


def is_due(order: Order, shipment: Shipment) -> bool:
    """Whether the shipment has come as far as the order's billing policy asks for."""
    if order.billing_policy == BillingPolicy.DELIVERED:
        return shipment.state == ShipmentState.DELIVERED
    return shipment.state in SHIPPED_STATES


def billable_of(order: Order, line: ShipmentLine) -> Decimal:
    """What of a shipment line can be billed now, drafts not counted."""
    waits = order.billing_policy == BillingPolicy.DELIVERED
    return billable(line.quantity, line.returned, line.refused if waits else ZERO, line.invoiced)


def _wanted(
    order: Order,
    order_lines: Sequence[OrderLine],
    shipped: Sequence[ShipmentLine],
    billing: Sequence[InvoiceLine],
    taxes: Taxes,
) -> list[ToBill]:
    """What is to be billed, in the order of the order's lines."""
    by_key = {line.pk: line for line in order_lines}
    claimed, billed = _claims(billing), billed_by(billing, by_key, order.currency)
    wanted = []
    for line in shipped:
        order_line = by_key[line.order_line_id]
        claim = claimed.get(order_line.pk, ZERO)
        quantity = min(billable_of(order, line), order_line.billable_quantity - claim)
        if quantity > 0:
            start = order_line.invoiced - order_line.credited + claim
            tax = taxes.of(order_line.item)
            before = billed.get(order_line.pk, ZERO)
            wanted.append(ToBill(line, order_line, start, before, quantity, tax))
    return sorted(wanted, key=lambda one: one.order_line.line_number)


def _claims(billing: Sequence[InvoiceLine]) -> Mapping[int, Decimal]:
    """What other drafts will bill, by order line."""
    claims: dict[int, Decimal] = defaultdict(Decimal)
    for line in billing:
        if line.invoice.state == InvoiceState.DRAFT:
            claims[line.order_line_id] += line.quantity
    return claims


def billed_by(
    billing: Sequence[InvoiceLine], order_lines: Mapping[int, OrderLine], currency: str
) -> Mapping[int, Decimal]:
    """What drafts and posted invoices charge for the units they still bill, by order line.

    A draft at a price that is no longer the order's will not be posted: its units are counted at
    the price of now, so that no other draft makes up for it.
    """
    billed: dict[int, Decimal] = defaultdict(Decimal)
    for line in billing:
        order_line = order_lines[line.order_line_id]
        is_draft = line.invoice.state == InvoiceState.DRAFT
        if is_draft and terms_of_sale(line) != terms_of_sale(order_line):
            part = part_of(order_line, ZERO, line.quantity)
            billed[order_line.pk] += charged(part, currency)
            continue
        billed[line.order_line_id] += still_charged(
            line.charged,
            line.quantity,
            line.credited_quantity,
            line.credited_amount,
            line.conceded,  # type: ignore[attr-defined]  # annotated
            currency,
        )
    return billed


def part_of(
    line: OrderLine, start: Decimal, quantity: Decimal, billed: Decimal | None = None
) -> Part:
    """So many units of an order line after the first `start`, which are charged `billed`."""
    return Part(
        line.wanted_quantity,
        start,
        start + quantity,
        line.unit_price,
        line.discount_percent,
        line.amount,
        line.document_discount,
        line.tax_category,
        line.tax_percent,
        line.price_per,
        billed,
    )


def terms_of_sale(line: InvoiceLine | OrderLine) -> tuple[Decimal, ...]:
    """The price of a line: for how many units, and less what."""
    return (line.unit_price, line.price_per, line.discount_percent)


def supplied_on(order: Order, shipment: Shipment) -> date:
    """The day the tax falls due: the delivery where billing waits for it, else the dispatch."""
    waits = order.billing_policy == BillingPolicy.DELIVERED
    moment = shipment.proof.delivered_at if waits else shipment.dispatched_at
    return timezone.localtime(moment).date()


def _write(
    order: Order, shipment: Shipment, wanted: Sequence[ToBill], figures: Bill, actor: Actor
) -> Invoice:
    """Insert the draft with its lines and tax lines."""
    net, tax, gross, tax_lines = figures.totals
    invoice = begin(
        Invoice(
            order=order,
            shipment=shipment,
            customer_id=order.customer_id,
            bill_to_id=order.bill_to_id,
            payer_id=order.payer_id,
            currency=order.currency,
            exchange_rate=order.exchange_rate,
            terms_id=order.terms_id,
            tax_included=order.tax_included,
            untaxed_percent=order.terms.untaxed_percent,
            invoice_date=clock.today(),
            delivery_date=supplied_on(order, shipment),
            net=net,
            tax=tax,
            gross=gross,
            line_count=len(wanted),
        ),
        actor=actor,
        event="drafted",
        order=order.number,
        shipment=shipment.number,
        gross=gross,
        currency=order.currency,
    )
    insert_rows(
        InvoiceLine(
            invoice=invoice,
            line_number=number,
            order_line=one.order_line,
            shipment_line=one.shipment_line,
            item_code=one.order_line.item.code,
            description=one.order_line.description,
            unit_id=one.order_line.unit_id,
            quantity=one.quantity,
            unit_price=one.order_line.unit_price,
            price_per=one.order_line.price_per,
            discount_percent=one.order_line.discount_percent,
            tax_category=one.tax.category,
            tax_percent=one.tax.percent,
            unit_cost=one.shipment_line.unit_cost,
            **line._asdict(),
        )
        for number, (one, line) in enumerate(zip(wanted, figures.lines, strict=True), start=1)
    )
    reasons = {(one.tax.category, one.tax.percent): one.tax for one in wanted}
    insert_rows(
        TaxLine(
            invoice=invoice,
            reason=reasons[group[:2]].exemption_reason,
            reason_code=reasons[group[:2]].exemption_code,
            **group._asdict(),
        )
        for group in tax_lines
    )
    return invoice
