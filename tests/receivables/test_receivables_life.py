"""Debts, money, credits and write-offs, walked at random beside a plain model of themselves.

Whatever is pressed in whatever order, on whatever day: the open amounts are the model's, the
books agree on every day, and aging says of any day what a plain sum over the rows says.
"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal as D

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

from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import RuleViolation
from receivables.commands import (
    PaymentShare,
    Share,
    allocate_credit,
    allocate_oldest_first,
    allocate_payment,
    approve_payment,
    approve_write_off,
    assign_payer,
    reject_payment,
    reject_write_off,
    request_write_off,
    reverse_allocation,
    reverse_allocations,
    reverse_credit_application,
    reverse_payment,
    reverse_write_off,
)
from receivables.models import (
    Allocation,
    CreditApplication,
    OpenItem,
    Payment,
    PaymentState,
    Repayment,
    WriteOff,
)
from receivables.queries import AgingRequest, aging, tie_out
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given
from tests.proof import assert_books_agree

START = date(2026, 1, 10)
ANOTHER = SystemActor("another")
PROOF = ["E3", "E8", "F1", "F2", "F3", "F5", "F7", "F9", "F10", "F12", "I1", "I1c"]
amounts = sampled_from([D("0.01"), D("10.00"), D("33.33"), D("50.00"), D("100.00"), D("250.00")])
picks = integers(0, 20)


def pick(rows, number):
    rows = list(rows)
    return rows[number % len(rows)] if rows else None


class ReceivablesWalk(RuleBasedStateMachine):
    """Two customers of one currency; `open` and `left` are the model."""

    @initialize(currency=sampled_from(["EUR", "USD"]))
    def begin(self, currency):
        self.customers = [CustomerFactory(currency=currency) for _ in range(2)]
        self.currency, self.today = currency, START
        self.open, self.left = Counter(), Counter()
        if currency == "USD":
            for month in (1, 2, 3, 4):
                rate = D("0.9") + D(month) / 37
                ExchangeRateFactory(
                    known__code="USD", date=date(2026, month, 1), rate=round(rate, 8)
                )
        for who in (0, 1):
            for amount in ("100.00", "50.00", "-33.33"):
                self.owe(who, D(amount), 1)
            self.pay(who, D("120.00"), 0, 0)
        # Begin in the middle of life: something is applied, credited and given up already.
        self.apply(0, 1, D("50.00"))
        self.use_credit(2, 0, D("33.33"))
        self.ask_to_write_off(1, D("10.00"))
        self.decide_write_off(0, "approve")

    # -- the world's own rows -----------------------------------------------------------------

    def items(self):
        return OpenItem.objects.filter(customer__in=self.customers).order_by("pk")

    def payments(self):
        return Payment.objects.filter(pk__in=[*self.left]).order_by("pk")

    def do(self, action):
        """Carry out a action on the day it is; None when the business says no."""
        with clock.at(self.today):
            try:
                return action()
            except RuleViolation:
                return None

    # -- actions --------------------------------------------------------------------------------

    @rule(days=integers(1, 20))
    def time_passes(self, days):
        self.today += timedelta(days=days)

    @rule(who=integers(0, 1), amount=amounts, sign=sampled_from([1, 1, -1]))
    def owe(self, who, amount, sign):
        with clock.at(self.today):
            item = given.debt(
                str(sign * amount),
                customer=self.customers[who],
                currency=self.currency,
                posted=self.today,
            )
        self.open[item.pk] = item.original

    @rule(who=integers(0, 2), amount=amounts, early=integers(0, 9), out=sampled_from([0, 0, 1]))
    def pay(self, who, amount, early, out):
        customer = self.customers[who] if who < 2 else None
        payment = self.do(
            lambda: given.payment(
                str(amount),
                customer=customer,
                on=self.today - timedelta(days=early),
                currency=self.currency,
                direction="out" if out else "in",
            )
        )
        self.left[payment.pk] = amount

    @rule(payment=picks, who=integers(0, 1))
    def find_the_payer(self, payment, who):
        if row := pick(self.payments().filter(state=PaymentState.UNASSIGNED), payment):
            self.do(lambda: assign_payer(row.pk, customer_id=self.customers[who].pk, actor=SYSTEM))

    @rule(payment=picks, agrees=sampled_from([True, True, False]))
    def decide_on_a_pay_out(self, payment, agrees):
        waiting = self.payments().filter(state=PaymentState.WAITING)
        if row := pick(waiting, payment):
            assert row.beyond > 0
            if agrees:
                assert self.do(lambda: approve_payment(row.pk, actor=ANOTHER))
            else:
                assert self.do(lambda: reject_payment(row.pk, reason="no", actor=ANOTHER))

    @rule(payment=picks, other=picks, amount=amounts)
    def repay(self, payment, other, amount):
        payment, other = pick(self.payments(), payment), pick(self.payments(), other)
        if not payment or payment == other:
            return
        fits = (
            payment.state == other.state == PaymentState.RECEIVED
            and payment.customer_id == other.customer_id
            and payment.direction != other.direction
            and amount <= min(self.left[payment.pk], self.left[other.pk])
        )
        shares = [PaymentShare(other.pk, amount)]
        done = self.do(lambda: allocate_payment(payment.pk, payments=shares, actor=SYSTEM))
        assert bool(done) == fits
        if done:
            self.left[payment.pk] -= amount
            self.left[other.pk] -= amount

    @rule(repayment=picks)
    def take_repayment_back(self, repayment):
        rows = Repayment.objects.filter(received__in=self.payments(), reverses=None)
        row = pick(rows.order_by("pk"), repayment)
        if row is None:
            return
        live = row.stands
        done = self.do(
            lambda: reverse_allocations(
                row.paid_id, repayment_ids=[row.pk], reason="wrong payment", actor=SYSTEM
            )
        )
        assert bool(done) == live
        if done:
            self.part(row)

    def part(self, row):
        self.left[row.received_id] += row.amount
        self.left[row.paid_id] += row.amount

    @rule(payment=picks, item=picks, amount=amounts)
    def apply(self, payment, item, amount):
        payment = pick(self.payments(), payment)
        payers = [payment.customer_id] if payment and item % 4 else [c.pk for c in self.customers]
        item = pick(self.items().filter(customer__in=payers), item)
        if not payment or not item:
            return
        if amount > D("50.00"):  # often as much as will go
            most = min(self.left[payment.pk], payment.sign * self.open[item.pk])
            amount = most if most > 0 else amount
        fits = (
            payment.state == PaymentState.RECEIVED
            and payment.customer_id == item.customer_id
            and amount <= self.left[payment.pk]
            and amount <= payment.sign * self.open[item.pk]
        )
        shares = [Share(item.pk, amount)]
        done = self.do(lambda: allocate_payment(payment.pk, shares=shares, actor=SYSTEM))
        assert bool(done) == fits
        if done:
            self.left[payment.pk] -= amount
            self.open[item.pk] -= payment.sign * amount

    @rule(payment=picks)
    def apply_oldest_first(self, payment):
        payment = pick(self.payments(), payment)
        if not payment or payment.state != PaymentState.RECEIVED:
            return
        mine = self.items().filter(customer=payment.customer_id).order_by("due_date", "pk")
        met = []
        if payment.sign < 0:
            met = self.payments().filter(customer=payment.customer_id, direction="in")
            met = list(met.filter(state="received").order_by("value_date", "pk"))
        done = self.do(lambda: allocate_oldest_first(payment.pk, actor=SYSTEM))
        for item in mine:
            take = min(self.left[payment.pk], max(payment.sign * self.open[item.pk], D(0)))
            assert done or not take
            self.left[payment.pk] -= take
            self.open[item.pk] -= payment.sign * take
        for other in met:
            take = min(self.left[payment.pk], self.left[other.pk])
            assert done or not take
            self.left[payment.pk] -= take
            self.left[other.pk] -= take

    @rule(allocation=picks)
    def take_back(self, allocation):
        row = pick(
            Allocation.objects.filter(payment__in=self.payments(), reverses=None).order_by("pk"),
            allocation,
        )
        if row is None:
            return
        live = not Allocation.objects.filter(reverses=row).exists()
        done = self.do(lambda: reverse_allocation(row.pk, reason="wrong item", actor=SYSTEM))
        assert bool(done) == live
        if done:
            self.left[row.payment_id] += abs(row.amount)
            self.open[row.open_item_id] += row.cleared

    @rule(payment=picks)
    def bounce(self, payment):
        payment = pick(self.payments(), payment)
        if payment is None:
            return
        live = list(payment.allocations.filter(reverses=None, reversed_by=None))
        sides = Repayment.objects.filter(received=payment) | Repayment.objects.filter(paid=payment)
        met = [row for row in sides if row.stands]
        done = self.do(lambda: reverse_payment(payment.pk, reason="bounced", actor=SYSTEM))
        assert bool(done) == (payment.state != PaymentState.REVERSED)
        if done:
            for row in met:
                self.part(row)
            self.left[payment.pk] = D(0)
            for row in live:
                self.open[row.open_item_id] += row.cleared

    @rule(credit=picks, item=picks, amount=amounts)
    def use_credit(self, credit, item, amount):
        credit = pick([i for i in self.items() if self.open[i.pk] < 0 or credit > 15], credit)
        item = pick(self.items(), item)
        if not credit or credit == item:
            return
        fits = (
            credit.customer_id == item.customer_id
            and amount <= self.open[item.pk]
            and amount <= -self.open[credit.pk]
        )
        shares = [Share(item.pk, amount)]
        done = self.do(lambda: allocate_credit(credit.pk, shares=shares, actor=SYSTEM))
        assert bool(done) == fits
        if done:
            self.open[item.pk] -= amount
            self.open[credit.pk] += amount

    @rule(application=picks)
    def give_credit_back(self, application):
        rows = CreditApplication.objects.filter(customer__in=self.customers).order_by("pk")
        row = pick(rows, application)
        if row and self.do(
            lambda: reverse_credit_application(row.pk, reason="wrong debt", actor=SYSTEM)
        ):
            self.open[row.credit_item_id] -= row.amount
            self.open[row.allocations.get(reverses=None).open_item_id] += row.amount

    @rule(item=picks, amount=amounts)
    def ask_to_write_off(self, item, amount):
        if item := pick(self.items(), item):
            self.do(lambda: request_write_off(item.pk, amount=amount, note="walk", actor=SYSTEM))

    @rule(write_off=picks, verb=sampled_from(["approve", "approve", "reject", "reverse"]))
    def decide_write_off(self, write_off, verb):
        rows = WriteOff.objects.filter(customer__in=self.customers).order_by("pk")
        row = pick(rows, write_off)
        if row is None:
            return
        actions = {
            "approve": lambda: approve_write_off(row.pk, actor=ANOTHER),
            "reject": lambda: reject_write_off(row.pk, note="no", actor=ANOTHER),
            "reverse": lambda: reverse_write_off(row.pk, reason="came", actor=ANOTHER),
        }
        if self.do(actions[verb]):
            change = {"approve": -row.amount, "reject": D(0), "reverse": row.amount}[verb]
            self.open[row.open_item_id] += change

    # -- what must hold -----------------------------------------------------------------------

    @precondition(lambda self: hasattr(self, "open"))
    @invariant()
    def the_model_agrees(self):
        assert {item.pk: item.open_amount for item in self.items()} == self.open
        for payment in self.payments():
            assert payment.unapplied == self.left[payment.pk]

    @precondition(lambda self: hasattr(self, "open"))
    @invariant()
    def the_books_prove_themselves(self):
        assert_books_agree(PROOF)

    @precondition(lambda self: hasattr(self, "open"))
    @rule(back=integers(-5, 60))
    def any_day_is_what_the_rows_add_up_to(self, back):
        day = self.today - timedelta(days=back)
        for customer in self.customers:
            report = aging(AgingRequest(day, customer_id=customer.pk))
            assert all(line.agrees for line in tie_out(report))
            totals = report.totals.get(self.currency)
            found = (totals.total, totals.unapplied, totals.items) if totals else (0, 0, 0)
            assert found == self.plain_sums(customer, day)

    def plain_sums(self, customer, day):
        """Open total, unapplied and number of open items, from the rows alone."""
        opens = Counter()
        for item in self.items().filter(customer=customer, posting_date__lte=day):
            opens[item.pk] += item.original
        unapplied = D(0)
        for p in Payment.objects.filter(customer=customer, assigned_date__lte=day):
            if p.reversed_date is None or p.reversed_date > day:
                unapplied -= p.sign * p.amount.amount
        for row in Allocation.objects.filter(customer=customer, effective_date__lte=day):
            opens[row.open_item_id] -= row.cleared
            if row.credit_item_id:
                opens[row.credit_item_id] += row.amount
            if row.payment_id:
                unapplied += row.amount
        return sum(opens.values()), unapplied, sum(1 for amount in opens.values() if amount)


@pytest.mark.django_db
def test_the_receivables_never_lie():
    given.bank_account()
    walk = settings(max_examples=12, stateful_step_count=30, deadline=None)

    run_state_machine_as_test(ReceivablesWalk, settings=walk)
