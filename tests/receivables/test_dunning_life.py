"""Runs, letters, disputes and promises over weeks, in any order: nobody is bothered twice."""

from datetime import date, timedelta
from decimal import Decimal as D
from functools import partial
from unittest import mock

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
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from receivables.commands import (
    allocate_oldest_first,
    approve_dunning_run,
    discard_dunning_run,
    open_dispute,
    pause_dunning,
    propose_daily_dunning,
    propose_dunning,
    record_promise,
    resolve_dispute,
    resume_dunning,
    send_dunning_letters,
    withdraw_promise,
)
from receivables.models import (
    Dispute,
    DisputeState,
    DunningNotice,
    DunningRun,
    DunningRunState,
    OpenItem,
    Promise,
    PromiseState,
)
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given
from tests.given.ledger import opened
from tests.proof import assert_books_agree

R = DunningRunState
REACHED_ONLY_FROM = {R.APPROVED: {R.PROPOSED}, R.DISCARDED: {R.PROPOSED}}
PROOF = ["E3", "E8", "F1", "F2", "F10", "G1", "G2", "G3", "G4", "I1", "I1c"]
picks = integers(0, 9)


def pick(rows, number):
    rows = list(rows.order_by("pk"))
    return rows[number % len(rows)] if rows else None


class DunningWalk(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.today = date(2026, 3, 1) + timedelta(days=DunningRun.objects.count() * 400)
        self.customers = [CustomerFactory() for _ in range(2)]
        with clock.at(self.today):
            opened(self.today - timedelta(days=40))
        for customer in self.customers:
            for days in (-2, 3, 30):
                with clock.at(self.today):
                    given.debt(
                        "100.00",
                        customer=customer,
                        posted=self.today - timedelta(days=40),
                        due=self.today - timedelta(days=days),
                    )

    def items(self):
        return OpenItem.objects.filter(customer__in=self.customers)

    def do(self, action):
        with clock.at(self.today):
            try:
                return action()
            except RuleViolation:
                return None

    @rule(days=integers(1, 9))
    def time_passes(self, days):
        self.today += timedelta(days=days)

    @rule(by_beat=sampled_from([True, False]))
    def propose(self, by_beat):
        action = propose_daily_dunning if by_beat else propose_dunning
        self.do(lambda: action(actor=SYSTEM))

    @rule(run=picks, verb=sampled_from(["approve", "approve", "discard"]))
    def decide(self, run, verb):
        run = pick(DunningRun.objects.all(), run)
        if run is None:
            return
        discard = partial(discard_dunning_run, reason="wrong day")
        action = {"approve": approve_dunning_run, "discard": discard}[verb]
        with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF"):
            done = self.do(lambda: action(run.pk, actor=SYSTEM))
        after = DunningRun.objects.get(pk=run.pk).state
        assert after == run.state or run.state in REACHED_ONLY_FROM[after]
        assert bool(done) == (after != run.state)

    @rule(run=picks)
    def send(self, run):
        if run := pick(DunningRun.objects.all(), run):
            with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF"):
                sent = self.do(lambda: send_dunning_letters(run.pk, actor=SYSTEM))
            assert not sent or run.state == R.APPROVED

    @rule(item=picks, amount=sampled_from(["20.00", "100.00"]))
    def contest(self, item, amount):
        item = pick(self.items(), item)
        self.do(lambda: open_dispute(item.pk, amount=D(amount), reason="price", actor=SYSTEM))

    @rule(dispute=picks)
    def settle(self, dispute):
        mine = Dispute.objects.filter(customer__in=self.customers, state=DisputeState.OPEN)
        if dispute := pick(mine, dispute):
            assert self.do(lambda: resolve_dispute(dispute.pk, resolution="ok", actor=SYSTEM))
            assert not self.do(lambda: resolve_dispute(dispute.pk, resolution="ok", actor=SYSTEM))

    @rule(item=picks, days=integers(0, 20))
    def promise(self, item, days):
        item, day = pick(self.items(), item), self.today + timedelta(days=days)
        self.do(lambda: record_promise(item.pk, amount=D("50.00"), promised_date=day, actor=SYSTEM))

    @rule(promise=picks)
    def withdraw(self, promise):
        mine = Promise.objects.filter(customer__in=self.customers, state=PromiseState.OPEN)
        if promise := pick(mine, promise):
            assert self.do(
                lambda: withdraw_promise(promise.pk, reason="they cannot pay", actor=SYSTEM)
            )
            assert not self.do(
                lambda: withdraw_promise(promise.pk, reason="they cannot pay", actor=SYSTEM)
            )

    @rule(who=integers(0, 1), pause=sampled_from([True, False]))
    def pause(self, who, pause):
        pk, until = self.customers[who].pk, self.today + timedelta(days=5)
        if pause:
            self.do(lambda: pause_dunning(pk, until=until, reason="x", actor=SYSTEM))
        else:
            self.do(lambda: resume_dunning(pk, actor=SYSTEM))

    @rule(who=integers(0, 1), amount=sampled_from(["30.00", "100.00"]), apply=integers(0, 2))
    def pay(self, who, amount, apply):
        customer = self.customers[who]
        payment = self.do(lambda: given.payment(amount, customer=customer, on=self.today))
        if apply:
            self.do(lambda: allocate_oldest_first(payment.pk, actor=SYSTEM))

    @precondition(lambda self: hasattr(self, "customers"))
    @invariant()
    def the_books_and_letters_prove_themselves(self):
        assert_books_agree(PROOF)

    @precondition(lambda self: hasattr(self, "customers"))
    @invariant()
    def nobody_is_asked_for_more_than_was_ever_owed(self):
        for notice in DunningNotice.objects.select_related("open_item"):
            assert notice.amount <= notice.open_item.original


@pytest.mark.django_db
def test_nobody_is_bothered_twice():
    DunningPolicyFactory(
        levels=[{"days": 2, "fee": "5.00", "interest_percent": "9"}, {"days": 9}, {"days": 20}],
        days_between=3,
    )
    walk = settings(max_examples=10, stateful_step_count=30, deadline=None)

    run_state_machine_as_test(DunningWalk, settings=walk)
