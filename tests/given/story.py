"""A house at work: each person does their part by the commands they use, the flow does the rest."""

from decimal import Decimal
from typing import Any

from fulfillment.commands import confirm_pick, pack
from fulfillment.models import PickList
from invoicing.commands import post_invoice
from invoicing.models import Invoice
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from o2c.masters.models import Customer, Item
from orders.commands import LineDraft, OrderDraft, capture_order, confirm_order, submit_order
from orders.models import Order, OrderLine
from reconciliation.commands import apply_match
from reconciliation.models import Match
from shipping.commands import dispatch_shipment, record_delivery
from shipping.models import Shipment
from tests.factories.masters import CompanyFactory, CustomerFactory
from tests.factories.orders import priced_item
from tests.given.ledger import chart
from tests.given.reconciliation import bank_account, entry, matched
from tests.given.stock import stock


class House:
    """A company with one customer and one item, ten of it on stock at 6.00, sold at 10.00.

    `house.order(10)` is what the sales clerk does; `house.pick(order)` the picker, and so on.
    """

    def __init__(self, people: dict[str, Any], **customer: Any) -> None:
        CompanyFactory()
        bank_account()
        chart()
        self.people = people
        self.customer: Customer = CustomerFactory(**customer)
        self.item: Item = priced_item(self.customer, "10.00")
        stock(self.item, 10)

    def order(self, *quantities: Any, items: Any = None, **draft: Any) -> Order:
        """Captured, handed in, confirmed; credit and the warehouse's planning follow."""
        clara = self.people["clara"]
        lines = [
            LineDraft((item or self.item).code, Decimal(quantity))
            for quantity, item in zip(quantities, items or [None] * len(quantities), strict=True)
        ]
        wanted = OrderDraft(customer_id=self.customer.pk, lines=lines, **draft)
        order = capture_order(wanted, actor=clara)
        submit_order(order.pk, actor=clara)
        return confirm_order(order.pk, actor=clara)

    def pick(self, order: Order, found: Any = None, because: str = "") -> PickList:
        """Picked and packed: everything, or only so much of the first stop."""
        pick_list = PickList.objects.get(order=order, state="planned")
        report: dict[str, Any] = {}
        if found is not None:
            stop = pick_list.lines.order_by("sequence")[0]
            report = {"picked": {stop.pk: Decimal(found)}, "short_reasons": {stop.pk: because}}
        confirm_pick(pick_list.pk, actor=self.people["pablo"], **report)
        return pack(pick_list.pk, actor=self.people["pablo"])

    def dispatch(self, order: Order) -> Shipment:
        """The planned shipment leaves the warehouse."""
        shipment = Shipment.objects.get(order=order, state="planned")
        return dispatch_shipment(shipment.pk, actor=self.people["shirin"])

    def deliver(self, shipment: Shipment) -> Shipment:
        """The customer signs."""
        return record_delivery(shipment.pk, signed_by="Rita Recipient", actor=self.people["shirin"])

    def post(self, order: Order) -> Invoice:
        """The draft that followed the shipment becomes an invoice."""
        draft = Invoice.objects.get(order=order, state="draft")
        return post_invoice(draft.pk, actor=self.people["bilal"])

    def ship_and_bill(self, order: Order) -> Invoice:
        """From the planned pick list to the posted invoice."""
        self.pick(order)
        self.dispatch(order)
        return self.post(order)

    def receive_money(self, amount: Any, text: str) -> Match:
        """A bank statement with one line comes in; what the matcher proposes is applied."""
        (match,) = matched(entry(amount, text))
        return apply_match(match.pk, actor=self.people["carlo"])


def state_of(order: Order) -> str:
    """The order's state as it is in the books now."""
    return Order.objects.values_list("state", flat=True).get(pk=order.pk)


def numbers_of(order: Order) -> tuple[int, ...]:
    """Ordered, shipped, invoiced of the order's only line."""
    line = OrderLine.objects.get(order=order)
    return int(line.quantity), int(line.shipped), int(line.invoiced)


def owed_by(customer: Customer) -> Decimal:
    """What the ledger says the customer owes."""
    return balance(Role.AR, customer_id=customer.pk)
