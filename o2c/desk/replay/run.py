"""The replay itself: day by day, order by order, stage by stage, by the commands people use."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from credit.commands import approve_check
from credit.models import CreditCheck
from fulfillment.commands import confirm_pick, pack, plan_backorders
from fulfillment.models import PickLine, PickList, ShortReason
from invoicing.commands import post_invoice
from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import SystemActor
from o2c.core.errors import RuleViolation
from o2c.desk.replay.masters import World, code_of, item_code
from o2c.desk.replay.reader import CURRENCY, Business, Deed
from o2c.desk.replay.report import Report
from o2c.desk.replay.returns import replay_cancellation
from o2c.masters.models import Item
from o2c.stock.commands import Adjustment, adjust_stock
from orders.commands import LineDraft, OrderDraft, capture_order, confirm_order, submit_order
from orders.models import Order, OrderState
from shipping.commands import dispatch_shipment, record_delivery
from shipping.models import Shipment

LONDON = ZoneInfo("Europe/London")
MORNING = time(6)
CLERK, CREDIT = SystemActor("replay"), SystemActor("replay credit manager")
SHORT_PICKS = 0.01  # of all orders: something is not where it should be
Tick = Callable[[str], None]


class Replay:
    """One run over a business. Deterministic for the same file and seed."""

    def __init__(self, business: Business, world: World, seed: int, report: Report) -> None:
        self.business, self.world, self.report = business, world, report
        self.random = Random(seed + 2)
        self.waiting: list[Order] = []  # dispatched yesterday, delivered this morning
        self.to_cancel = sorted(business.cancellations, key=lambda deed: (deed.at, deed.number))

    def sell(self, tick: Tick) -> None:
        """Every sale of every day, with deliveries, corrections and returns between the days."""
        for day, deeds in self._days():
            self._morning(day)
            for deed in deeds:
                try:
                    with self.report.statements.order(len(deed.rows)):
                        self._one(deed)
                except RuleViolation as no:
                    self.report.stage("refused").add(len(deed.rows), deed.total)
                    self.report.stage("refused").exceptions[f"{deed.number}: {no}"[:90]] += 1
                tick(f"{deed.number}, {day:%d %b}")
            self._corrections(day)
        for later in range(1, 4):  # what was short goes out after it was planned again
            self._morning(day + timedelta(days=later))

    def _days(self) -> Iterator[tuple[date, list[Deed]]]:
        days: dict[date, list[Deed]] = defaultdict(list)
        for deed in self.business.sales:
            days[deed.at.date()].append(deed)
        yield from sorted(days.items())

    def _one(self, deed: Deed) -> None:
        """From capture to the posted invoice, or to the dispatch where delivery is billed."""
        step = self.report.statements.step
        with clock.at(moment(deed.at)):
            with step("capture"):
                order = capture_order(self._draft(deed), actor=CLERK)
            self.report.stage("orders captured").add(len(deed.rows), order.net)
            with step("submit"):
                submit_order(order.pk, actor=CLERK)
            with step("confirm, check, release"):  # and plan: one after the other by the flow
                confirm_order(order.pk, actor=CLERK)
            order.refresh_from_db()
            self._release(order)
            self._fulfil(order)

    def _release(self, order: Order) -> None:
        checks = self.report.stage("credit checks")
        checks.add(order.line_count, order.gross)
        if order.state != OrderState.ON_HOLD:
            return
        check = CreditCheck.objects.filter(order=order).latest("pk")
        checks.exceptions["held and approved by another person"] += 1
        with self.report.statements.step("approve"):
            approve_check(check.pk, reason="Regular customer, replayed.", actor=CREDIT)

    def _fulfil(self, order: Order) -> None:
        """Pick, pack, ship and bill every pick list that is open for the order."""
        for pick_list in PickList.objects.filter(order=order, state="planned").order_by("pk"):
            self._pick(pick_list)
        self._ship(order)
        self._post(order)

    def _pick(self, pick_list: PickList) -> None:
        step = self.report.statements.step
        lines = list(pick_list.lines.order_by("sequence"))
        self.report.stage("pick lists").add(len(lines))
        with step("pick"):
            short = self._short(lines)
            confirm_pick(pick_list.pk, **short, actor=CLERK)
        with step("pack, plan shipment"):
            pack(pick_list.pk, actor=CLERK)
        self.report.stage("packed").add(len(lines))

    def _short(self, lines: list[PickLine]) -> dict[str, Any]:
        """By chance one piece of one line is not found."""
        if self.random.random() >= SHORT_PICKS:
            return {}
        line = next((line for line in lines if line.quantity > 1), None)
        if line is None:
            return {}
        self.report.stage("pick lists").exceptions["short picks, sent later"] += 1
        picked = {each.pk: each.quantity for each in lines} | {line.pk: line.quantity - 1}
        return {"picked": picked, "short_reasons": {line.pk: ShortReason.FEWER}}

    def _ship(self, order: Order) -> None:
        for shipment in Shipment.objects.filter(order=order, state="planned").order_by("pk"):
            with self.report.statements.step("dispatch, draft invoice"):
                dispatch_shipment(shipment.pk, actor=CLERK)
            self.report.stage("dispatched").add(shipment.lines.count())
            self.waiting.append(order)

    def _post(self, order: Order) -> None:
        for invoice in Invoice.objects.filter(order=order, state="draft").order_by("pk"):
            with self.report.statements.step("post invoice"):
                posted = post_invoice(invoice.pk, actor=CLERK)
            stage = "credit notes" if posted.kind == "credit_note" else "invoices posted"
            self.report.stage(stage).add(posted.lines.count(), posted.net)

    def _morning(self, day: date) -> None:
        """Yesterday's goods arrive, what was short is planned again, cancelled goods come back."""
        with clock.at(datetime.combine(day, MORNING, LONDON)):
            orders, self.waiting = self.waiting, []
            for order in orders:
                self._deliver(order)
                self._post(order)
            plan_backorders(actor=CLERK)
            for pick_list in PickList.objects.filter(state="planned").select_related("order"):
                self._fulfil(pick_list.order)
            self._cancellations(day)

    def _deliver(self, order: Order) -> None:
        for shipment in Shipment.objects.filter(order=order, state="dispatched").order_by("pk"):
            with self.report.statements.step("deliver"):
                record_delivery(shipment.pk, signed_by="Goods in", actor=CLERK)
            self.report.stage("delivered").add(shipment.lines.count())

    def _corrections(self, day: date) -> None:
        """Goods the shop wrote off that day: damaged, lost, thrown away."""
        rows = [r for d in self.business.corrections for r in d.rows if r.at.date() == day]
        if not rows:
            return
        items = dict(
            Item.objects.filter(code__in={item_code(r) for r in rows}).values_list("code", "pk")
        )
        changes = [
            Adjustment(items[item_code(r)], self.world.locations[item_code(r)], r.quantity)
            for r in rows
            if not r.is_service
        ]
        with clock.at(moment(max(row.at for row in rows))):
            adjust_stock(
                self.world.warehouse.pk, changes, reason="Written off, replayed", actor=CREDIT
            )
        self.report.stage("stock corrections").add(len(changes))

    def _cancellations(self, day: date) -> None:
        """Goods that were cancelled before this day come back; charges are credited."""
        while self.to_cancel and self.to_cancel[0].at.date() < day:
            deed = self.to_cancel.pop(0)
            try:
                replay_cancellation(deed, self.report, actor=CLERK)
            except RuleViolation as no:
                self.report.stage("cancelled").exceptions[str(no)[:60]] += 1

    def _draft(self, deed: Deed) -> OrderDraft:
        return OrderDraft(
            customer_id=self.world.customers[code_of(deed)],
            warehouse_id=self.world.warehouse.pk,
            currency=CURRENCY,
            order_date=moment(deed.at).date(),
            customer_reference=deed.number,
            channel="import",
            source_reference=f"replay:{deed.number}",
            lines=[
                LineDraft(
                    item=item_code(row),
                    quantity=row.quantity,
                    unit_price=row.price,
                    price_reason="price of the file",
                    row=row.number,
                )
                for row in deed.rows
            ],
        )


def moment(at: datetime) -> datetime:
    """A time of the file, which is local to London."""
    return at.replace(tzinfo=LONDON).astimezone(UTC)


def total_ordered() -> Decimal:
    """The net of everything captured from the file, in its currency."""
    replayed = Order.objects.filter(source_reference__startswith="replay:")
    return sum(replayed.values_list("net", flat=True), Decimal(0))
