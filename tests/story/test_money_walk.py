"""Money in and out, back and forth: after every step the books agree and the order stands where
its numbers are."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, integers, sampled_from

from invoicing.commands import approve_credit_note, cancel_invoice, draft_invoice, post_invoice
from invoicing.models import CreditKind, Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.verify import run_all
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from orders.models import Order, OrderLine
from receivables.commands import (
    Share,
    allocate_credit,
    allocate_oldest_first,
    approve_write_off,
    record_payment,
    reverse_write_off,
)
from receivables.models import OpenItem, Payment, Repayment, WriteOff
from reconciliation.commands import apply_match, ignore_bank_line, match_return, undo_match
from reconciliation.models import BankLine, Match
from tests.factories.masters import CustomerFactory, PaymentTermsFactory
from tests.given import receivables as given
from tests.given.invoicing import posted_invoice, proposed_credit, returned
from tests.given.reconciliation import bank_account, entry, matched

PRICE = Decimal("100.00")
WHICH = integers(0, 3)


class MoneyWalk(RuleBasedStateMachine):
    """Ten pieces at 100.00 and 2 % for paying early, and every way their money can go."""

    @initialize()
    def bill(self):
        self.before = transaction.savepoint()
        bank_account()
        terms = PaymentTermsFactory(code="2-7", discount_percent=Decimal(2), discount_days=7)
        self.customer = CustomerFactory(terms=terms)
        invoice = posted_invoice((10, PRICE), customer=self.customer)
        self.order, self.shipment = invoice.order, invoice.shipment

    def items(self, **fields) -> list[OpenItem]:
        return list(OpenItem.objects.filter(customer=self.customer, **fields).order_by("pk"))

    def payments(self, **fields) -> list[Payment]:
        return list(Payment.objects.filter(customer=self.customer, **fields).order_by("pk"))

    def line(self, amount, text, **said) -> list[Match]:
        """A bank line of its own, named by the bank."""
        number = BankLine.objects.count()
        return matched(entry(amount, text, bank_reference=f"B{number}", **said))

    @rule(which=WHICH, early=booleans(), part=sampled_from([1, 1, 2]), more=sampled_from([0, 50]))
    def pay(self, which, early, part, more):
        """By a bank line that names the invoice: all or half, less the discount, or too much."""
        if debts := self.items(open_amount__gt=0):
            debt = debts[which % len(debts)]
            discount = debt.discount_on(clock.today()).amount if early and part == 1 else 0
            amount = ((debt.open_amount - discount) / part).quantize(Decimal("0.01")) + more
            for match in self.line(amount, f"Invoice {debt.document_number}"):
                apply_match(match.pk, actor=SYSTEM)

    @rule(which=WHICH, applied=booleans())
    def enter(self, which, applied):
        """A payment typed in, on account or used at once; its line comes later."""
        if debts := self.items(open_amount__gt=0):
            debt = debts[which % len(debts)]
            shares = [Share(debt.pk, debt.open_amount)] if applied else []
            amount, today = str(debt.open_amount), clock.today()
            receipt = given.receipt(amount, customer=self.customer, on=today, shares=shares)
            record_payment(receipt, actor=SYSTEM)

    @rule(which=WHICH)
    def line_of_the_entered(self, which):
        if waiting := self.payments(bank_line_id=None, state="received"):
            payment = waiting[which % len(waiting)]
            amount, name = payment.sign * payment.on_bank, self.customer.name
            for match in self.line(amount, "as told", counterparty_name=name):
                assert match.kind == "joins", match
                apply_match(match.pk, actor=SYSTEM)

    @rule(which=WHICH, fee=sampled_from(["0", "3.50"]))
    def bounce(self, which, fee):
        """The bank takes a payment back; its statement may be signed off."""
        came = self.payments(direction="in", bank_line_id__isnull=False, state="received")
        if came := [p for p in came if not p.returned_by.exclude(state="reversed").exists()]:
            payment = came[which % len(came)]
            text = f"RETURN {payment.reference}"
            found = self.line(-payment.total - Decimal(fee), text, is_return=True)
            if found:
                assert found[0].kind == "returns"
                apply_match(found[0].pk, actor=SYSTEM)
            else:  # nothing it says is told of a payment, and its amount has the fee in it
                assert fee != "0"
                line = BankLine.objects.latest("pk")
                match_return(line.pk, payment_id=payment.pk, actor=SYSTEM)

    @rule(which=WHICH)
    def undo(self, which):
        if applied := list(Match.objects.filter(state="applied").order_by("-pk")):
            match = applied[which % len(applied)]
            with suppress(RuleViolation):
                undo_match(match.pk, reason="walk", actor=SYSTEM)
                ignore_bank_line(match.bank_line_id, reason="walk", actor=SYSTEM)

    @rule()
    def pay_back(self):
        """All that is on account goes back, typed in, and meets what it repays."""
        left = sum(p.sign * p.unapplied for p in self.payments(state="received"))
        if left > 0:
            receipt = given.receipt(
                str(left), customer=self.customer, on=clock.today(), direction="out"
            )
            payment = record_payment(receipt, actor=SYSTEM)
            allocate_oldest_first(payment.pk, actor=SYSTEM)

    @rule(which=WHICH)
    def pay_credit_back(self, which):
        """A bank line of money out that names a credit note."""
        if credits := self.items(open_amount__lt=0):
            credit = credits[which % len(credits)]
            for match in self.line(credit.open_amount, f"refund {credit.document_number}"):
                apply_match(match.pk, actor=SYSTEM)

    @rule(which=WHICH)
    def dispute(self, which):
        if debts := self.items(open_amount__gt=10):
            with suppress(RuleViolation):
                given.dispute(debts[which % len(debts)], "10.00")

    @rule(which=WHICH)
    def write_off(self, which):
        if debts := self.items(open_amount__gt=5):
            with suppress(RuleViolation):
                request = given.requested_write_off(debts[which % len(debts)], "5.00")
                approve_write_off(request.pk, actor=given.ANOTHER)

    @rule()
    def owe_again(self):
        for written in WriteOff.objects.filter(state="approved"):
            with suppress(RuleViolation):
                reverse_write_off(written.pk, reason="walk", actor=SYSTEM)

    @rule(which=WHICH, kind=sampled_from([CreditKind.CORRECTION, CreditKind.PRICE]), part=WHICH)
    def credit(self, which, kind, part):
        invoices = list(Invoice.objects.filter(order=self.order, kind="invoice", state="posted"))
        invoice = invoices[which % len(invoices)]
        figure = [1, 3, 5, 10][part]
        with suppress(RuleViolation):
            note = proposed_credit(
                invoice, figure * (1 if kind == CreditKind.CORRECTION else 7), kind=kind
            )
            approve_credit_note(note.pk, actor=SYSTEM)

    @rule()
    def send_back(self):
        with suppress(RuleViolation):
            returned(self.shipment, 2)
        for note in Invoice.objects.filter(order=self.order, state="proposed"):
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

    def expected_state(self) -> str:
        """Where quantities, open items and payments say the order stands."""
        if OrderLine.objects.get(order=self.order).numbers.billable:
            return "shipped"
        theirs = self.items(order=self.order)
        if any(item.open_amount > 0 for item in theirs):
            return "invoiced"
        by_hand = OpenItem.objects.filter(
            order=self.order,
            allocations__payment__bank_line_id=None,
            allocations__payment__isnull=False,
            allocations__reverses=None,
            allocations__reversed_by=None,
        )
        owed_back = any(item.open_amount < 0 for item in theirs)
        return "paid" if owed_back or by_hand.exists() else "reconciled"

    @invariant()
    def the_order_stands_where_its_numbers_are(self):
        if hasattr(self, "order"):
            state = Order.objects.values_list("state", flat=True).get(pk=self.order.pk)
            assert state == self.expected_state()

    @invariant()
    def the_bank_has_what_its_lines_and_the_entered_payments_say(self):
        if hasattr(self, "order"):
            lines = BankLine.objects.filter(payment__isnull=False)
            by_hand = self.payments(bank_line_id=None)
            waiting = [p for p in by_hand if p.state != "reversed"]
            assert balance(Role.BANK) == sum(line.amount for line in lines) + sum(
                p.sign * p.on_bank for p in waiting
            )

    @invariant()
    def a_discount_is_carried_as_it_was_taken(self):
        """Tax is 19 % of net sales, to the cent per document."""
        if hasattr(self, "order") and not WriteOff.objects.filter(state="approved").exists():
            net = balance(Role.REVENUE) + balance(Role.DISCOUNT)
            documents = (
                Invoice.objects.count() + Payment.objects.count() + Repayment.objects.count()
            )
            assert abs(balance(Role.TAX) - net * Decimal("0.19")) <= documents * Decimal("0.01")

    @invariant()
    def the_books_agree(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        broken = [found for found in run_all() if not found.holds]
        assert not broken, [(f.invariant.id, f.sentences()) for f in broken]

    def teardown(self):
        if hasattr(self, "before"):
            transaction.savepoint_rollback(self.before)


@pytest.mark.django_db
def test_money_goes_every_way_and_the_books_agree():
    run_state_machine_as_test(
        MoneyWalk, settings=settings(max_examples=6, stateful_step_count=12, deadline=None)
    )
