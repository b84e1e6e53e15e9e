"""Who gets what, and what it cost: for any demands and any stock."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from o2c.stock.rules import Demand, FreeStock, allocate, total, value_at, value_of_part

QUANTITIES = st.decimals("0", "1000", places=3)
AMOUNTS = st.decimals("0", "100000", places=2)


@st.composite
def places(draw):
    return [
        FreeStock(nr, item, nr, f"A-{nr:02d}", walk, "", free)
        for nr, (item, walk, free) in enumerate(
            draw(
                st.lists(st.tuples(st.integers(1, 3), st.integers(0, 50), QUANTITIES), max_size=12)
            ),
            start=1,
        )
    ]


@st.composite
def wants(draw):
    pairs = draw(st.lists(st.tuples(st.integers(1, 3), QUANTITIES), max_size=8))
    return [Demand(nr, item, quantity) for nr, (item, quantity) in enumerate(pairs, start=1)]


@given(wants(), places())
def test_nobody_gets_more_than_asked_and_no_place_gives_more_than_it_has(demands, stock):
    answer = allocate(demands, stock)

    assert set(answer) == {demand.source_id for demand in demands}
    for demand in demands:
        assert total(answer[demand.source_id]) <= demand.quantity
    for place in stock:
        given_away = [
            got.quantity
            for parts in answer.values()
            for got in parts
            if got.balance_id == place.balance_id
        ]
        assert sum(given_away) <= place.free
        assert all(quantity > 0 for quantity in given_away)


@given(wants(), places())
def test_an_item_is_short_only_when_all_of_it_is_given(demands, stock):
    answer = allocate(demands, stock)

    for item in (1, 2, 3):
        wanted = sum(d.quantity for d in demands if d.item_id == item)
        there = sum(place.free for place in stock if place.item_id == item)
        got = sum(total(answer[d.source_id]) for d in demands if d.item_id == item)
        assert got == min(wanted, there)


@given(wants(), places())
def test_an_item_only_comes_from_places_that_hold_it(demands, stock):
    held_by = {place.balance_id: place.item_id for place in stock}

    answer = allocate(demands, stock)

    for demand in demands:
        assert {held_by[got.balance_id] for got in answer[demand.source_id]} <= {demand.item_id}


@given(wants(), places(), st.sets(st.integers(1, 12)))
def test_places_to_avoid_are_as_if_they_were_empty(demands, stock, avoided):
    choosy = [demand._replace(avoid=avoided) for demand in demands]
    others = [place for place in stock if place.balance_id not in avoided]

    assert allocate(choosy, stock) == allocate(demands, others)


@given(QUANTITIES, places())
def test_the_nearest_place_is_emptied_before_the_next_is_touched(quantity, stock):
    stock = [place._replace(item_id=1) for place in stock if place.free]
    walk = sorted(stock, key=lambda place: (place.walk_order, place.location_code))

    got = allocate([Demand(1, 1, quantity)], stock)[1]

    assert [part.balance_id for part in got] == [place.balance_id for place in walk][: len(got)]
    assert all(part.quantity == place.free for part, place in zip(got[:-1], walk, strict=False))


@given(AMOUNTS, st.lists(st.decimals("0.001", "100", places=3), min_size=1, max_size=10))
def test_goods_that_leave_one_after_the_other_carry_the_whole_value_away(value, quantities):
    on_hand, left = sum(quantities), value
    for quantity in quantities:
        part = value_of_part(left, on_hand, quantity, "EUR")
        assert 0 <= part <= left
        left, on_hand = left - part, on_hand - quantity

    assert (on_hand, left) == (0, 0)


@given(AMOUNTS, st.decimals("1", "100", places=3))
def test_all_of_it_carries_all_the_value(value, on_hand):
    assert value_of_part(value, on_hand, on_hand, "EUR") == value


def test_a_value_is_rounded_half_away_from_zero_in_the_minor_unit():
    assert value_at(Decimal("3"), Decimal("0.335"), "EUR") == Decimal("1.01")
    assert value_at(Decimal("3"), Decimal("0.5"), "JPY") == Decimal("2")
