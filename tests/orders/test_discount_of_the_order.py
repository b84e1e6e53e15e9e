"""The discount of a whole order: what was agreed stays agreed, whatever becomes of its lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.actors import SYSTEM
from orders.commands import LineChange, amend_order, cancel_order, record_invoiced, reopen_order
from orders.models import Order
from orders.rules.pricing import Sharing, share_agreed
from tests.given.orders import (
    confirmed_order,
    invoiced_order,
    lines_of,
    quantities_of,
    shipped_order,
)

D = Decimal


def amended(order: Order, *changes: LineChange) -> Order:
    order.refresh_from_db()
    return amend_order(order.pk, changes=changes, version=order.version, actor=SYSTEM)


def shares(order: Order) -> list[Decimal]:
    return [line.document_discount for line in lines_of(order)]


@pytest.mark.django_db
class TestOrders:
    def test_it_stays_when_a_quantity_doubles(self, books_agree):
        order = confirmed_order(lines=[(3, "10.00")], discount_amount=D("5.00"))

        order = amended(order, LineChange(lines_of(order)[0].pk, quantity=D(6)))

        assert (order.discount_amount, order.net) == (D("5.00"), D("55.00"))
        books_agree()

    def test_reopening_the_cancelled_rest_gives_back_the_agreed_net(self, books_agree):
        order = shipped_order([1], lines=[(3, "10.00")], discount_amount=D("5.00"))

        cancel_order(order.pk, reason="enough", actor=SYSTEM)
        order.refresh_from_db()
        assert (order.discount_amount, order.net) == (D("1.67"), D("8.33"))

        order = reopen_order(order.pk, reason="they want it", actor=SYSTEM)
        assert (order.discount_amount, order.net) == (D("5.00"), D("25.00"))

    def test_the_same_after_the_first_part_was_billed(self):
        order = shipped_order([1], lines=[(3, "10.00")], discount_amount=D("5.00"))
        record_invoiced(order.pk, quantities_of(order, [1]), actor=SYSTEM)

        cancel_order(order.pk, reason="enough", actor=SYSTEM)
        order.refresh_from_db()
        assert order.net == D("8.33")

        assert reopen_order(order.pk, reason="back", actor=SYSTEM).net == D("25.00")

    def test_a_cancelled_line_that_comes_back_has_its_share_again(self, books_agree):
        order = confirmed_order(lines=[(1, "10.00"), (3, "10.00")], discount_amount=D("4.00"))
        second = lines_of(order)[1]

        amended(order, LineChange(second.pk, quantity=D(0)))
        assert shares(order) == [D("1.00"), D(0)]
        books_agree()

        amended(order, LineChange(second.pk, quantity=D(3)))
        assert shares(order) == [D("1.00"), D("3.00")]
        books_agree()

    def test_a_quantity_cut_and_raised_again_has_its_discount_again(self, books_agree):
        order = confirmed_order(lines=[(10, "10.00"), (10, "10.00")], discount_amount=D("20.00"))
        line = lines_of(order)[0]

        order = amended(order, LineChange(line.pk, quantity=D(5)))
        assert (order.discount_amount, order.net) == (D("15.00"), D("135.00"))

        order = amended(order, LineChange(line.pk, quantity=D(10)))
        assert (order.discount_amount, order.net) == (D("20.00"), D("180.00"))
        books_agree()

    def test_a_new_line_takes_part_in_it(self, books_agree):
        order = confirmed_order(lines=[(1, "10.00")], discount_amount=D("4.00"))
        other = confirmed_order(lines=[(1, "30.00")], customer=order.customer)
        item = lines_of(other)[0].item

        order = amended(order, LineChange(item=item.code, quantity=D(1)))

        assert (order.discount_amount, shares(order)) == (D("4.00"), [D("1.00"), D("3.00")])
        books_agree()

    def test_it_is_never_more_than_the_lines(self):
        order = confirmed_order(lines=[(3, "10.00")], discount_amount=D("25.00"))

        order = amended(order, LineChange(lines_of(order)[0].pk, quantity=D(2)))
        assert (order.discount_amount, order.net) == (D("16.67"), D("3.33"))

        order = amended(order, LineChange(lines_of(order)[0].pk, quantity=D(4)))
        assert order.net == D("15.00")

    def test_a_line_billed_to_the_end_keeps_its_share(self):
        order = invoiced_order(lines=[(1, "10.00"), (1, "10.00")], discount_amount=D("4.00"))

        order = amended(order, LineChange(lines_of(order)[1].pk, quantity=D(3)))

        assert shares(order) == [D("2.00"), D("2.00")]
        assert order.discount_amount == D("4.00")


@st.composite
def lines_sharing(draw):
    lines = []
    for _line in range(draw(st.integers(1, 5))):
        ordered = draw(st.integers(1, 20))
        wanted = draw(st.integers(0, ordered))
        price = draw(st.decimals("0", "99", places=2))
        lines.append(Sharing(D(ordered), D(wanted), ordered * price, wanted * price))
    return lines


@given(lines_sharing(), st.decimals("0", "2000", places=2))
def test_no_line_gives_more_than_it_comes_to_and_all_that_is_wanted_is_discounted(lines, agreed):
    given_off = share_agreed(agreed, lines, "EUR")

    assert all(0 <= share <= line.amount for share, line in zip(given_off, lines, strict=True))
    assert sum(given_off) <= agreed
    if all(line.wanted == line.ordered for line in lines):
        assert sum(given_off) == min(agreed, sum(line.whole for line in lines))


@given(lines_sharing(), st.decimals("0", "2000", places=2))
def test_what_is_cancelled_and_comes_back_has_its_share_again(lines, agreed):
    back = [line._replace(wanted=line.ordered, amount=line.whole) for line in lines]
    shares_now = share_agreed(agreed, lines, "EUR")

    for line, whole, now, then in zip(
        lines, back, shares_now, share_agreed(agreed, back, "EUR"), strict=True
    ):
        if line.wanted == line.ordered:
            assert now == then
        assert then <= whole.amount
