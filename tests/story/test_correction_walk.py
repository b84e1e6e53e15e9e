"""Every way from an invoice over credits and new bills to the money: the numbers decide."""

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from hypothesis.strategies import sampled_from

from credit.queries import exposure
from o2c.core.actors import SYSTEM
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from orders.models import OrderLine
from reconciliation.commands import apply_match
from tests.given.invoicing import lines_of
from tests.story.walk import PRICE, WHICH, OrderWalk


class CorrectionWalk(OrderWalk):
    """Credited, sent back, billed again, paid: the numbers decide what is exposed to risk."""

    @rule(which=WHICH, part=sampled_from([1, 2]))
    def pay(self, which, part):
        """All or half of an invoice, by a bank statement that names it."""
        if debts := self.items(open_amount__gt=0, kind="invoice"):
            debt = debts[which % len(debts)]
            self.receive(debt, (debt.open_amount / part).quantize(Decimal("0.01")))

    def receive(self, debt, amount):
        (match,) = self.line(amount, f"Invoice {debt.document_number}")
        apply_match(match.pk, actor=SYSTEM)

    @invariant()
    def what_is_not_billed_uses_credit(self):
        if hasattr(self, "order"):
            parts = {p.part: p.amount for p in exposure(self.order.payer_id).exposure.parts}
            line = OrderLine.objects.get(order=self.order)
            assert parts["shipped_not_invoiced"] == line.numbers.billable * PRICE * Decimal("1.19")
            owed = balance(Role.AR, customer_id=self.order.payer_id)
            assert parts["receivables"] == max(owed, Decimal(0))

    def teardown(self):
        try:
            if hasattr(self, "order"):
                self.settle()
        finally:
            super().teardown()

    def settle(self):
        """Whatever happened: billed to the end and paid, the order is settled."""
        self.grant_returns()
        self.bill_again()
        self.use_credit()
        for debt in self.items(open_amount__gt=0):
            self.receive(debt, debt.open_amount)
        assert self.state() == ("paid" if self.items(open_amount__lt=0) else "reconciled")
        billed = sum(
            line.quantity if one.kind == "invoice" else -line.quantity
            for one in self.documents(state="posted")
            for line in lines_of(one)
        )
        kept = OrderLine.objects.get(order=self.order)
        assert billed == kept.shipped - kept.returned


@pytest.mark.django_db
def test_every_correction_ends_where_the_quantities_are():
    run_state_machine_as_test(
        CorrectionWalk, settings=settings(max_examples=6, stateful_step_count=9, deadline=None)
    )
