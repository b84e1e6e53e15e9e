"""Statements, lines and matches, walked at random beside a plain model of the money they moved.

Whatever is imported, proposed, chosen, applied, undone, set aside or signed off, in whatever
order: every line says what became of it, the bank account and the payers' balances are the
model's, and no refusal leaves a trace.
"""

from decimal import Decimal as D

import pytest
from django.db import transaction
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

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.core.verify import registered
from o2c.ledger.queries import balance
from receivables.commands import reverse_payment
from receivables.models import OpenItem, Payment
from reconciliation.commands import (
    accept_bank_statement,
    apply_match,
    choose_match,
    dismiss_match,
    ignore_bank_line,
    import_statement,
    match_bank_line,
    match_statement,
    reconcile_bank_statement,
    reopen_bank_line,
    undo_match,
)
from reconciliation.models import BankLine, BankStatement, Match, MatchState, StatementState
from reconciliation.queries import INVARIANTS
from reconciliation.rules import Share
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.given.reconciliation import bank_account, entry, file_of, statement_record
from tests.proof import assert_books_agree

picks = integers(0, 20)
amounts = sampled_from([D("100.00"), D("50.00"), D("33.33"), D("150.00"), D("-9.90"), D("400.00")])
PROOF = [
    *(found.id for found in INVARIANTS),
    *("E1", "E3", "E8", "F1", "F2", "F3", "F5"),
]


def pick(rows, number):
    rows = list(rows.order_by("pk"))
    return rows[number % len(rows)] if rows else None


class BankWalk(RuleBasedStateMachine):
    """Two payers who owe; `paid` is the model: line id -> its payer and amount while applied.

    Each walk has the whole bank for itself: it is rolled back at its end.
    """

    reached = set()

    @initialize()
    def begin(self):
        self.nothing_yet = transaction.savepoint()
        self.payers = [CustomerFactory(name=f"Payer {name} Works") for name in ("Alba", "Brno")]
        for payer in self.payers:
            for amount in ("100.00", "50.00", "33.33"):
                given.debt(amount, customer=payer)
        self.owed = balance("AR")
        self.paid, self.set_aside, self.files = {}, set(), []
        # Begin in the middle of life, with every verb done once: each statement has two lines.
        for amount, fits in (("100.00", True), ("50.00", True), ("33.33", False)):
            self.a_statement_comes(D(amount), D("-9.90"), 0, fits)
            self.choose(2 * len(self.files) - 2, 0, 0, True)
        self.apply(1)
        self.undo(1)
        self.dismiss(0)
        self.look_for_matches(0)
        self.apply(1)
        self.accept(2)
        self.set_it_aside(1)
        self.set_it_aside(2)
        self.set_it_aside(3)
        self.sign_off(1)

    def teardown(self):
        BankWalk.reached |= set(Event.objects.values_list("name", flat=True))
        transaction.savepoint_rollback(self.nothing_yet)

    def lines(self):
        return BankLine.objects.all()

    def picture(self):
        return (
            list(BankStatement.objects.order_by("pk").values_list("pk", "state", "version")),
            list(self.lines().order_by("pk").values_list("pk", "payment_id", "ignored_reason")),
            list(Match.objects.order_by("pk").values_list("pk", "state", "version")),
            list(OpenItem.objects.order_by("pk").values_list("pk", "open_amount")),
            list(Payment.objects.order_by("pk").values_list("pk", "state", "allocated")),
            Event.objects.count(),
        )

    def attempt(self, action):
        """Do it; a refusal leaves everything as it was, and gives None."""
        before = self.picture()
        try:
            return action() or True
        except RuleViolation:
            assert self.picture() == before
            return None

    # -- the bank -----------------------------------------------------------------------------

    @rule(first=amounts, second=amounts, who=integers(0, 2), fits=sampled_from([True, True, False]))
    def a_statement_comes(self, first, second, who, fits):
        name = self.payers[who].name if who < 2 else "Somebody Else"
        record = statement_record(
            entry(first, f"no {len(self.files)}", counterparty_name=name),
            entry(second, f"no {len(self.files)} b"),
            closing=None if fits else D("12345.67"),
            statement_id=f"W{len(self.files)}",
        )
        self.files.append(file_of(record))
        self.take(self.files[-1], 2)

    @precondition(lambda self: self.files)
    @rule(which=picks)
    def it_comes_again(self, which):
        self.take(self.files[which % len(self.files)], 0)

    def take(self, data, new):
        before = self.lines().count()
        result = import_statement(bank_account().code, "w.xml", data, actor=SYSTEM)
        assert (result.created, self.lines().count()) == (new, before + new)

    # -- the clerk ----------------------------------------------------------------------------

    @rule(which=picks)
    def look_for_matches(self, which):
        if statement := pick(BankStatement.objects, which):
            self.attempt(lambda: match_statement(statement.pk, actor=SYSTEM))

    @rule(which=picks)
    def look_again(self, which):
        if line := pick(self.lines(), which):
            self.attempt(lambda: match_bank_line(line.pk, actor=SYSTEM))

    @rule(which=picks, who=integers(0, 1), item=picks, whole=booleans())
    def choose(self, which, who, item, whole):
        line = pick(self.lines(), which)
        debt = pick(OpenItem.objects.debts().filter(customer=self.payers[who]), item)
        if line is None:
            return
        shares = [Share(debt.pk, min(debt.open_amount, abs(line.amount)))] if debt and whole else []
        done = self.attempt(
            lambda: choose_match(line.pk, payer_id=self.payers[who].pk, shares=shares, actor=SYSTEM)
        )
        assert bool(done) == (not line.is_settled and (line.amount > 0 or not shares))

    @rule(which=picks)
    def apply(self, which):
        state = {"state": MatchState.PROPOSED} if which % 4 else {}
        match = pick(Match.objects.filter(**state), which)
        if match is None:
            return
        line = match.bank_line
        if self.attempt(lambda: apply_match(match.pk, actor=SYSTEM)):
            assert match.state == MatchState.PROPOSED
            assert not line.statement.problem or line.statement.accepted_reason
            self.paid[line.pk] = (match.payer_id, line.amount)

    @rule(which=picks)
    def dismiss(self, which):
        if match := pick(Match.objects, which):
            done = self.attempt(lambda: dismiss_match(match.pk, actor=SYSTEM))
            assert bool(done) == (match.state == MatchState.PROPOSED)

    @rule(which=picks)
    def undo(self, which):
        state = {"state": MatchState.APPLIED} if which % 4 else {}
        match = pick(Match.objects.filter(**state), which)
        if match is None:
            return
        signed_off = match.bank_line.statement.state == StatementState.RECONCILED
        done = self.attempt(lambda: undo_match(match.pk, reason="wrong", actor=SYSTEM))
        assert bool(done) == (match.state == MatchState.APPLIED and not signed_off)
        if done:
            del self.paid[match.bank_line_id]

    @rule(which=picks)
    def bounce(self, which):
        payment = pick(Payment.objects.filter(state="received"), which)
        if payment is None:
            return
        line = payment.bank_line
        signed_off = line.statement.state == StatementState.RECONCILED
        done = self.attempt(lambda: reverse_payment(payment.pk, reason="no", actor=SYSTEM))
        assert bool(done) != signed_off
        if done:
            del self.paid[line.pk]

    @rule(which=picks)
    def set_it_aside(self, which):
        if line := pick(self.lines(), which):
            done = self.attempt(lambda: ignore_bank_line(line.pk, reason="fee", actor=SYSTEM))
            assert bool(done) == (not line.is_settled)
            self.set_aside |= {line.pk} if done else set()

    @rule(which=picks)
    def take_it_back(self, which):
        line = pick(self.lines(), which)
        if line and self.attempt(lambda: reopen_bank_line(line.pk, actor=SYSTEM)):
            self.set_aside.remove(line.pk)

    # -- the controller -----------------------------------------------------------------------

    @rule(which=picks)
    def accept(self, which):
        if statement := pick(BankStatement.objects, which):
            done = self.attempt(
                lambda: accept_bank_statement(statement.pk, reason="seen", actor=SYSTEM)
            )
            assert bool(done) == bool(statement.problem and not statement.accepted_reason)

    @rule(which=picks)
    def sign_off(self, which):
        statement = pick(BankStatement.objects, which)
        if statement is None:
            return
        lines = list(statement.lines.all())
        done = self.attempt(lambda: reconcile_bank_statement(statement.pk, actor=SYSTEM))
        assert bool(done) == (
            statement.state == StatementState.IMPORTED
            and all(line.is_settled for line in lines)
            and (not statement.problem or bool(statement.accepted_reason))
        )

    # -- what is always so --------------------------------------------------------------------

    @precondition(lambda self: hasattr(self, "paid"))
    @invariant()
    def every_line_says_what_became_of_it(self):
        applied = set(self.lines().exclude(payment=None).values_list("pk", flat=True))
        ignored = set(self.lines().exclude(ignored_reason="").values_list("pk", flat=True))
        live = Match.objects.filter(state=MatchState.APPLIED)
        assert applied == set(self.paid) == set(live.values_list("bank_line_id", flat=True))
        assert ignored == self.set_aside

    @precondition(lambda self: hasattr(self, "paid"))
    @invariant()
    def the_money_is_where_the_model_says(self):
        in_bank = sum((amount for _payer, amount in self.paid.values()), D(0))
        assert balance("BANK") == in_bank
        waiting = balance("BANK_SUSPENSE")  # paid out beyond what is there, not approved yet
        assert balance("AR") + balance("UNAPPLIED_CASH") + waiting == self.owed - in_bank
        unapproved = set(self.lines().filter(payment__state="waiting").values_list("pk", flat=True))
        for payer in self.payers:
            mine = [
                amount
                for line, (who, amount) in self.paid.items()
                if who == payer.pk and line not in unapproved
            ]
            settled = D("183.33") - balance("AR", customer_id=payer.pk)
            assert settled - balance("UNAPPLIED_CASH", customer_id=payer.pk) == sum(mine)

    @precondition(lambda self: hasattr(self, "paid"))
    @invariant()
    def the_books_prove_themselves(self):
        assert_books_agree(PROOF)


@pytest.mark.django_db
def test_the_bank_never_lies():
    given.bank_account()
    assert set(PROOF) <= set(registered())
    walk = settings(max_examples=12, stateful_step_count=30, deadline=None)

    run_state_machine_as_test(BankWalk, settings=walk)

    assert {
        *("match.proposed", "match.chosen", "match.applied", "match.dismissed", "match.undone"),
        *("bank_statement.imported", "bank_statement.accepted", "bank_statement.reconciled"),
    } <= BankWalk.reached
