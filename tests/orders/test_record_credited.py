"""record_credited: a credit note took billed quantities back; they may be billed again."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from orders.commands import record_paid, record_reconciled
from orders.models import OrderState
from tests.given.orders import invoiced_order, lines_of, report, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return invoiced_order(lines=[(10, "1")])


def test_what_was_credited_may_be_billed_again(order):
    report("credited", order, 4)
    assert lines_of(order)[0].billable_quantity == 4

    report("invoiced", order, 4)

    line = lines_of(order)[0]
    assert (line.invoiced, line.credited, line.billable_quantity) == (14, 4, 0)


def test_what_was_credited_and_came_back_is_not_billed_again(order):
    report("returned", order, 4)

    report("credited", order, 4)

    assert lines_of(order)[0].billable_quantity == 0


def _paid(order):
    record_paid([order.pk], actor=SYSTEM)


def _reconciled(order):
    _paid(order)
    record_reconciled([order.pk], actor=SYSTEM)


@pytest.mark.parametrize("then", [lambda _order: None, _paid, _reconciled])
@pytest.mark.parametrize("quantity", [5, 10])
def test_a_credit_that_leaves_something_to_bill_takes_the_order_back(order, then, quantity):
    then(order)

    report("credited", order, quantity)

    assert state_of(order) == OrderState.SHIPPED
    assert Event.objects.filter(name="order.unbilled").count() == 1


def test_billed_again_the_order_counts_as_billed_again(order):
    report("credited", order, 5)

    report("invoiced", order, 5)

    assert state_of(order) == OrderState.INVOICED


def test_a_credit_for_what_came_back_does_not_take_the_order_back(order):
    _paid(order)
    report("returned", order, 5)

    report("credited", order, 5)

    assert state_of(order) == OrderState.PAID


def test_what_comes_back_after_a_correction_is_not_billed_again(order):
    report("credited", order, 10)

    report("returned", order, 10)

    assert state_of(order) == OrderState.INVOICED
    last = Event.objects.filter(name="order.invoiced").latest("pk")
    assert last.facts == {"without_invoice": True}


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(11, r"/1: 11 cannot be credited, 10 were billed\."), (-1, "cannot be credited")],
)
def test_only_what_was_billed_is_credited(order, quantity, words):
    with pytest.raises(RuleViolation, match=words):
        report("credited", order, quantity)

    assert lines_of(order)[0].credited == 0


def test_the_same_report_counts_once(order):
    for _time in range(2):
        report("credited", order, 2, op_id="credit-note-1")

    assert lines_of(order)[0].credited == 2
