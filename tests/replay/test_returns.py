"""What is cancelled is taken from what was sold, the latest first, never more than is left."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from o2c.rehearsal.replay.returns import NOT_HERE, OTHER_PRICE, TOO_MUCH, Claims, Sold

PRICE = Decimal("1.50")
quantities = st.integers(0, 20).map(Decimal)
sales = st.lists(quantities, max_size=6).map(
    lambda left: [Sold(nr % 2, nr, PRICE, quantity) for nr, quantity in enumerate(left)]
)


@given(sales, st.lists(st.integers(1, 20).map(Decimal), max_size=6))
def test_what_is_claimed_is_what_was_granted_and_never_more_than_is_left(sold, wishes):
    claims = Claims()

    granted = [wish for wish in wishes if not claims.take(sold, PRICE, wish)]

    claimed = {pk: quantity for _parent, lines in claims for pk, quantity in lines.items()}
    assert sum(claimed.values()) == sum(granted)
    assert all(0 < quantity <= sold[pk].left for pk, quantity in claimed.items())


def test_the_first_line_gives_before_the_next():
    claims = Claims()

    assert (
        claims.take(
            [Sold(7, 1, PRICE, Decimal(2)), Sold(8, 2, PRICE, Decimal(5))], PRICE, Decimal(3)
        )
        == ""
    )

    assert dict(claims) == {7: {1: Decimal(2)}, 8: {2: Decimal(1)}}


def test_the_reason_is_the_true_one():
    sold = [Sold(7, 1, PRICE, Decimal(2))]

    assert Claims().take([], PRICE, Decimal(1)) == NOT_HERE
    assert Claims().take(sold, PRICE + 1, Decimal(1)) == OTHER_PRICE
    assert Claims().take(sold, PRICE, Decimal(3)) == TOO_MUCH
