"""Aging buckets: every age falls into exactly one."""

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.rules.aging import (
    Bucket,
    BucketsWrong,
    buckets,
    parse_bounds,
    thresholds,
)

bounds = st.sets(st.integers(1, 3650), min_size=1, max_size=12).map(sorted)
bases = st.sampled_from(["due", "invoice"])


@given(bounds, bases, st.integers(-10_000, 10_000))
def test_every_age_is_in_exactly_one_bucket(bounds, basis, days):
    if basis == "invoice":
        days = abs(days)

    hits = [
        index
        for index, (first, last) in enumerate(buckets(bounds, basis))
        if (first is None or first <= days) and (last is None or days <= last)
    ]

    assert hits == [bisect_right(thresholds(bounds, basis), days)]


@pytest.mark.parametrize(
    ("days", "index"),
    [(-400, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (9999, 4)],
)
def test_boundary_days_by_due_date(days, index):
    assert bisect_right(thresholds([30, 60, 90], "due"), days) == index


def test_by_invoice_date_nothing_is_called_not_due():
    assert buckets([30, 60], "invoice") == [Bucket(0, 30), Bucket(31, 60), Bucket(61, None)]


def test_by_due_date_the_first_bucket_is_what_is_not_due():
    assert buckets([30, 60], "due")[0] == Bucket(None, 0)


@given(bounds)
def test_bounds_read_back_as_they_were_written(bounds):
    assert parse_bounds(",".join(map(str, bounds))) == bounds


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" , ", "empty"),
        ("30,,60", "invalid"),
        ("30,-60", "invalid"),
        ("30;60", "invalid"),
        ("1e5", "invalid"),
        ("٣٠", "invalid"),
        ("60,30", "order"),
        ("30,30", "order"),
        ("0,30", "order"),
        ("30,9999", "order"),
        (",".join(str(n) for n in range(1, 15)), "many"),
    ],
)
def test_bounds_that_make_no_buckets_are_refused_by_name(text, code):
    with pytest.raises(BucketsWrong) as refusal:
        parse_bounds(text)

    assert refusal.value.code == code
