from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.rules.promising import Part, Term, Wanted, available, promise

TODAY = date(2026, 11, 21)


def day(offset):
    return TODAY + timedelta(days=offset)


def on_hand(quantity):
    return Term("on_hand", TODAY, Decimal(quantity))


def receipt(quantity, offset):
    return Term("receipt", day(offset), Decimal(quantity), "PO-1")


def promised(quantity, offset):
    return Term("promised", day(offset), -Decimal(quantity), "SO-1")


def wish(quantity, offset=0, key=1, item=1):
    return Wanted(key, item, Decimal(quantity), day(offset))


def given_to(quantity, *terms, offset=0):
    return promise([wish(quantity, offset)], {1: terms}, TODAY)[1]


def test_what_lies_there_is_promised_today():
    assert given_to(10, on_hand(10)).parts == (Part(TODAY, Decimal(10)),)


def test_the_rest_is_promised_for_the_day_it_comes():
    given = given_to(40, on_hand(12), receipt(50, 13))

    assert given.parts == (Part(TODAY, Decimal(12)), Part(day(13), Decimal(28)))
    assert given.day == day(13)


def test_what_never_comes_has_no_date():
    given = given_to(10, on_hand(4))

    assert (given.missing, given.day) == (6, None)
    assert given.parts == (Part(TODAY, Decimal(4)),)


def test_a_promise_today_does_not_steal_from_one_given_for_next_week():
    given = given_to(10, on_hand(10), promised(10, 7))

    assert given.parts == ()
    assert given.missing == 10


def test_a_later_receipt_that_covers_the_other_promise_frees_the_stock():
    given = given_to(10, on_hand(10), promised(10, 7), receipt(10, 6))

    assert given.day == TODAY


def test_a_receipt_after_the_other_promise_does_not():
    given = given_to(10, on_hand(10), promised(10, 7), receipt(10, 8))

    assert given.day == day(8)


def test_nothing_is_promised_before_it_is_wanted():
    assert given_to(1, on_hand(5), offset=20).day == day(20)


def test_a_late_receipt_counts_from_today():
    assert given_to(5, receipt(5, -3)).day == TODAY


def test_two_lines_of_one_item_share_what_is_there():
    promises = promise([wish(6), wish(6, key=2)], {1: [on_hand(10)]}, TODAY)

    assert (promises[1].missing, promises[2].missing) == (0, 2)


def test_a_promise_lists_its_terms():
    given = given_to(1, on_hand(5), receipt(3, 4))

    assert given.as_json()["terms"] == [
        {"kind": "on_hand", "day": "2026-11-21", "quantity": "5", "reference": ""},
        {"kind": "receipt", "day": "2026-11-25", "quantity": "3", "reference": "PO-1"},
    ]


quantities = st.integers(1, 50).map(Decimal)
offsets = st.integers(-5, 30)
all_terms = st.lists(
    st.one_of(
        st.builds(on_hand, quantities),
        st.builds(receipt, quantities, offsets),
        st.builds(promised, quantities, offsets),
    ),
    max_size=10,
)
wishes = st.lists(st.tuples(quantities, offsets), min_size=1, max_size=5).map(
    lambda pairs: [wish(q, o, key=nr) for nr, (q, o) in enumerate(pairs)]
)


@given(all_terms)
def test_what_is_free_never_falls_with_time(terms):
    free = available(terms, TODAY)

    assert [part.quantity for part in free] == sorted(part.quantity for part in free)
    assert [part.day for part in free] == sorted({part.day for part in free})


@given(all_terms, wishes)
def test_no_promise_ever_drives_a_day_below_what_it_was(terms, wishes):
    """After all new promises the balance of no day is negative that was not short before."""
    promises = promise(wishes, {1: terms}, TODAY)

    new = [
        Term("promised", part.day, -part.quantity)
        for given in promises.values()
        for part in given.parts
    ]
    for offset in range(-1, 40):
        before = sum((t.quantity for t in terms if max(t.day, TODAY) <= day(offset)), Decimal(0))
        taken = sum((t.quantity for t in new if t.day <= day(offset)), Decimal(0))
        assert before + taken >= min(before, 0)


@given(all_terms, wishes)
def test_every_line_is_promised_or_missing_and_not_too_early(terms, wishes):
    promises = promise(wishes, {1: terms}, TODAY)

    for wanted in wishes:
        given = promises[wanted.key]
        assert sum((p.quantity for p in given.parts), Decimal(0)) + given.missing == wanted.quantity
        assert all(p.quantity > 0 and p.day >= max(wanted.day, TODAY) for p in given.parts)
        assert given.missing >= 0
