"""What walks through an order's money share: its invoice, credits, and what must always hold."""

from contextlib import suppress
from decimal import Decimal

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import integers, sampled_from

from invoicing.commands import approve_credit_note, cancel_invoice, draft_invoice, post_invoice
from invoicing.models import CreditKind, Invoice
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.masters.models import Customer
from orders.models import Order, OrderLine
from receivables.commands import Share, allocate_credit
from receivables.models import OpenItem
from reconciliation.models import BankLine, Match
from tests.factories.masters import CustomerFactory
from tests.given.invoicing import posted_invoice, proposed_credit, returned
from tests.given.reconciliation import bank_account, entry, matched
from tests.proof import assert_books_agree

PRICE = Decimal("100.00")
WHICH = integers(0, 3)


class OrderWalk(RuleBasedStateMachine):
    """Ten pieces at 100.00, billed; credited in every way, sent back and billed again."""

    def buyer(self) -> Customer:
        return CustomerFactory()

    @initialize()
    def bill(self):
        self.before = transaction.savepoint()
        bank_account()
        self.customer = self.buyer()
        invoice = posted_invoice((10, PRICE), customer=self.customer)
        self.order, self.shipment = invoice.order, invoice.shipment

    def documents(self, **fields) -> list[Invoice]:
        return list(Invoice.objects.filter(order=self.order, **fields).order_by("pk"))

    def items(self, **fields) -> list[OpenItem]:
        return list(OpenItem.objects.filter(customer=self.customer, **fields).order_by("pk"))

    def line(self, amount, text, **said) -> list[Match]:
        """What is proposed for a bank line of its own, named by the bank."""
        number = BankLine.objects.count()
        return matched(entry(amount, text, bank_reference=f"B{number}", **said))

    @rule(
        which=WHICH,
        kind=sampled_from([CreditKind.CORRECTION, CreditKind.CORRECTION, CreditKind.PRICE]),
        part=sampled_from([1, 3, 5, 10]),
    )
    def credit(self, which, kind, part):
        """So many pieces, or seven times as much money."""
        invoices = self.documents(kind="invoice", state="posted")
        invoice = invoices[which % len(invoices)]
        figure = part if kind == CreditKind.CORRECTION else part * 7
        with suppress(RuleViolation):
            note = proposed_credit(invoice, figure, kind=kind)
            approve_credit_note(note.pk, actor=SYSTEM)

    @rule(part=sampled_from([1, 2, 4]))
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

    @rule()
    def use_credit(self):
        for credit in self.items(open_amount__lt=0):
            for debt in self.items(open_amount__gt=0):
                credit.refresh_from_db()
                if amount := min(-credit.open_amount, debt.open_amount):
                    shares = [Share(debt.pk, amount)]
                    allocate_credit(credit.pk, shares=shares, actor=SYSTEM)

    def state(self) -> str:
        return Order.objects.values_list("state", flat=True).get(pk=self.order.pk)

    def expected_state(self) -> str:
        """Where quantities, open items and payments say the order stands."""
        if OrderLine.objects.get(order=self.order).numbers.billable:
            return "shipped"
        theirs = self.items(order=self.order)
        if any(item.open_amount > 0 for item in theirs):
            return "invoiced"
        owed_back = any(item.open_amount < 0 for item in theirs)
        return "paid" if owed_back or self.is_paid_by_hand() else "reconciled"

    def is_paid_by_hand(self) -> bool:
        """Whether a payment that no bank line confirms is used for the order."""
        return OpenItem.objects.filter(
            order=self.order,
            allocations__payment__bank_line_id=None,
            allocations__payment__isnull=False,
            allocations__reverses=None,
            allocations__reversed_by=None,
        ).exists()

    @invariant()
    def the_order_stands_where_its_numbers_are(self):
        if hasattr(self, "order"):
            assert self.state() == self.expected_state()

    @invariant()
    def the_books_agree(self):
        assert_books_agree()

    def teardown(self):
        if hasattr(self, "before"):
            transaction.savepoint_rollback(self.before)
