"""Check and account, walked at random: credit is never spent that nobody granted."""

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

from credit import commands
from credit.models import CheckState, CreditCheck
from credit.queries import exposure
from o2c.core.actors import SystemActor
from o2c.core.errors import RuleViolation
from orders.commands import LineChange, amend_order, cancel_order
from orders.models import Order, OrderState
from tests.given.credit import account_of, customer_with_limit
from tests.given.orders import confirmed_order, lines_of
from tests.proof import assert_books_agree

BOSS = SystemActor("head of credit")
GRANTED = [OrderState.RELEASED, OrderState.IN_FULFILLMENT]
DECISIONS = {
    "approve": lambda pk: commands.approve_check(pk, reason="walk", actor=BOSS),
    "reject": lambda pk: commands.reject_check(pk, reason="walk", actor=BOSS),
    "recheck": lambda pk: commands.recheck_check(pk, actor=BOSS),
}


class CheckWalk(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.customer = customer_with_limit("200.00")

    def try_it(self, action):
        try:
            return action()
        except RuleViolation:
            return None

    def some(self, queryset, nr):
        found = list(queryset.order_by("pk"))
        return found[nr % len(found)] if found else None

    @property
    def orders(self):
        return Order.objects.filter(payer=self.customer)

    @property
    def checks(self):
        return CreditCheck.objects.filter(account__customer=self.customer)

    @staticmethod
    def uses_credit(order):
        """Granted once and not taken back: released, or held after that."""
        held_later = order.state == OrderState.ON_HOLD and order.held_from in GRANTED
        return order.state in GRANTED or held_later

    @rule(quantity=integers(1, 12))
    def another_order(self, quantity):
        order = confirmed_order(customer=self.customer, lines=[(quantity, "10.00")])
        commands.check_order(order.pk, actor=BOSS)

    @rule(nr=integers(0, 9), verb=sampled_from(sorted(DECISIONS)))
    def decide(self, nr, verb):
        check = self.some(self.checks, nr)
        if check is None:
            return
        before = check.state
        self.try_it(lambda: DECISIONS[verb](check.pk))
        check.refresh_from_db()
        assert check.state == before or before == CheckState.HELD

    @rule(nr=integers(0, 9), quantity=integers(1, 12))
    def amend(self, nr, quantity):
        order = self.some(self.orders.filter(state=OrderState.ON_HOLD), nr)
        if order is None:
            return
        change = LineChange(lines_of(order)[0].pk, quantity=Decimal(quantity))
        self.try_it(
            lambda: amend_order(order.pk, changes=[change], version=order.version, actor=BOSS)
        )
        commands.check_order(order.pk, actor=BOSS)

    @rule(nr=integers(0, 9))
    def cancel(self, nr):
        order = self.some(self.orders, nr)
        if order is None:
            return
        self.try_it(lambda: cancel_order(order.pk, reason="walk", actor=BOSS))
        if Order.objects.get(pk=order.pk).state == OrderState.CANCELLED:
            commands.withdraw_check(order.pk, actor=BOSS)

    @rule(amount=integers(0, 400))
    def limit(self, amount):
        account = account_of(self.customer)
        commands.set_limit(account.pk, amount=Decimal(amount), reason="known payer", actor=BOSS)

    @rule()
    def block(self):
        account = account_of(self.customer)
        if self.try_it(lambda: commands.block_account(account.pk, reason="walk", actor=BOSS)):
            commands.hold_blocked_payer(account.pk, actor=BOSS)
            assert not self.orders.filter(state__in=GRANTED).exists()

    @rule()
    def unblock(self):
        account = account_of(self.customer)
        if self.try_it(lambda: commands.unblock_account(account.pk, actor=BOSS)):
            commands.recheck_account(account.pk, actor=BOSS)

    @rule()
    def money_came(self):
        commands.recheck_payer(self.customer.pk, actor=BOSS)

    @precondition(lambda self: hasattr(self, "customer"))
    @invariant()
    def nothing_is_spent_that_nobody_granted(self):
        assert_books_agree(["A1", "A2", "A3", "A3b", "A3c"])
        granted = sum(order.gross for order in self.orders if self.uses_credit(order))
        assert exposure(self.customer.pk).exposure.total == granted

    @precondition(lambda self: hasattr(self, "customer"))
    @invariant()
    def a_held_check_and_a_held_order_belong_together(self):
        for check in self.checks.filter(state=CheckState.HELD).select_related("order"):
            assert check.order.state == OrderState.ON_HOLD
            assert check.order.is_held_by_credit


@pytest.mark.django_db
def test_the_gate_holds():
    run_state_machine_as_test(
        CheckWalk, settings=settings(max_examples=12, stateful_step_count=20, deadline=None)
    )
