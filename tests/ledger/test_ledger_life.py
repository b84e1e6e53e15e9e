"""Any walk through the money book leaves it true: posting, reversing, closing, reopening."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from o2c.core.actors import SystemActor
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.ledger.commands import (
    PeriodClosed,
    Posting,
    close_period,
    open_period,
    post_entry,
    reopen_period,
    reverse_entry,
)
from o2c.ledger.models import Entry, Period
from o2c.ledger.queries import balance, trial_balance
from tests.factories.masters import CustomerFactory
from tests.given.ledger import chart
from tests.proof import assert_books_agree

PROMISES = ["A5", "E1", "E1b", "E4", "E5", "E6", "E6b", "E6c", "I1", "I1c"]
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))
PEOPLE = st.sampled_from([SystemActor("corinna"), SystemActor("bruno")])


class LedgerWalk(RuleBasedStateMachine):
    """Three months and one customer; `owed` is what a plain sum says."""

    def __init__(self):
        super().__init__()
        self.customer = CustomerFactory().pk
        self.documents, self.owed = 0, Decimal(0)

    def is_closed(self, day):
        """A month is as it was left; one that nobody opened takes nothing."""
        own = self.known(day)
        return own is None or own.state == "closed"

    def known(self, day):
        return Period.objects.filter(start_date__lte=day, end_date__gte=day).first()

    def month_of(self, day, who):
        """The month of day, opened where that can be; None where none can begin any more."""
        if known := self.known(day):
            return known
        try:
            return open_period(day, actor=who)
        except RuleViolation:
            assert Period.objects.filter(start_date__gt=day, state="closed").exists()
            return None

    @rule(day=DAYS, who=PEOPLE)
    def open(self, day, who):
        self.month_of(day, who)

    def may_post(self, day, action):
        """Do it; a closed month refuses, an open one does not."""
        closed = self.is_closed(day)
        try:
            entry = action()
        except PeriodClosed:
            assert closed
            return None
        assert not closed
        return entry

    @rule(day=DAYS, cents=st.integers(1, 99_999), who=PEOPLE, sign=st.sampled_from([1, -1]))
    def post(self, day, cents, who, sign):
        amount = sign * Decimal(cents) / 100
        self.documents += 1
        lines = [
            Posting("AR", amount, "EUR", amount, self.customer),
            Posting("REVENUE", -amount, "EUR", -amount),
        ]
        source = ("tests.document", self.customer * 1000 + self.documents)
        entry = self.may_post(day, lambda: post_entry(source, "post", day, lines, actor=who))
        self.owed += amount if entry else 0

    @precondition(lambda self: self.documents)
    @rule(day=DAYS, which=st.integers(0, 99), who=PEOPLE)
    def reverse(self, day, which, who):
        entries = Entry.objects.filter(lines__customer=self.customer).order_by("pk")
        if not entries:
            return
        entry = entries[which % len(entries)]
        if entry.reverses_id or hasattr(entry, "reversal"):
            return
        source = ("tests.document", entry.source_id)
        mirror = self.may_post(
            day,
            lambda: reverse_entry(entry.pk, day, source=source, purpose="undo", actor=who),
        )
        self.owed -= entry.lines.get(customer=self.customer).amount if mirror else 0

    @rule(day=DAYS, who=PEOPLE)
    def close(self, day, who):
        period = self.month_of(day, who)
        if period is None:
            return
        try:
            close_period(period.pk, actor=who)
        except RuleViolation:
            earlier = Period.objects.filter(state="open", end_date__lt=period.start_date)
            assert period.state == "closed" or earlier.exists()

    @rule(day=DAYS, who=PEOPLE)
    def reopen(self, day, who):
        period = self.month_of(day, who)
        if period is None:
            return
        may = period.state == "closed" and period.closed_by != who.get_username()
        try:
            reopen_period(period.pk, reason="walk", actor=who)
        except RuleViolation:
            assert not may
        else:
            assert may

    @invariant()
    def every_promise_holds(self):
        assert_books_agree(PROMISES)

    @invariant()
    def the_book_says_what_was_posted(self):
        assert balance("AR", self.customer) == self.owed
        assert sum(account.closing for account in trial_balance()) == 0


@pytest.mark.django_db
def test_the_money_book_never_lies():
    chart(of_year=None)

    run_state_machine_as_test(
        LedgerWalk, settings=settings(max_examples=12, stateful_step_count=20, deadline=None)
    )

    happened = set(Event.objects.values_list("name", flat=True))
    assert {"period.opened", "period.closed", "period.reopened"} <= happened
