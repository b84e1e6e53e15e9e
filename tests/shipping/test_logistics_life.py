"""Pick list, shipment and return, walked at random: whatever is pressed, the goods add up."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, integers, sampled_from

from fulfillment import commands as fulfillment
from fulfillment.commands import PackageDraft
from fulfillment.models import PackageLine, PickLine, PickList, ShortReason
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.core.verify import registered
from o2c.stock.models import Balance
from orders import commands as orders
from orders.commands import LineChange
from orders.models import Order
from shipping import commands as shipping
from shipping.models import Return, Shipment, ShipmentLine
from tests.given.logistics import goods
from tests.given.orders import lines_of, released_order
from tests.given.stock import stock, storage
from tests.proof import assert_books_agree

CHECKED = [
    *("A4", "B1", "B2", "B3", "B4", "B6b", "B6c", "C1", "C1b", "C1c", "C2"),
    *("C3", "C3b", "C4", "C4b", "C4c", "C5", "C5b", "C6", "C7"),
]
MACHINES = [PickList, Shipment, Return]


class LogisticsWalk(RuleBasedStateMachine):
    @initialize(near=integers(0, 8), far=integers(0, 8), quantities=sampled_from([(5,), (7, 2)]))
    def begin(self, near, far, quantities):
        self.item = goods()
        for place, quantity in enumerate((near, far)):
            if quantity:
                stock(self.item, quantity, location=storage(place))
        made = released_order(lines=[(self.item, quantity) for quantity in quantities])
        self.order_id = made.pk

    # What the walk acts on

    def newest(self, model: Any, nth: int) -> int:
        """The key of one of the last documents of this order; -1 when there is none."""
        keys = list(model.objects.filter(order=self.order_id).order_by("-pk").values_list("pk"))
        return keys[nth % len(keys)][0] if keys else -1

    def picture(self) -> Any:
        order = Order.objects.get(pk=self.order_id)
        held = list(
            Balance.objects.filter(item=self.item)
            .order_by("pk")
            .values_list("pk", "on_hand", "reserved", "value")
        )
        states = [
            list(
                model.objects.filter(order=self.order_id)
                .order_by("pk")
                .values_list("pk", "state", "version")
            )
            for model in MACHINES
        ]
        lines = [line.numbers for line in lines_of(order)]
        return order.state, order.version, held, states, lines

    def attempt(self, action: Any) -> None:
        """Do it, and let the warehouse hear of it; a refusal leaves everything as it was."""
        before = self.picture()
        try:
            action()
        except RuleViolation:
            assert self.picture() == before

    # Forward, step by step: three rules, so that a walk gets somewhere

    @rule(found=integers(4, 9), reason=sampled_from(ShortReason.values), split=booleans())
    def go_on(self, found, reason, split):
        self.step_forward(Decimal(found), reason, split)

    @rule(split=booleans())
    def go_on_without_trouble(self, split):
        self.step_forward(Decimal(99), ShortReason.FEWER, split)

    @rule(refused=integers(0, 2))
    def go_on_at_the_door(self, refused):
        self.step_forward(Decimal(99), ShortReason.DAMAGED, True, refused)

    def step_forward(self, found: Decimal, reason: str, split: bool, refused: int = 0) -> None:
        """The next natural thing to do for this order."""
        lists = PickList.objects.filter(order=self.order_id).order_by("pk")
        gone = Shipment.objects.filter(order=self.order_id).order_by("pk")
        coming = Return.objects.filter(order=self.order_id, state="announced").first()
        open_list = lists.filter(state__in=["planned", "picking"]).first()
        picked = lists.filter(state="picked").first()
        if open_list:
            self.pick(open_list.pk, found, reason)
        elif picked:
            self.pack(picked.pk, split)
        elif ready := gone.filter(state="planned").first():
            self.attempt(lambda: shipping.dispatch_shipment(ready.pk, actor=SYSTEM))
        elif packed := lists.filter(state="packed", shipments=None).first():
            self.plan_shipment(packed.pk, split)
        elif coming:
            disposition = "scrap" if split else "restock"
            self.attempt(
                lambda: shipping.receive_return(coming.pk, disposition=disposition, actor=SYSTEM)
            )
        elif on_road := gone.filter(state="dispatched").first():
            self.deliver(on_road.pk, refused)
        elif Order.objects.get(pk=self.order_id).state == "confirmed":
            self.sales("release_order")
        else:
            stock(self.item, 3, location=storage(1))
            self.attempt(lambda: fulfillment.plan_order(self.order_id, actor=SYSTEM))

    def pick(self, key: int, found: Decimal, reason: str) -> None:
        stop = next(s for s in _stops(key) if not s.is_done)
        taken = max(min(found, stop.quantity), stop.picked)
        reasons = {stop.pk: reason} if taken < stop.quantity else {}
        self.attempt(
            lambda: fulfillment.confirm_pick(
                key, picked={stop.pk: taken}, short_reasons=reasons, actor=SYSTEM
            )
        )

    def pack(self, key: int, split: bool) -> None:
        drafts = [PackageDraft({s.pk: s.picked}) for s in _stops(key) if s.picked]
        self.attempt(
            lambda: fulfillment.pack(key, packages=drafts if split else None, actor=SYSTEM)
        )

    def plan_shipment(self, key: int, one_package: bool) -> None:
        package = PackageLine.objects.filter(
            package__pick_list=key, package__unpacked=False
        ).first()
        chosen = [package.package_id] if one_package and package else None
        self.attempt(lambda: shipping.plan_shipment(key, package_ids=chosen, actor=SYSTEM))

    def deliver(self, key: int, refused: int) -> None:
        lines = _shipped(key)
        self.attempt(
            lambda: shipping.record_delivery(
                key,
                signed_by="Rita",
                accepted={line.pk: max(line.quantity - refused, Decimal(0)) for line in lines},
                reasons={line.pk: "wet" for line in lines},
                actor=SYSTEM,
            )
        )

    # Any verb on any document, whether or not it makes sense

    @rule(nth=integers(0, 2), verb=sampled_from(["start_pick", "put_back", "confirm_pick", "pack"]))
    def press_on_a_list(self, nth, verb):
        key = self.newest(PickList, nth)
        self.attempt(lambda: getattr(fulfillment, verb)(key, actor=SYSTEM))

    @rule(nth=integers(0, 2))
    def cancel_pick(self, nth):
        key = self.newest(PickList, nth)
        self.attempt(lambda: fulfillment.cancel_pick(key, reason="walk", actor=SYSTEM))

    @rule(nth=integers(0, 2), put_back=booleans())
    def cancel_shipment(self, nth, put_back):
        key = self.newest(Shipment, nth)
        self.attempt(
            lambda: shipping.cancel_shipment(key, reason="walk", put_back=put_back, actor=SYSTEM)
        )

    @rule(nth=integers(0, 2), one_package=booleans())
    def ship_the_rest(self, nth, one_package):
        self.plan_shipment(self.newest(PickList, nth), one_package)

    @rule(nth=integers(0, 2))
    def dispatch(self, nth):
        key = self.newest(Shipment, nth)
        self.attempt(lambda: shipping.dispatch_shipment(key, actor=SYSTEM))

    @rule(nth=integers(0, 2), quantity=integers(0, 4))
    def announce(self, nth, quantity):
        key = self.newest(Shipment, nth)
        lines = {line.pk: Decimal(quantity) for line in _shipped(key)}
        self.attempt(lambda: shipping.announce_return(key, lines=lines, reason="x", actor=SYSTEM))

    @rule(nth=integers(0, 2), verb=sampled_from(["receive", "cancel"]))
    def press_on_a_return(self, nth, verb):
        key = self.newest(Return, nth)
        if verb == "receive":
            self.attempt(lambda: shipping.receive_return(key, actor=SYSTEM))
        else:
            self.attempt(lambda: shipping.cancel_return(key, reason="walk", actor=SYSTEM))

    # Sales

    @rule(what=sampled_from(["hold_order", "cancel_order", "nothing", "nothing", "nothing"]))
    def stop_or_resume(self, what):
        if Order.objects.get(pk=self.order_id).state == "on_hold":
            self.attempt(lambda: self.sales("resume_order"))
        elif what != "nothing":
            self.attempt(lambda: self.sales(what, reason="walk"))

    @rule(line=integers(0, 1), quantity=integers(0, 6))
    def amend(self, line, quantity):
        order = Order.objects.get(pk=self.order_id)
        lines = lines_of(order)
        change = LineChange(lines[line % len(lines)].pk, quantity=Decimal(quantity))
        self.attempt(lambda: self.sales("amend_order", changes=[change], version=order.version))

    def sales(self, verb: str, **arguments: Any) -> None:
        getattr(orders, verb)(self.order_id, actor=SYSTEM, **arguments)
        fulfillment.follow_order(self.order_id, actor=SYSTEM)

    # What is always true

    @precondition(lambda self: hasattr(self, "order_id"))
    @invariant()
    def every_book_agrees(self):
        assert_books_agree(_known())

    @precondition(lambda self: hasattr(self, "order_id"))
    @invariant()
    def documents_only_move_as_declared(self):
        for model in MACHINES:
            declared = {(step.source, step.target) for step in model.transitions()}
            moves = Event.objects.filter(document_type=model._meta.label_lower).exclude(
                old_state=""
            )
            for old, new in moves.values_list("old_state", "new_state").distinct():
                assert old == new or (old, new) in declared, (model, old, new)


def _stops(pick_list_id):
    return list(PickLine.objects.filter(pick_list=pick_list_id).order_by("sequence"))


def _shipped(shipment_id):
    return list(ShipmentLine.objects.filter(shipment=shipment_id))


def _known():
    return [name for name in CHECKED if name in registered()]


@pytest.mark.django_db
def test_the_goods_always_add_up():
    run_state_machine_as_test(
        LogisticsWalk, settings=settings(max_examples=12, stateful_step_count=30, deadline=None)
    )

    reached = set(Event.objects.values_list("name", flat=True))
    assert {"pick_list.packed", "shipment.dispatched", "pick_list.cancelled"} <= reached
