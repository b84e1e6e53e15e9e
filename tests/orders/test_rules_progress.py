from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from o2c.core.money import line_net
from orders.rules import progress
from orders.rules.progress import LineNumbers, faults, is_invoiced, is_shipped


def line(quantity, **numbers):
    figures = {
        name: value if isinstance(value, bool) else Decimal(value)
        for name, value in numbers.items()
    }
    return LineNumbers(Decimal(quantity), **figures)


def sent(quantity, shipped, **numbers):
    return line(quantity, picked=shipped, shipped=shipped, **numbers)


def test_v18_one_long_line_shipped_leaves_the_short_one_to_ship():
    metres, pieces = sent(250_000, 250_000), line(2)

    assert not is_shipped([metres, pieces])
    assert pieces.open == 2


def test_v15_what_is_picked_is_not_yet_out():
    half = line(10, reserved=7, picked=5, shipped=3)

    assert (half.open, half.picked - half.shipped) == (7, 2)
    assert faults(half._replace(shipped=Decimal(6))) == ["reserved", "shipped"]


def test_v16_what_came_back_unbilled_is_not_billed():
    delivered = sent(22540, 22540, invoiced=20010, returned=2530)

    assert delivered.billable == 0
    assert is_invoiced([delivered])


def test_v17_billing_above_the_order_price_leaves_the_rest_billable():
    assert sent(390, 390, invoiced=240).billable == 150


def test_v52_return_and_credit_step_by_step():
    done = sent(10, 10, invoiced=10)
    returned = done._replace(returned=Decimal(5))
    credited = returned._replace(credited=Decimal(5))

    assert is_invoiced([done])
    assert returned.billable == credited.billable == 0
    assert (credited.invoiced - credited.credited, credited.shipped - credited.returned) == (5, 5)


def test_a_credit_without_a_return_may_be_billed_again():
    assert sent(10, 10, invoiced=10, credited=4).billable == 4


def test_v22_a_backorder_is_billed_when_it_has_shipped():
    assert line(2).billable == 0
    assert sent(2, 1).billable == 1
    assert sent(2, 1, invoiced=1).billable == 0
    assert is_invoiced([sent(2, 2, invoiced=2)])


def test_v23_cutting_to_seven_leaves_one():
    assert sent(7, 6).open == 1


def test_an_order_all_of_which_came_back_unbilled_has_nothing_left_to_bill():
    assert is_invoiced([sent(5, 5, returned=5)])
    assert not is_invoiced([sent(5, 5, returned=4)])
    assert not is_invoiced([line(5)])


def test_a_cancelled_order_is_not_shipped():
    assert not is_shipped([line(5, cancelled=5)])


def test_v19_the_over_delivery_tolerance_is_the_limit():
    twelve = sent(10, 12, over_delivery_percent=20)

    assert faults(twelve) == []
    assert is_shipped([twelve])
    assert "picked" in faults(sent(10, 13, over_delivery_percent=20))


def test_v20_the_rest_within_the_under_delivery_tolerance_is_dropped():
    assert progress.short_rest(sent(10, 5, under_delivery_percent=10)) == 0
    assert progress.short_rest(sent(10, 9, under_delivery_percent=10)) == 1


def test_a_rest_on_its_way_is_not_dropped():
    assert progress.short_rest(sent(10, 9, reserved=1, under_delivery_percent=10)) == 0
    on_the_table = line(10, picked=10, shipped=9, under_delivery_percent=10)
    assert progress.short_rest(on_the_table) == 0


def test_services_are_performed_with_the_last_goods():
    service = line(3, is_service=True)

    assert progress.services_to_perform([sent(5, 4), service]) == [0, 0]
    assert progress.services_to_perform([sent(5, 5), service]) == [0, 3]
    assert progress.services_to_perform([service]) == [3]


numbers = st.integers(0, 20).map(Decimal)
percents = st.integers(0, 20).map(Decimal)
any_line = st.builds(
    LineNumbers,
    st.integers(1, 20).map(Decimal),
    *[numbers] * 7,
    st.booleans(),
    over_delivery_percent=percents,
    under_delivery_percent=percents,
)


@given(any_line)
def test_a_sound_line_never_bills_more_than_it_shipped_and_kept(any_line):
    if not faults(any_line):
        assert 0 <= any_line.billable <= any_line.shipped
        assert any_line.billable <= any_line.to_bill
        assert any_line.open + any_line.shipped >= any_line.wanted


@given(
    st.decimals("0", "99999", places=2),
    st.integers(1, 500),
    st.lists(st.integers(1, 100), max_size=8),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_the_parts_of_a_line_add_up_to_its_net(net, ordered, parts, currency):
    net = net.quantize(Decimal(1)) if currency == "JPY" else net
    billed, before = Decimal(0), Decimal(0)
    for part in [*parts, 10**6]:
        end = min(before + part, Decimal(ordered))
        billed += progress.net_of_part(net, Decimal(ordered), before, end, currency)
        before = end

    assert billed == net


@given(
    st.decimals("0", "999", places=4),
    st.decimals("0", "100", places=2),
    st.integers(1, 500),
    st.integers(0, 500),
)
def test_the_parts_of_a_plain_line_add_up_to_it(price, percent, ordered, first):
    middle = Decimal(min(first, ordered))
    one = progress.plain_net_of_part(price, percent, Decimal(0), middle, "EUR")
    two = progress.plain_net_of_part(price, percent, middle, Decimal(ordered), "EUR")

    assert one == line_net(middle, price, percent, "EUR")
    assert one + two == line_net(Decimal(ordered), price, percent, "EUR")
