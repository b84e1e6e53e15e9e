"""Dunning decisions: the right level, the right amount, every reason to leave somebody alone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.rules import dunning
from receivables.rules.dunning import (
    Due,
    Exclusion,
    LevelRule,
    PolicyRule,
    Reminder,
    claim,
    covered_by,
    level_fee,
    next_level,
    propose,
)

LEVELS = [LevelRule(0, -3), LevelRule(1, 5), LevelRule(2, 20), LevelRule(3, 40)]
POLICY = PolicyRule(LEVELS, days_between=7)
TODAY = date(2026, 3, 1)


def due(days_overdue, amount="100.00", pk=1, **facts):
    return Due(pk, TODAY - timedelta(days=days_overdue), D(amount), **facts)


def decide(*items, policy=POLICY, cover="0", stale_bank=False):
    return propose(items, policy, TODAY, cover=D(cover), stale_bank=stale_bank)


@pytest.mark.parametrize(
    ("days", "last", "level"),
    [
        (-4, None, None),
        (-3, None, 0),
        (0, None, 0),
        (-1, 0, None),
        (1, None, None),
        (4, None, None),
        (5, None, 1),
        (5, 0, 1),
        (30, None, 1),  # levels are never skipped
        (19, 1, None),
        (20, 1, 2),
        (30, 1, 2),
        (39, 2, None),
        (40, 2, 3),
        (400, 3, None),
    ],
)
def test_the_next_level_by_days_and_what_was_sent(days, last, level):
    rule = next_level(LEVELS, days, last)

    assert (rule.level if rule else None) == level


def test_the_life_of_a_case():
    assert decide(due(4)).reminders == []
    assert decide(due(5)).reminders == [Reminder(1, 1, D("100.00"), 5)]
    assert decide(due(30, waiting=True)).exclusions == [Exclusion(1, "waiting", D("100.00"))]
    sent = due(30, last_level=1, last_sent=TODAY - timedelta(days=20))
    blocked = decide(sent, policy=replace(POLICY, paused=True))
    assert blocked.exclusions == [Exclusion(1, "paused", D("100.00"))]
    assert decide(sent).reminders == [Reminder(1, 2, D("100.00"), 30)]
    assert decide(replace(sent, open_amount=D(0))).reminders == []


@pytest.mark.parametrize(
    ("item", "keywords", "reason"),
    [
        (due(9, waiting=True), {}, dunning.WAITING),
        (due(30, last_level=1, last_sent=TODAY - timedelta(days=6)), {}, dunning.TOO_RECENT),
        (due(9), {"stale_bank": True}, dunning.STALE_BANK),
        (due(9, disputed=D("100.00")), {}, dunning.DISPUTED),
        (due(9, promised=D("100.00")), {}, dunning.PROMISED),
        (due(9), {"cover": "100.00"}, dunning.COVERED),
        (due(9), {"policy": replace(POLICY, minimum=D("100.01"))}, dunning.BELOW_MINIMUM),
        (due(9), {"policy": replace(POLICY, paused=True)}, dunning.PAUSED),
    ],
)
def test_each_reason_leaves_the_whole_item_alone(item, keywords, reason):
    proposal = decide(item, **keywords)

    assert proposal.reminders == []
    assert proposal.exclusions == [Exclusion(1, reason, D("100.00"))]


def test_a_dispute_pauses_its_amount_and_the_rest_goes_on():
    proposal = decide(due(9, disputed=D("30.00")))

    assert proposal.reminders == [Reminder(1, 1, D("70.00"), 9)]
    assert proposal.exclusions == [Exclusion(1, "disputed", D("30.00"))]


def test_unapplied_cash_covers_the_oldest_items_first():
    proposal = decide(due(9, pk=1), due(12, pk=2), cover="130.00")

    assert proposal.reminders == [Reminder(1, 1, D("70.00"), 9)]
    assert [(e.open_item_id, e.amount) for e in proposal.exclusions] == [
        (2, D("100.00")),
        (1, D("30.00")),
    ]


cents = st.integers(0, 10**6).map(lambda n: D(n).scaleb(-2))
items = st.lists(
    st.builds(
        Due,
        open_item_id=st.integers(1, 10**6),
        due_date=st.dates(date(2025, 12, 1), date(2026, 4, 1)),
        open_amount=cents,
        disputed=cents,
        promised=cents,
        last_level=st.none() | st.integers(0, 3),
        last_sent=st.none() | st.dates(date(2026, 1, 1), TODAY),
        waiting=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda item: item.open_item_id,
)


@given(items, cents, st.booleans())
def test_every_cent_of_a_case_is_dunned_or_excluded_with_a_reason(items, cover, stale):
    proposal = propose(items, POLICY, TODAY, cover=cover, stale_bank=stale)

    due_now = {
        item.open_item_id: item.open_amount
        for item in items
        if next_level(LEVELS, (TODAY - item.due_date).days, item.last_level)
    }
    said = dict.fromkeys(due_now, D(0))
    for part in [*proposal.reminders, *proposal.exclusions]:
        said[part.open_item_id] += part.amount
    assert said == due_now


@given(items, cents)
def test_nobody_is_dunned_for_money_that_is_here(items, cover):
    proposal = propose(items, POLICY, TODAY, cover=cover, stale_bank=False)

    covered = sum(e.amount for e in proposal.exclusions if e.reason == dunning.COVERED)
    assert covered <= cover
    assert covered == cover or not proposal.reminders


def test_a_percentage_fee_adds_to_the_fixed_one():
    assert level_fee(LevelRule(1, 5, fee=D("10.00")), D("100.00"), "EUR") == D("10.00")
    assert level_fee(LevelRule(2, 20, fee_percent=D(15)), D("100.00"), "EUR") == D("15.00")


@given(items, cents, st.booleans())
def test_what_is_claimed_and_what_is_left_alone_make_the_whole_item(items, cover, stale):
    for item in items:
        left, excluded = claim(item, POLICY, TODAY, cover=cover, stale_bank=stale)

        assert left + sum(e.amount for e in excluded) == item.open_amount
        assert covered_by(excluded) <= cover
        assert left or excluded
