from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shipping import rules

quantities = st.integers(0, 1000).map(lambda n: Decimal(n) / 10)
positive = st.integers(1, 1000).map(lambda n: Decimal(n) / 10)
cents = st.integers(0, 10**7).map(lambda n: Decimal(n) / 100)
keys = st.integers(1, 5)


@given(st.lists(st.builds(rules.Issued, keys, positive, cents)))
def test_shipped_lines_lose_neither_goods_nor_cost(issued):
    lines = rules.shipped_lines(issued)

    assert [line.order_line_id for line in lines] == sorted({one[0] for one in issued})
    for place in (1, 2):
        assert sum(line[place] for line in lines) == sum(one[place] for one in issued)


@given(cents, positive, st.lists(positive, min_size=1, max_size=6))
def test_the_parts_of_a_cost_add_up_to_the_cost(cost, whole, weights):
    bounds = [Decimal(0)]
    for weight in weights[:-1]:
        bounds.append(min(bounds[-1] + weight, whole))
    bounds.append(whole)

    parts = [rules.cost_of_part(cost, whole, start, end, "EUR") for start, end in pairwise(bounds)]

    assert sum(parts) == cost
    assert all(part >= 0 for part in parts)


@given(positive, quantities, quantities)
def test_what_is_returnable_was_shipped_and_is_not_back(quantity, announced, returned):
    left = rules.returnable(quantity, announced, returned)

    assert left == max(quantity - announced - returned, 0)


reports = st.dictionaries(keys, st.integers(-20, 120).map(Decimal))


@given(reports, st.dictionaries(keys, st.integers(0, 100).map(Decimal)))
def test_only_possible_quantities_pass(reported, most):
    faults = {fault.line_id: fault for fault in rules.check_quantities(reported, most)}

    for key, quantity in reported.items():
        possible = key in most and 0 <= quantity <= most[key]
        assert (key not in faults) == possible


@given(
    st.dictionaries(keys, st.integers(1, 100).map(Decimal), min_size=1),
    st.data(),
)
def test_accepted_and_refused_are_what_was_shipped(shipped, data):
    accepted = {
        key: data.draw(st.integers(0, int(quantity)).map(Decimal))
        for key, quantity in shipped.items()
        if data.draw(st.booleans())
    }

    refused = rules.refused_quantities(shipped, accepted)

    for key, quantity in shipped.items():
        assert accepted.get(key, quantity) + refused.get(key, 0) == quantity
    unexplained = rules.check_delivery(shipped, accepted, {})
    assert {fault.line_id for fault in unexplained} == set(refused)
    assert not rules.check_delivery(shipped, accepted, dict.fromkeys(shipped, "wet"))
