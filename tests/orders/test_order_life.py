"""The order's machine, walked at random: whatever is pressed, the numbers stay true."""

from decimal import Decimal

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
from hypothesis.strategies import integers, sampled_from

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from orders import commands
from orders.commands import LineChange
from orders.models import Order, OrderState
from orders.models.states import BILLED
from orders.rules import progress
from tests.factories.orders import OrderFactory
from tests.given.orders import lines_of

S = OrderState
REACHED_ONLY_FROM = {
    S.SUBMITTED: {S.DRAFT},
    S.CONFIRMED: {S.SUBMITTED, S.ON_HOLD, S.RELEASED, S.IN_FULFILLMENT, S.SHIPPED, S.INVOICED},
    S.ON_HOLD: {S.CONFIRMED, S.RELEASED, S.IN_FULFILLMENT},
    S.RELEASED: {S.CONFIRMED, S.ON_HOLD},
    S.IN_FULFILLMENT: {S.RELEASED, S.CONFIRMED, S.ON_HOLD},
    S.SHIPPED: {S.CONFIRMED, S.ON_HOLD, S.RELEASED, S.IN_FULFILLMENT, *BILLED},
    S.INVOICED: {S.SHIPPED, S.PAID, S.RECONCILED},
    S.PAID: {S.INVOICED, S.RECONCILED},
    S.RECONCILED: {S.PAID},
    S.CANCELLED: {S.DRAFT, S.SUBMITTED, S.CONFIRMED, S.ON_HOLD, S.RELEASED, S.IN_FULFILLMENT},
}
VERBS = {
    "submit": lambda pk: commands.submit_order(pk, actor=SYSTEM),
    "confirm": lambda pk: commands.confirm_order(pk, actor=SYSTEM),
    "release": lambda pk: commands.release_order(pk, actor=SYSTEM),
    "hold": lambda pk: commands.hold_order(pk, reason="walk", actor=SYSTEM),
    "resume": lambda pk: commands.resume_order(pk, actor=SYSTEM),
    "cancel": lambda pk: commands.cancel_order(pk, reason="walk", actor=SYSTEM),
    "reopen": lambda pk: commands.reopen_order(pk, reason="walk", actor=SYSTEM),
    "pay": lambda pk: commands.record_paid([pk], actor=SYSTEM),
    "reconcile": lambda pk: commands.record_reconciled([pk], actor=SYSTEM),
    "unreconcile": lambda pk: commands.record_unreconciled([pk], actor=SYSTEM),
    "unsettle": lambda pk: commands.record_unsettled([pk], actor=SYSTEM),
}
#: The next natural thing to do, so that a walk gets somewhere: a verb, or counters to bring up.
NEXT = {
    S.DRAFT: "submit",
    S.SUBMITTED: "confirm",
    S.CONFIRMED: "release",
    S.ON_HOLD: "resume",
    S.RELEASED: ("picked", "shipped"),
    S.IN_FULFILLMENT: ("picked", "shipped"),
    S.SHIPPED: ("invoiced",),
    S.INVOICED: "pay",
    S.PAID: "reconcile",
    S.RECONCILED: "unsettle",
}
COUNTERS = ("picked", "shipped", "returned", "invoiced", "credited")


class OrderWalk(RuleBasedStateMachine):
    @initialize(quantities=sampled_from([(1,), (3, 2)]))
    def begin(self, quantities):
        order = OrderFactory(lines=[(quantity, "2.50") for quantity in quantities])
        self.pk, self.lines = order.pk, len(quantities)

    def try_it(self, action) -> bool:
        """Whether a action was done; a refusal leaves the order exactly as it was."""
        before = self.picture()
        try:
            action()
        except RuleViolation:
            assert self.picture() == before
            return False
        return True

    def picture(self):
        order = Order.objects.get(pk=self.pk)
        lines = [line.numbers for line in lines_of(order)]
        return order.state, order.version, order.gross, lines

    @rule(verb=sampled_from(sorted(VERBS)))
    def press(self, verb):
        before = self.picture()[0]
        done = self.try_it(lambda: VERBS[verb](self.pk))
        after = self.picture()[0]
        if done and after != before:
            assert before in REACHED_ONLY_FROM[after]

    @rule(
        counter=sampled_from(COUNTERS), line=integers(0, 1), quantity=sampled_from([1, 1, 2, 3, -1])
    )
    def report(self, counter, line, quantity):
        order = Order.objects.get(pk=self.pk)
        if order.state in (S.DRAFT, S.SUBMITTED, S.CANCELLED):
            return
        pk = lines_of(order)[line % self.lines].pk
        record = getattr(commands, f"record_{counter}")
        self.try_it(lambda: record(self.pk, {pk: Decimal(quantity)}, actor=SYSTEM))

    @rule()
    def go_on(self):
        """One step of the main path; it is never refused where it is the next one."""
        state = self.picture()[0]
        if state == S.CANCELLED:
            return
        step = NEXT[state]
        if isinstance(step, str):
            VERBS[step](self.pk)
            return
        for counter in step:
            self.bring_up(counter)

    def bring_up(self, counter):
        """Report what each line still lacks of a counter."""
        due = {
            "picked": lambda line: line.wanted - line.picked,
            "shipped": lambda line: line.wanted - line.shipped,
            "invoiced": lambda line: line.billable,
        }[counter]
        more = {line.pk: due(line.numbers) for line in lines_of(Order.objects.get(pk=self.pk))}
        more = {pk: quantity for pk, quantity in more.items() if quantity > 0}
        record = getattr(commands, f"record_{counter}")
        self.try_it(lambda: record(self.pk, more, actor=SYSTEM))

    @rule(line=integers(0, 1), quantity=integers(0, 5))
    def amend(self, line, quantity):
        order = Order.objects.get(pk=self.pk)
        change = LineChange(lines_of(order)[line % self.lines].pk, quantity=Decimal(quantity))
        self.try_it(
            lambda: commands.amend_order(
                self.pk, changes=[change], version=order.version, actor=SYSTEM
            )
        )

    @precondition(lambda self: hasattr(self, "pk"))
    @invariant()
    def the_numbers_are_sound(self):
        order = Order.objects.get(pk=self.pk)
        lines = lines_of(order)
        numbers = [line.numbers for line in lines]
        assert [progress.faults(line) for line in numbers] == [[]] * len(lines)
        assert order.net + order.tax == order.gross
        if order.state != S.CANCELLED:
            assert sum(line.net for line in lines) == order.net
        if order.state in (S.SHIPPED, *BILLED):
            assert all(not line.open for line in numbers)
            assert (order.state == S.SHIPPED) == any(line.billable for line in numbers)

    @precondition(lambda self: hasattr(self, "pk"))
    @invariant()
    def the_last_event_led_here(self):
        last = Event.objects.filter(document_type="orders.order", document_id=self.pk).last()
        assert last.new_state == Order.objects.get(pk=self.pk).state


@pytest.mark.django_db
def test_the_order_never_lies():
    run_state_machine_as_test(
        OrderWalk, settings=settings(max_examples=15, stateful_step_count=25, deadline=None)
    )
