"""Every break of ordered, shipped, invoiced and paid has a name and a size; nothing else has."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from reconciliation.rules import IN_QUANTITIES, BreakKind, LineFigures, breaks_of

quantities = st.integers(0, 1000).map(D)
prices = st.decimals(0, 1000, places=6)
percents = st.integers(0, 100).map(D)


@st.composite
def lines(draw):
    """A line as the order's counters allow it, with bills at any price, paid to any extent."""
    ordered = draw(quantities) + 1
    cancelled = draw(st.integers(0, int(ordered)).map(D))
    shipped = draw(st.integers(0, int(ordered - cancelled)).map(D))
    returned = draw(st.integers(0, int(shipped)).map(D))
    credited = draw(quantities)
    invoiced = credited + draw(st.integers(0, int(shipped)).map(D))
    return LineFigures(
        currency="EUR",
        ordered=ordered,
        cancelled=cancelled,
        shipped=shipped,
        returned=returned,
        invoiced=invoiced,
        credited=credited,
        unit_price=draw(prices),
        discount_percent=draw(percents),
        billed_value=draw(st.decimals(0, 10**6, places=2)),
        open_amount=draw(st.decimals(-(10**6), 10**6, places=2)),
    )


def named(line):
    return dict(breaks_of(line))


def agreed(**changes):
    """Ten ordered at 3.00, shipped, billed and paid."""
    ten = {"currency": "EUR", "ordered": D(10), "shipped": D(10), "invoiced": D(10)}
    return LineFigures(**{**ten, "unit_price": D(3), "billed_value": D(30), **changes})


def test_a_line_that_agrees_has_no_break():
    assert breaks_of(agreed()) == []


def test_a_returned_and_credited_rest_agrees():
    assert breaks_of(agreed(returned=D(4), credited=D(4), billed_value=D(18))) == []


def test_a_cancelled_rest_agrees():
    line = agreed(ordered=D(12), cancelled=D(2))

    assert breaks_of(line) == []


def test_every_break_is_named_with_its_size():
    assert named(agreed(shipped=D(6), invoiced=D(6), billed_value=D(18))) == {"not_shipped": 4}
    assert named(agreed(ordered=D(9))) == {"over_shipped": 1}
    assert named(agreed(invoiced=D(7), billed_value=D(21))) == {"not_invoiced": 3}
    assert named(agreed(returned=D(4))) == {"return_not_credited": 4}
    assert named(agreed(ordered=D(8), shipped=D(8))) == {"over_invoiced": 2}
    assert named(agreed(billed_value=D("31.50"))) == {"price_above": D("1.50")}
    assert named(agreed(billed_value=D("29.99"))) == {"price_below": D("0.01")}
    assert named(agreed(open_amount=D("35.70"))) == {"unpaid": D("35.70")}
    assert named(agreed(open_amount=D("-5.00"))) == {"owed_back": D(5)}


def test_more_billed_than_kept_is_told_apart_by_what_came_back():
    line = agreed(ordered=D(8), shipped=D(8), returned=D(1))

    assert named(line) == {"return_not_credited": 1, "over_invoiced": 2}


def test_within_the_tolerance_more_is_no_break():
    over = agreed(shipped=D(11), invoiced=D(11), billed_value=D(33))

    assert named(over._replace(over_delivery_percent=D(10))) == {}
    assert named(over._replace(over_delivery_percent=D(9))) == {"over_shipped": 1}


def test_the_rounding_of_partial_bills_is_no_break():
    thirds = agreed(unit_price=D("0.333333"), billed_value=D("3.33333"))

    assert breaks_of(thirds) == []


def test_an_open_bill_is_no_break_of_a_line_it_does_not_charge_any_more():
    line = agreed(returned=D(10), credited=D(10), billed_value=D(0), open_amount=D(50))

    assert breaks_of(line) == []


@given(lines())
def test_breaks_are_positive_each_named_once_and_never_contradict(line):
    found = breaks_of(line)
    kinds = [kind for kind, _value in found]

    assert all(value > 0 for _kind, value in found)
    assert len(set(kinds)) == len(kinds)
    for one, other in (
        ("not_shipped", "over_shipped"),
        ("not_invoiced", "over_invoiced"),
        ("not_invoiced", "return_not_credited"),
        ("price_above", "price_below"),
        ("unpaid", "owed_back"),
    ):
        assert not {one, other} <= set(kinds)


@given(lines())
def test_the_quantities_of_the_breaks_lead_from_ordered_to_billed(line):
    found = named(line)
    wanted = line.ordered - line.cancelled
    shipped = wanted - found.get("not_shipped", 0) + found.get("over_shipped", 0)
    kept = shipped - line.returned
    billed = kept - found.get("not_invoiced", 0)
    billed += found.get("return_not_credited", 0) + found.get("over_invoiced", 0)

    assert billed == line.invoiced - line.credited


@given(lines())
def test_a_line_without_breaks_agrees_in_all_four(line):
    if not breaks_of(line):
        assert line.shipped == line.ordered - line.cancelled
        assert line.billed == line.shipped - line.returned
        assert line.price_difference == 0
        assert line.open_amount == 0 or not line.billed


@given(lines())
def test_putting_the_money_right_leaves_breaks_in_quantities_only(line):
    value = line.billed * line.unit_price * (100 - line.discount_percent) / 100
    right = line._replace(billed_value=value, open_amount=D(0))

    assert all(kind in IN_QUANTITIES for kind, _value in breaks_of(right))
    assert {b for b in breaks_of(line) if b.kind in IN_QUANTITIES} == set(breaks_of(right))


def test_every_kind_of_break_can_be_reached():
    reached = set()
    for line in (
        agreed(shipped=D(6)),
        agreed(ordered=D(8), invoiced=D(9)),
        agreed(ordered=D(8), shipped=D(8), returned=D(1)),
        agreed(billed_value=D(31), open_amount=D(1)),
        agreed(billed_value=D(29), open_amount=D(-1)),
    ):
        reached |= {kind for kind, _value in breaks_of(line)}

    assert reached == set(BreakKind)
