"""Every way from an invoice over credits and new bills to the money: the numbers decide."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers, sampled_from

from credit.queries import exposure
from invoicing.commands import (
    approve_credit_note,
    cancel_invoice,
    draft_invoice,
    post_invoice,
)
from invoicing.models import CreditKind, Invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.verify import run_all
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from orders.models import Order, OrderLine
from receivables.commands import Share, allocate_credit
from receivables.models import OpenItem
from reconciliation.commands import apply_match
from reconciliation.models import BankLine
from tests.given.invoicing import lines_of, posted_invoice, proposed_credit, returned
from tests.given.reconciliation import bank_account, entry, matched

PRICE = Decimal("100.00")


class CorrectionWalk(RuleBasedStateMachine):
    """Ten pieces at 100.00: billed, credited in every way, sent back, billed again, paid."""

    @initialize()
    def bill(self):
        bank_account()
        invoice = posted_invoice((10, PRICE))
        self.order, self.shipment = invoice.order, invoice.shipment

    def documents(self, **fields) -> list[Invoice]:
        return list(Invoice.objects.filter(order=self.order, **fields).order_by("pk"))

    def items(self, **fields) -> list[OpenItem]:
        return list(OpenItem.objects.filter(order=self.order, **fields).order_by("pk"))

    @rule(
        which=integers(0, 3),
        kind=sampled_from([CreditKind.CORRECTION, CreditKind.CORRECTION, CreditKind.PRICE]),
        part=sampled_from([1, 5, 10]),
    )
    def credit(self, which, kind, part):
        invoices = self.documents(kind="invoice", state="posted")
        invoice = invoices[which % len(invoices)]
        by_quantity = kind == CreditKind.CORRECTION
        with suppress(RuleViolation):
            note = proposed_credit(invoice, part if by_quantity else part * 7, kind=kind)
            approve_credit_note(note.pk, actor=SYSTEM)

    @rule(part=sampled_from([1, 4]))
    def send_back(self, part):
        with suppress(RuleViolation):
            returned(self.shipment, part)

    @rule()
    def grant_returns(self):
        for note in self.documents(state="proposed"):
            approve_credit_note(note.pk, actor=SYSTEM)

    @rule()
    def bill_again(self):
        if draft := draft_invoice(self.shipment.pk, actor=SYSTEM):
            try:
                post_invoice(draft.pk, actor=SYSTEM)
            except RuleViolation:
                cancel_invoice(draft.pk, reason="walk", actor=SYSTEM)

    @rule(which=integers(0, 3), part=sampled_from([1, 2]))
    def pay(self, which, part):
        """All or half of an invoice, by a bank statement that names it."""
        if debts := self.items(open_amount__gt=0, kind="invoice"):
            debt = debts[which % len(debts)]
            amount = (debt.open_amount / part).quantize(Decimal("0.01"))
            self.receive(debt, amount)

    def receive(self, debt, amount):
        """A bank line of its own, named by the bank."""
        reference = f"BANK-{BankLine.objects.count()}"
        line = entry(amount, f"Invoice {debt.document_number}", bank_reference=reference)
        (match,) = matched(line)
        apply_match(match.pk, actor=SYSTEM)

    @rule()
    def use_credit(self):
        for credit in self.items(open_amount__lt=0):
            for debt in self.items(open_amount__gt=0):
                credit.refresh_from_db()
                if amount := min(-credit.open_amount, debt.open_amount):
                    shares = [Share(debt.pk, amount)]
                    allocate_credit(credit.pk, shares=shares, actor=SYSTEM)

    def expected_state(self) -> str:
        """Where the quantities and the open items say the order stands."""
        if OrderLine.objects.get(order=self.order).numbers.billable:
            return "shipped"
        if self.items(open_amount__gt=0):
            return "invoiced"
        return "paid" if self.items(open_amount__lt=0) else "reconciled"

    @invariant()
    def the_order_stands_where_its_numbers_are(self):
        if hasattr(self, "order"):
            state = Order.objects.values_list("state", flat=True).get(pk=self.order.pk)
            assert state == self.expected_state()

    @invariant()
    def what_is_not_billed_uses_credit(self):
        if hasattr(self, "order"):
            parts = {p.part: p.amount for p in exposure(self.order.payer_id).exposure.parts}
            line = OrderLine.objects.get(order=self.order)
            assert parts["shipped_not_invoiced"] == line.numbers.billable * PRICE * Decimal("1.19")
            owed = balance(Role.AR, customer_id=self.order.payer_id)
            assert parts["receivables"] == max(owed, Decimal(0))

    @invariant()
    def the_books_agree(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        broken = [found for found in run_all() if not found.holds]
        assert not broken, [(f.invariant.id, f.sentences()) for f in broken]

    def teardown(self):
        """Whatever happened: billed to the end and paid, the order is settled."""
        if hasattr(self, "order"):
            self.grant_returns()
            self.bill_again()
            self.use_credit()
            for debt in self.items(open_amount__gt=0):
                self.receive(debt, debt.open_amount)
            owed_back = self.items(open_amount__lt=0)
            state = Order.objects.values_list("state", flat=True).get(pk=self.order.pk)
            assert state == ("paid" if owed_back else "reconciled")
            lines = [line for one in self.documents(state="posted") for line in lines_of(one)]
            kept = OrderLine.objects.get(order=self.order)
            assert (
                sum(
                    line.quantity if line.invoice.kind == "invoice" else -line.quantity
                    for line in lines
                )
                == kept.shipped - kept.returned
            )


@pytest.mark.django_db
def test_every_correction_ends_where_the_quantities_are():
    run_state_machine_as_test(
        CorrectionWalk, settings=settings(max_examples=6, stateful_step_count=9, deadline=None)
    )
