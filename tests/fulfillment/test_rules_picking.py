from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fulfillment import rules

quantities = st.integers(0, 500).map(Decimal)
positive = st.integers(1, 500).map(Decimal)
keys = st.integers(1, 6)


@given(positive, quantities, quantities, quantities)
def test_lacking_and_what_there_is_never_exceed_what_is_wanted(
    ordered, cancelled, reserved, shipped
):
    lacking = rules.lacking(ordered, cancelled, reserved, shipped)

    assert lacking >= 0
    assert lacking == 0 or lacking + reserved + shipped == ordered - cancelled


@given(positive, st.integers(0, 99).map(Decimal))
def test_inside_the_tolerance_nothing_is_lacking(ordered, percent):
    enough = ordered * (100 - percent) / 100

    assert rules.lacking(ordered, Decimal(0), Decimal(0), enough, percent) == 0


def test_scenario_v20_nine_of_ten_is_enough_at_ten_percent_and_five_is_not():
    zero, ten = Decimal(0), Decimal(10)

    assert rules.lacking(ten, zero, zero, Decimal(5), ten) == 5
    assert rules.lacking(ten, zero, zero, Decimal(9), ten) == 0


stops_ = st.builds(
    rules.Stop,
    walk_order=st.integers(0, 3),
    location_code=st.sampled_from("ABC"),
    location_id=st.integers(1, 9),
    balance_id=st.integers(1, 9),
    order_line_id=st.integers(1, 9),
    quantity=positive,
)


@given(st.lists(stops_))
def test_the_walk_goes_forward_and_visits_every_stop(stops):
    walked = rules.walk(stops)

    places = [(stop.walk_order, stop.location_code, stop.location_id) for stop in walked]
    assert places == sorted(places)
    assert sorted(walked) == sorted(stops)


@given(st.lists(st.tuples(keys, positive)), st.dictionaries(keys, quantities))
def test_everything_is_there_only_if_each_item_covers_the_sum_of_its_wants(wanted, available):
    sums = {item: sum(q for key, q in wanted if key == item) for item, _ in wanted}

    there = rules.everything_there(wanted, available)

    assert there == all(available.get(item, 0) >= total for item, total in sums.items())


@given(quantities, quantities, quantities, st.booleans())
def test_a_judged_pick_accounts_for_the_whole_stop(quantity, before, picked, reasoned):
    answer = rules.judge_pick(quantity, before, picked, reasoned=reasoned)

    if isinstance(answer, rules.PickResult):
        assert before + answer.taken + answer.missing == quantity
        assert answer.taken >= 0
        assert answer.missing >= 0
        assert reasoned == (answer.missing > 0)


@given(st.integers(1, 99).map(Decimal))
def test_v15_five_picked_means_no_sixth_can_be_packed(extra):
    picked = {1: Decimal(5)}

    assert rules.check_packing(picked, [{1: Decimal(3)}, {1: Decimal(2)}]) == []
    assert rules.check_packing(picked, [{1: 5 + extra}]) == [
        rules.PackFault(1, Decimal(5), 5 + extra)
    ]


packages = st.lists(st.dictionaries(keys, st.integers(-2, 9).map(Decimal), min_size=1))


@given(st.dictionaries(keys, positive), packages)
def test_packing_is_right_only_if_every_line_adds_up_and_nothing_is_negative(picked, drafts):
    faults = rules.check_packing(picked, drafts)

    sums = {key: sum((d.get(key, Decimal(0)) for d in drafts), Decimal(0)) for key in range(1, 7)}
    right = all(sums[key] == picked.get(key, 0) for key in sums)
    assert (not faults) == (right and all(q > 0 for draft in drafts for q in draft.values()))


@given(st.lists(positive), quantities)
def test_trimming_leaves_what_is_allowed_and_takes_from_the_end(opens, allowed):
    stops = list(enumerate(opens))

    cuts = rules.trim(stops, allowed)

    left = [quantity - cuts.get(key, 0) for key, quantity in stops]
    assert sum(left) == min(sum(opens), allowed)
    assert all(quantity >= 0 for quantity in left)
    first_cut = min(cuts, default=len(stops))
    assert all(left[key] == 0 for key, _ in stops[first_cut + 1 :])


places = st.builds(rules.Place, reserved=quantities, picked=quantities, consumed=quantities)


@given(st.dictionaries(keys, places))
def test_mending_moves_promises_without_making_any(places):
    shifts, left = rules.mend_promises(places)

    reserved = {balance: place.reserved for balance, place in places.items()}
    for shift in shifts:
        reserved[shift.from_balance] -= shift.quantity
        reserved[shift.to_balance] += shift.quantity
    assert sum(reserved.values()) == sum(place.reserved for place in places.values())
    needs = {b: place.picked - place.consumed for b, place in places.items()}
    assert all(left[b] == max(reserved[b] - needs[b], 0) for b in places)
    assert all(quantity >= 0 for quantity in left.values())
    givers = sum(max(reserved[b] - needs[b], 0) for b in places)
    needy = sum(max(needs[b] - reserved[b], 0) for b in places)
    assert not (givers and needy)


@given(st.integers(0, 10**17 - 1))
def test_every_serial_number_has_exactly_one_check_digit(serial):
    valid = [digit for digit in range(10) if rules.is_sscc(f"{serial:017d}{digit}")]

    assert len(valid) == 1


def test_known_sscc():
    assert rules.is_sscc("106141412345678908")
    assert not rules.is_sscc("106141412345678909")
    assert not rules.is_sscc("١" * 18)


class TestReadingAScan:
    piece, carton = Decimal(1), Decimal(12)
    targets = [
        rules.ScanTarget(1, ("A-01",), {"BOLT-8": piece, "4006381333931": carton}, open=False),
        rules.ScanTarget(2, ("A-02", "LOC2"), {"NUT-8": piece}, open=True),
        rules.ScanTarget(3, ("B-01",), {"BOLT-8": piece, "CARTON": carton}, open=True),
        rules.ScanTarget(4, ("B-02",), {"BOLT-8": piece}, open=True),
    ]

    def test_an_item_code_in_any_capitals_finds_its_first_open_stop(self):
        assert rules.read_scan(" bolt-8\n", self.targets) == (3, 1)

    def test_the_stop_where_the_picker_stands_goes_first(self):
        assert rules.read_scan("BOLT-8", self.targets, here=4) == (4, 1)

    def test_a_done_stop_is_not_picked_at_again_while_another_is_open(self):
        assert rules.read_scan("BOLT-8", self.targets, here=1) == (3, 1)

    def test_a_carton_counts_what_it_holds(self):
        assert rules.read_scan("carton", self.targets) == (3, 12)

    def test_a_location_is_recognised_as_one(self):
        found = rules.read_scan("LOC2", self.targets)

        assert (found.pick_line_id, found.is_item) == (2, False)

    def test_a_done_stop_is_found_when_no_open_one_fits(self):
        assert rules.read_scan("4006381333931", self.targets) == (1, 12)

    def test_anything_else_is_nothing(self):
        assert rules.read_scan("NUT-9", self.targets) is None
        assert rules.read_scan("", self.targets) is None
        assert rules.read_scan("x" * 500, self.targets) is None
