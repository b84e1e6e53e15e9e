"""The replay itself: day by day, order by order, stage by stage, by the commands people use."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.db.models import QuerySet

from credit.commands import approve_check
from credit.models import CreditCheck
from fulfillment.commands import confirm_pick, pack, plan_backorders
from fulfillment.models import OPEN_STATES, PickLine, PickList, PickListState, ShortReason
from invoicing.commands import post_invoice
from invoicing.models import Invoice, InvoiceState
from o2c.core import clock
from o2c.core.actors import SystemActor
from o2c.core.deliveries import deliver_due
from o2c.core.errors import RuleViolation
from o2c.rehearsal.replay.masters import World, code_of, item_code
from o2c.rehearsal.replay.reader import CURRENCY, LONDON, Bill, Business, moment
from o2c.rehearsal.replay.report import Report
from o2c.rehearsal.replay.resume import PREFIX, reached, source_of
from o2c.rehearsal.replay.returns import replay_cancellation
from o2c.stock.commands import Adjustment, adjust_stock
from o2c.stock.models import StockAdjustment
from orders.commands import LineDraft, OrderDraft, capture_order, confirm_order, submit_order
from orders.models import Order, OrderState
from shipping.commands import dispatch_shipment, record_delivery
from shipping.models import Shipment, ShipmentState

MORNING = time(6)
CLERK, CREDIT = SystemActor("replay"), SystemActor("replay credit manager")
SHORT_PICKS = 0.01  # of all orders: something is not where it should be
WRITTEN_OFF = "Written off, replayed"
Tick = Callable[[str], None]


class Replay:
    """One run over a business. Deterministic for the same file and seed.

    `there` are the orders an earlier run captured, by invoice number: they are not captured
    again, and the run goes on where that one was broken off.
    """

    def __init__(
        self, business: Business, world: World, seed: int, report: Report, there: dict[str, Order]
    ) -> None:
        self.business, self.world, self.report, self.there = business, world, report, there
        self.seed = seed
        self.reached = reached(there)
        self.to_cancel = sorted(business.cancellations, key=lambda bill: (bill.at, bill.number))

    def sell(self, tick: Tick) -> None:
        """Every sale of every day, with deliveries, corrections and returns between the days."""
        self._pick_up()
        for day, bills in self._days():
            over = day < self.reached.astimezone(LONDON).date()
            if not over:
                self._morning(day)
            for bill in bills:
                self._sale(bill, over)
                tick(f"{bill.number}, {day:%d %b}")
            if not over:
                self._corrections(day)
        for later in range(1, 4):  # what was short goes out after it was planned again
            self._morning(day + timedelta(days=later))

    def _days(self) -> Iterator[tuple[date, list[Bill]]]:
        """The days on which anything happened, with their sales."""
        days: dict[date, list[Bill]] = defaultdict(list)
        for bill in self.business.sales:
            days[bill.at.date()].append(bill)
        for bill in (*self.business.corrections, *self.business.cancellations):
            days.setdefault(bill.at.date(), [])
        yield from sorted(days.items())

    def _at(self, moment: datetime) -> AbstractContextManager[None]:
        """Let the clock stand at moment, but never before what an earlier run has done."""
        return clock.at(max(moment, self.reached))

    def _pick_up(self) -> None:
        """Do what an earlier run still owed the last command it carried out."""
        if self.there:
            with clock.at(self.reached):
                deliver_due(slow=False)

    def _sale(self, bill: Bill, over: bool) -> None:
        """Capture and carry out a sale, or what is left of one; nothing is when its day is over."""
        order = self.there.get(bill.number)
        if order is not None:
            self.report.stage("orders already here").add(order.line_count, order.net)
            if over:
                return
        with (
            self._refusals(bill.number, len(bill.rows), bill.total),
            self.report.statements.order(source_of(bill)),
            self._at(moment(bill.at)),
        ):
            order = order or self._capture(bill)
            self._release(order)
            self._fulfil(order)

    @contextmanager
    def _refusals(self, subject: object, lines: int, amount: Decimal) -> Iterator[None]:
        """What a rule forbids is counted with its sentence, and the rest goes on."""
        try:
            yield
        except RuleViolation as no:
            self.report.stage("refused").add(lines, amount)
            self.report.stage("refused").exceptions[f"{subject}: {no}"[:120]] += 1

    def _capture(self, bill: Bill) -> Order:
        with self.report.statements.step("capture"):
            order = capture_order(self._draft(bill), actor=CLERK)
        self.report.stage("orders captured").add(len(bill.rows), order.net)
        self.report.statements.lines[order.source_reference] = len(bill.rows)
        return order

    def _release(self, order: Order) -> None:
        """Submit, confirm and, where credit holds it, have another person approve."""
        step = self.report.statements.step
        checks = self.report.stage("credit checks")
        if order.state == OrderState.DRAFT:
            with step("submit"):
                submit_order(order.pk, actor=CLERK)
        if order.state in (OrderState.DRAFT, OrderState.SUBMITTED):
            with step("confirm, check, release"):  # and plan: one after the other by the flow
                confirm_order(order.pk, actor=CLERK)
            checks.add(order.line_count, order.gross)
        order.refresh_from_db()
        if order.state == OrderState.ON_HOLD:
            check = CreditCheck.objects.filter(order=order).latest("pk")
            checks.exceptions["held and approved by another person"] += 1
            with step("approve"):
                approve_check(check.pk, reason="Regular customer, replayed.", actor=CREDIT)

    def _fulfil(self, order: Order) -> None:
        """Pick, pack, ship and bill every pick list that is open for the order."""
        for pick_list in PickList.objects.filter(order=order, state__in=OPEN_STATES).order_by("pk"):
            self._pick(pick_list, order)
        self._ship(order)
        self._post(order)

    def _pick(self, pick_list: PickList, order: Order) -> None:
        step = self.report.statements.step
        lines = list(pick_list.lines.order_by("sequence"))
        self.report.stage("pick lists").add(len(lines))
        if pick_list.state != PickListState.PICKED:
            with step("pick"):
                picked = self._picked(order, lines)
                short = {
                    line.pk: ShortReason.FEWER for line in lines if picked[line.pk] < line.quantity
                }
                confirm_pick(pick_list.pk, picked=picked, short_reasons=short, actor=CLERK)
        with step("pack, plan shipment"):
            pack(pick_list.pk, actor=CLERK)
        self.report.stage("packed").add(len(lines))

    def _picked(self, order: Order, lines: list[PickLine]) -> dict[int, Decimal]:
        """What was found: by chance, the same by the same seed, one piece of one line less."""
        picked = {line.pk: line.quantity for line in lines}
        chance = Random(f"{self.seed} {order.source_reference}").random()
        line = next((line for line in lines if line.quantity > 1), None)
        if line is not None and chance < SHORT_PICKS:
            self.report.stage("pick lists").exceptions["short picks, sent later"] += 1
            picked[line.pk] -= 1
        return picked

    def _ship(self, order: Order) -> None:
        planned = Shipment.objects.filter(order=order, state=ShipmentState.PLANNED)
        for shipment in planned.order_by("pk"):
            with self.report.statements.step("dispatch, draft invoice"):
                dispatch_shipment(shipment.pk, actor=CLERK)
            self.report.stage("dispatched").add(shipment.lines.count())

    def _post(self, order: Order) -> None:
        drafts = Invoice.objects.invoices().filter(order=order, state=InvoiceState.DRAFT)
        for invoice in drafts.order_by("pk"):
            with self.report.statements.step("post invoice"):
                posted = post_invoice(invoice.pk, actor=CLERK)
            self.report.stage("invoices posted").add(posted.line_count, posted.net)

    def _morning(self, day: date) -> None:
        """Yesterday's goods arrive, what was short is planned again, cancelled goods come back."""
        morning = datetime.combine(day, MORNING, LONDON)
        with self._at(morning):
            self._deliveries(morning)
            plan_backorders(self.world.items.values(), actor=CLERK)
            for order in self._replayed(Order.objects.filter(pick_lists__state__in=OPEN_STATES)):
                self._again(order, self._fulfil)
            self._cancellations(day)

    def _deliveries(self, morning: datetime) -> None:
        """What left before the morning is there now."""
        on_their_way = Order.objects.filter(
            shipments__state=ShipmentState.DISPATCHED, shipments__dispatched_at__lt=morning
        )
        for order in self._replayed(on_their_way):
            self._again(order, self._deliver)

    @staticmethod
    def _replayed(orders: QuerySet[Order]) -> list[Order]:
        return list(orders.filter(source_reference__startswith=PREFIX).distinct().order_by("pk"))

    def _again(self, order: Order, go_on: Callable[[Order], None]) -> None:
        """Go on with an order of an earlier day; what it costs is counted with the order."""
        with (
            self._refusals(order, order.line_count, order.net),
            self.report.statements.order(order.source_reference),
        ):
            go_on(order)

    def _deliver(self, order: Order) -> None:
        shipped = Shipment.objects.filter(order=order, state=ShipmentState.DISPATCHED)
        for shipment in shipped.order_by("pk"):
            with self.report.statements.step("deliver"):
                record_delivery(shipment.pk, signed_by="Goods in", actor=CLERK)
            self.report.stage("delivered").add(shipment.lines.count())
        self._post(order)

    def _corrections(self, day: date) -> None:
        """Goods the shop wrote off that day: damaged, lost, thrown away. Once."""
        rows = [r for d in self.business.corrections for r in d.rows if r.at.date() == day]
        changes = [
            Adjustment(
                self.world.items[item_code(row)],
                self.world.locations[item_code(row)],
                row.quantity,
            )
            for row in rows
            if not row.is_service
        ]
        done = StockAdjustment.objects.filter(
            warehouse=self.world.warehouse, moved_on=day, reason=WRITTEN_OFF
        )
        if not changes or done.exists():
            return
        with self._at(moment(max(row.at for row in rows))):
            adjust_stock(self.world.warehouse.pk, changes, reason=WRITTEN_OFF, actor=CREDIT)
        self.report.stage("stock corrections").add(len(changes))

    def _cancellations(self, day: date) -> None:
        """Goods that were cancelled before this day come back; charges are credited."""
        while self.to_cancel and self.to_cancel[0].at.date() < day:
            bill = self.to_cancel.pop(0)
            with self._refusals(bill.number, len(bill.rows), bill.total):
                replay_cancellation(bill, self.report, actor=CLERK)

    def _draft(self, bill: Bill) -> OrderDraft:
        return OrderDraft(
            customer_id=self.world.customers[code_of(bill)],
            warehouse_id=self.world.warehouse.pk,
            currency=CURRENCY,
            order_date=bill.at.date(),
            customer_reference=bill.number,
            channel="import",
            source_reference=source_of(bill),
            lines=[
                LineDraft(
                    item=item_code(row),
                    quantity=row.quantity,
                    unit_price=row.price,
                    price_reason="price of the file",
                    row=row.number,
                )
                for row in bill.rows
            ],
        )
