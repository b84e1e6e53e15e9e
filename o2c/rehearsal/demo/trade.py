"""Ninety days of business: orders come in, are picked, shipped, billed, and come back."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from credit.commands import approve_check
from credit.models import CheckState, CreditCheck
from fulfillment.commands import confirm_pick, pack, plan_backorders
from fulfillment.models import PickLine, PickList, PickListState, ShortReason
from invoicing.commands import approve_credit_note, post_drafts
from invoicing.models import Invoice, InvoiceState
from o2c.core import clock
from o2c.masters.models import BillingPolicy, CarrierService, Contact, Customer, Warehouse
from o2c.rehearsal.demo.calendar import hour
from o2c.rehearsal.demo.catalogue import Article, articles
from o2c.rehearsal.demo.founding import NEW_CUSTOMERS, SCARCE
from o2c.rehearsal.demo.people import Staff
from o2c.rehearsal.demo.signature import signature
from orders.commands import LineDraft, OrderDraft, capture_order, confirm_order, submit_order
from orders.models import Order
from shipping.commands import (
    announce_return,
    dispatch_shipment,
    receive_return,
    record_delivery,
    set_carrier,
)
from shipping.models import Shipment, ShipmentState

#: Customers served from München; everybody else from Lübeck.
SOUTH = {f"C{number}" for number in (*range(1022, 1031), 1035, 1039)}
#: How many orders a day, each as likely as the other.
ORDERS_A_DAY = [1, 1, 1, 1, 2]
SHORT_EVERY = 23  # one pick list in so many is short of something
RETURN_EVERY = 26  # one delivery in so many comes back in part
RETURN_DAYS = 6


class Trade:
    """The company at work. Keeps what is on the road; everything else is in the books.

    volume: so many times the orders of a small wholesaler.
    """

    def __init__(self, staff: Staff, volume: int = 1) -> None:
        self.staff, self.volume = staff, volume
        self.random = Random(1871)
        self.goods = [a for a in articles() if a.kind == "stocked" and a.code not in SCARCE]
        self.customers = list(Customer.objects.exclude(code__in=NEW_CUSTOMERS).order_by("code"))
        self.warehouses = dict(Warehouse.objects.values_list("code", "pk"))
        self.services = {
            (service.carrier.code, service.code): service
            for service in CarrierService.objects.select_related("carrier")
        }
        self.contacts = dict(
            Contact.objects.filter(role="accounts_payable").values_list("customer_id", "name")
        )
        self.arriving: dict[date, list[int]] = defaultdict(list)  # day -> shipments
        self.coming_back: dict[date, list[int]] = defaultdict(list)  # day -> returns
        self.picked = self.delivered = self.references = 0

    def day(self, day: date) -> None:
        """One working day, from the morning's deliveries to the evening's bills."""
        self._morning(day)
        orders = self.random.choice(ORDERS_A_DAY) * self.volume
        for number in range(orders):
            hours = 9 + 2 * number // self.volume
            with clock.at(hour(day, hours, self.random.randrange(60))):
                self.release(self.take_order(self.random.choice(self.customers)))
        with clock.at(hour(day, 14, 30)):
            for pick_list in PickList.objects.filter(state=PickListState.PLANNED).order_by("pk"):
                self.pick(pick_list)
        with clock.at(hour(day, 16, 15)):
            for shipment in Shipment.objects.filter(state=ShipmentState.PLANNED).order_by("pk"):
                self.ship(shipment)
        with clock.at(hour(day, 17, 30)):
            post_drafts(actor=self.staff["bilal"])

    # -- orders ---------------------------------------------------------------------------------

    def take_order(self, customer: Customer, *lines: LineDraft, **order: object) -> Order:
        """Captured and submitted; without lines the customer picks some."""
        clara = self.staff["clara"]
        warehouse = self.warehouses["M" if customer.code in SOUTH else "HL"]
        wish = clock.today() + timedelta(days=self.random.randrange(2, 9))
        draft = OrderDraft(
            customer_id=customer.pk,
            lines=lines or self.basket(),
            **{
                "warehouse_id": warehouse,
                "customer_reference": self.reference(customer),
                "requested_date": wish,
                **order,
            },  # type: ignore[arg-type]
        )
        return submit_order(capture_order(draft, actor=clara).pk, actor=clara)

    def release(self, order: Order) -> Order:
        """Confirmed; where credit holds it, somebody else has a word with the customer."""
        confirm_order(order.pk, actor=self.staff["clara"])
        check = CreditCheck.objects.filter(order=order, state=CheckState.HELD).first()
        if check:
            approve_check(
                check.pk, reason="Regular customer, payment agreed by phone.",
                actor=self.staff["chris"],
            )  # fmt: skip
        return order

    def basket(self) -> list[LineDraft]:
        """One to seven different articles, in the quantities such things are bought in."""
        wanted = self.random.sample(self.goods, self.random.choice([1, 2, 3, 3, 4, 4, 5, 7]))
        lines = [LineDraft(article.code, self._quantity(article)) for article in wanted]
        if self.random.random() < 0.08:
            lines.append(LineDraft("SV-GFT", Decimal(self.random.choice([6, 12, 24]))))
        return lines

    def _quantity(self, article: Article) -> Decimal:
        if article.price < 15:
            return Decimal(self.random.choice([12, 24, 24, 36, 48, 96]))
        return Decimal(self.random.choice([6, 12, 12, 24] if article.price < 40 else [2, 3, 4, 6]))

    def reference(self, customer: Customer) -> str:
        """The customer's own number, each in their style."""
        self.references += 1
        number = 4100 + 7 * self.references
        styles = ("PO-{}", "B{}/26", "45000{}", "EK-{}", "{}-NL")
        return styles[customer.pk % len(styles)].format(number)

    # -- warehouse and road ---------------------------------------------------------------------

    def pick(self, pick_list: PickList) -> None:
        """Picked and packed; now and then something is not where it should be."""
        pablo = self.staff["pablo"]
        self.picked += 1
        short = self._short(pick_list) if self.picked % (SHORT_EVERY * self.volume) == 0 else {}
        picked = confirm_pick(pick_list.pk, actor=pablo, **short)
        if picked.state == PickListState.PICKED:
            pack(pick_list.pk, actor=pablo)

    def _short(self, pick_list: PickList) -> dict[str, Any]:
        lines = list(PickLine.objects.filter(pick_list=pick_list))
        line = max(lines, key=lambda line: line.quantity)
        picked = {each.pk: each.quantity for each in lines} | {line.pk: line.quantity - 2}
        return {"picked": picked, "short_reasons": {line.pk: ShortReason.FEWER}}

    def ship(self, shipment: Shipment) -> None:
        """Handed to the carrier of the region."""
        shirin = self.staff["shirin"]
        service = self.service_for(shipment)
        set_carrier(
            shipment.pk, carrier_id=service.carrier_id, service_id=service.pk,
            tracking=f"{service.carrier.code[:2]}{self.random.randrange(10**9, 10**10)}",
            actor=shirin,
        )  # fmt: skip
        dispatch_shipment(shipment.pk, actor=shirin)
        self.arriving[clock.today() + timedelta(days=service.transit_days)].append(shipment.pk)

    def service_for(self, shipment: Shipment) -> CarrierService:
        """Overseas, south, or along the coast."""
        if shipment.ship_to["country"] == "GB":
            return self.services["OVERSEAS", "ROAD"]
        if shipment.warehouse_id == self.warehouses["M"]:
            return self.services["ALPEN", "STANDARD"]
        kind = "EXPRESS" if self.random.random() < 0.2 else "STANDARD"
        return self.services["KUESTE", kind]

    def _morning(self, day: date) -> None:
        """What arrived meanwhile is signed for; what was short is planned; returns come in."""
        with clock.at(hour(day, 8)):
            for arrived in sorted(d for d in self.arriving if d <= day):
                for shipment_id in self.arriving.pop(arrived):
                    self.deliver(Shipment.objects.select_related("order").get(pk=shipment_id))
            plan_backorders(actor=self.staff["pablo"])
            for arrived in sorted(d for d in self.coming_back if d <= day):
                for return_id in self.coming_back.pop(arrived):
                    receive_return(return_id, actor=self.staff["shirin"])
        with clock.at(hour(day, 8, 45)):
            for note in Invoice.objects.filter(state=InvoiceState.PROPOSED).order_by("pk"):
                approve_credit_note(note.pk, actor=self.staff["corinna"])

    def deliver(self, shipment: Shipment) -> None:
        """Signed for by the customer's own name; drawn where the bill waits for it."""
        name = self.contacts[shipment.customer_id]
        drawn = shipment.order.billing_policy == BillingPolicy.DELIVERED
        record_delivery(
            shipment.pk,
            signed_by=name,
            signature=signature(name) if drawn else b"",
            actor=self.staff["shirin"],
        )
        self.delivered += 1
        if self.delivered % RETURN_EVERY == 0:
            self._send_back(shipment)

    def _send_back(self, shipment: Shipment) -> None:
        line = shipment.lines.filter(item__kind="stocked").order_by("pk").first()
        assert line is not None, f"{shipment} is empty"
        back = announce_return(
            shipment.pk, lines={line.pk: max(Decimal(1), line.quantity // 4)},
            reason="Scratches in the glaze", actor=self.staff["clara"],
        )  # fmt: skip
        self.coming_back[clock.today() + timedelta(days=RETURN_DAYS)].append(back.pk)
