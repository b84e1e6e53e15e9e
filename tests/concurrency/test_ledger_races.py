"""R09: a month is closed while clerks post into it. Each entry is inside or refused."""

import re
import threading
import time
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.verify import run_all
from o2c.ledger.commands import (
    PeriodClosed,
    Posting,
    close_period,
    open_period,
    post_entry,
    reverse_entry,
)
from o2c.ledger.models import Entry, Period
from receivables.commands import Share, allocate_payment
from receivables.models import Allocation
from tests.concurrency.race import in_step, lost, race, won
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.given.ledger import DAY, chart

pytestmark = pytest.mark.django_db(transaction=True)

LINES = [
    Posting("INVENTORY", Decimal(1), "EUR", Decimal(1)),
    Posting("GOODS_RECEIVED", Decimal(-1), "EUR", Decimal(-1)),
]


@contextmanager
def slow_check(*, with_lock):
    """The trigger that asks whether the month is open, dawdling between answer and insert."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_functiondef(tgfoid) FROM pg_trigger "
            "WHERE tgrelid = 'ledger_entry'::regclass AND tgname LIKE 'pgtrigger_period_open%'"
        )
        (genuine,) = cursor.fetchone()
        slow = re.sub(r"RETURN NEW;(?=\s*END)", "PERFORM pg_sleep(1); RETURN NEW;", genuine)
        if not with_lock:
            slow = re.sub(r"PERFORM pg_advisory_xact_lock_shared[^;]*;", "", slow)
        assert slow != genuine
        cursor.execute(slow)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(genuine)


def post(lane, day=DAY):
    return post_entry(("masters.company", lane), "race", day, LINES, actor=SYSTEM)


def post_again_and_again(lane):
    return [post(lane * 100 + turn).pk for turn in range(8)]


def close(period, after_s):
    time.sleep(after_s)
    return close_period(period.pk, actor=SYSTEM)


def close_while_posting(period, postings):
    """Close once so many postings dawdle between the trigger's answer and their insert."""
    dawdling, patience = 0, time.monotonic() + 20
    while dawdling < postings and time.monotonic() < patience:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event = 'PgSleep'"
            )
            (dawdling,) = cursor.fetchone()
    return close_period(period.pk, actor=SYSTEM)


def a_month():
    chart(of_year=None)
    return open_period(DAY, actor=SYSTEM)


def test_whoever_posts_while_the_month_closes_is_inside_or_refused():
    period = a_month()
    clerks = [partial(post_again_and_again, lane) for lane in range(1, 9)]

    *_, closed = race(*clerks, partial(close, period, 0.05))

    assert closed.state == "closed"
    assert Entry.objects.filter(period=period).count() == closed.entry_count
    assert run_all(only=["E6"])[0].holds


def test_closing_waits_for_a_posting_under_way_and_refuses_the_next():
    period = a_month()
    closer = partial(close_while_posting, period, 2)

    with slow_check(with_lock=True):
        *posted, closed = race(partial(post, 1), partial(post, 2), closer)
        late = race(partial(post, 3))

    assert closed.entry_count == len(won(posted)) == 2
    assert isinstance(lost(late)[0], PeriodClosed)
    assert run_all(only=["E6"])[0].holds


def race_with_closing(period, contender):
    """What the contender comes to that meets an open month and waits for its closing to commit."""
    closing = threading.Event()

    @command
    def close_and_dawdle(period_id, *, actor):
        closed = close_period(period_id, actor=actor)
        closing.set()
        time.sleep(0.5)
        return closed

    def come_late():
        closing.wait(20)
        return contender()

    return race(partial(close_and_dawdle, period.pk, actor=SYSTEM), come_late)


def test_a_posting_that_met_an_open_month_and_waited_for_its_closing_is_refused():
    closed, late = race_with_closing(a_month(), partial(post, 1))

    assert closed.entry_count == 0
    assert isinstance(late, PeriodClosed)


def test_an_allocation_that_waited_for_a_closing_moves_on_to_the_next_open_month():
    customer = CustomerFactory()
    item = given.debt("100.00", customer=customer, posted=date(2026, 1, 5))
    payment = given.payment("100.00", customer=customer, on=date(2026, 1, 20))
    share = Share(item.pk, Decimal(100))
    january = Period.objects.get(code="2026-01")

    closed, late = race_with_closing(
        january, partial(allocate_payment, payment.pk, shares=[share], actor=SYSTEM)
    )

    assert closed.state == "closed"
    assert won([late]) == [late]
    assert Allocation.objects.get().effective_date == date(2026, 2, 1)


def test_without_the_lock_an_entry_slips_into_the_closed_month():
    period = a_month()
    closer = partial(close_while_posting, period, 2)

    with slow_check(with_lock=False):
        *posted, closed = race(partial(post, 1), partial(post, 2), closer)

    assert len(won(posted)) == 2
    assert closed.entry_count == 0
    assert not run_all(only=["E6"])[0].holds


def test_eight_first_postings_of_a_month_open_it_once():
    chart(of_year=None)

    outcomes = race(*[partial(post, lane, clock.today()) for lane in range(1, 9)])

    assert len(won(outcomes)) == 8
    assert len({entry.period_id for entry in outcomes}) == 1


def test_the_same_posting_by_eight_at_once_is_one_entry():
    a_month()

    outcomes = race(*[partial(post, 1)] * 8)

    assert {entry.pk for entry in won(outcomes)} == {outcomes[0].pk}
    assert Entry.objects.count() == 1


def test_an_entry_reversed_by_eight_at_once_is_reversed_once_and_the_others_are_told():
    a_month()
    entry = post(1)

    def undo(lane):
        return reverse_entry(
            entry.pk, DAY, source=("masters.company", lane), purpose="undo", actor=SYSTEM
        )

    with in_step():
        outcomes = race(*[partial(undo, lane) for lane in range(1, 9)])

    assert len(won(outcomes)) == 1
    assert all(isinstance(error, RuleViolation) for error in lost(outcomes))
    assert Entry.objects.filter(reverses=entry).count() == 1
