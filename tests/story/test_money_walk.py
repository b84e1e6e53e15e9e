"""Money in and out, back and forth: after every step the books agree and the order stands where
its numbers are."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, sampled_from

from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from receivables.commands import (
    Share,
    allocate_oldest_first,
    approve_write_off,
    record_payment,
    reverse_write_off,
)
from receivables.models import Payment, Repayment, WriteOff
from reconciliation.commands import apply_match, ignore_bank_line, match_return, undo_match
from reconciliation.models import BankLine, Match
from tests.factories.masters import CustomerFactory, PaymentTermsFactory
from tests.given import receivables as given
from tests.story.walk import WHICH, OrderWalk


class MoneyWalk(OrderWalk):
    """Ten pieces at 100.00 and 2 % for paying early, and every way their money can go."""

    def buyer(self):
        terms = PaymentTermsFactory(code="2-7", discount_percent=Decimal(2), discount_days=7)
        return CustomerFactory(terms=terms)

    def payments(self, **fields) -> list[Payment]:
        return list(Payment.objects.filter(customer=self.customer, **fields).order_by("pk"))

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


@pytest.mark.django_db
def test_money_goes_every_way_and_the_books_agree():
    run_state_machine_as_test(
        MoneyWalk, settings=settings(max_examples=6, stateful_step_count=12, deadline=None)
    )
