"""A payment is taken off its items, all or some: exact mirrors, once, and the money stays."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed
from o2c.ledger.models import Line
from o2c.ledger.queries import balance
from o2c.web.formats import money_text
from receivables.commands import (
    Share,
    allocate_payment,
    reverse_allocation,
    reverse_allocations,
    reverse_payment,
)
from receivables.models import Allocation, PaymentState
from tests.factories.masters import CustomerFactory
from tests.given import ledger as given_ledger
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def ends():
    """The days on which allocations end, in the order they were taken back."""
    mirrors = Allocation.objects.filter(reverses__isnull=False).order_by("pk")
    return [mirror.effective_date for mirror in mirrors]


def test_all_taken_back_is_as_if_it_had_never_been(applied, cashier, check_deferred):
    payment, items = applied

    reverse_allocations(payment.pk, reason="wrong customer", actor=cashier)

    payment.refresh_from_db()
    assert (payment.allocated, payment.base_allocated) == (0, 0)
    assert payment.state == PaymentState.RECEIVED
    for item in items:
        item.refresh_from_db()
        assert (item.open_amount, item.base_open) == (item.original, item.base_original)
    assert balance("FX_DIFFERENCE") == 0
    assert balance("UNAPPLIED_CASH", payment.customer_id) == D("-90.01")
    for entry in {a.entry_id for a in Allocation.objects.filter(reverses__isnull=True)}:
        kinds = {line.account.role for line in Line.objects.filter(entry=entry)}
        assert kinds == {"AR", "UNAPPLIED_CASH", "FX_DIFFERENCE"}
    facts = Event.objects.get(name="payment.unallocated").facts
    assert (facts["reason"], facts["applied"]) == ("wrong customer", money_text(D(-100), "USD"))
    assert facts["items"] == ", ".join(str(item) for item in items)
    check_deferred()


def test_only_what_is_named_is_taken_back(applied, check_deferred):
    payment, (first, second) = applied
    named = Allocation.objects.get(open_item=second)

    reverse_allocations(payment.pk, allocation_ids=[named.pk], reason="wrong item", actor=SYSTEM)

    payment.refresh_from_db()
    first.refresh_from_db()
    second.refresh_from_db()
    assert payment.allocated == D("60.00")
    assert (first.open_amount, second.open_amount) == (0, D("40.00"))
    check_deferred()


def test_what_is_left_of_it_is_taken_back_by_the_rest(applied):
    payment, _items = applied
    reverse_allocation(Allocation.objects.earliest("pk").pk, reason="wrong item", actor=SYSTEM)

    reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)

    payment.refresh_from_db()
    assert payment.allocated == 0
    assert Allocation.objects.filter(reverses__isnull=False).count() == 2


def test_what_was_taken_back_can_be_applied_again(applied, check_deferred):
    payment, (first, _second) = applied
    reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)

    allocate_payment(payment.pk, shares=[Share(first.pk, D("60.00"))], actor=SYSTEM)

    first.refresh_from_db()
    assert first.is_settled
    check_deferred()


@pytest.mark.parametrize(
    ("wanted", "day"),
    [(None, date(2026, 6, 30)), (date(2026, 5, 5), date(2026, 5, 5)), (given.POSTED, given.DUE)],
)
def test_they_end_today_or_on_the_day_wanted_and_never_before_they_began(
    applied, today, wanted, day
):
    payment, _items = applied

    reverse_allocations(payment.pk, effective_date=wanted, reason="wrong item", actor=SYSTEM)

    assert ends() == [day, day]


def test_a_closed_month_refuses_a_chosen_day_and_passes_on_what_is_not_chosen(applied):
    payment, _items = applied
    for month in (1, 2):
        given_ledger.closed_period(date(2026, month, 1))

    with clock.at(date(2026, 3, 4)):
        with pytest.raises(PeriodClosed):
            reverse_allocations(
                payment.pk, effective_date=date(2026, 2, 9), reason="wrong item", actor=SYSTEM
            )
        reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)

    assert ends() == [date(2026, 3, 4)] * 2


def test_they_are_taken_back_once(applied):
    payment, _items = applied
    reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="already taken back"):
        reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)

    assert Allocation.objects.count() == 4


def test_one_that_is_gone_keeps_the_others_where_they_are(applied):
    payment, _items = applied
    gone, live = Allocation.objects.order_by("pk")
    reverse_allocation(gone.pk, reason="wrong item", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="already taken back"):
        reverse_allocations(
            payment.pk, allocation_ids=[gone.pk, live.pk], reason="wrong item", actor=SYSTEM
        )

    payment.refresh_from_db()
    assert payment.allocated == D("40.00")


def test_nothing_named_and_another_payments_allocations_are_refused(applied):
    other = given.payment("1.00", customer=CustomerFactory())
    payment, _items = applied

    with pytest.raises(RuleViolation, match=f"Choose what of {payment} is taken back") as refused:
        reverse_allocations(payment.pk, allocation_ids=[], reason="wrong item", actor=SYSTEM)
    assert refused.value.field == "allocations"
    with pytest.raises(RuleViolation, match=f"{other} was never applied"):
        reverse_allocations(
            other.pk,
            allocation_ids=[Allocation.objects.earliest("pk").pk],
            reason="wrong item",
            actor=SYSTEM,
        )


def test_another_payments_allocation_is_told_from_one_that_was_taken_back(applied):
    _payment, _items = applied
    mine, theirs = given.debt("10.00"), Allocation.objects.earliest("pk")
    other = given.paid(mine, "10.00")

    with pytest.raises(RuleViolation, match=f"Not all that was chosen was settled by {other}"):
        reverse_allocations(other.pk, allocation_ids=[theirs.pk], reason="wrong item", actor=SYSTEM)


def test_what_was_never_applied_is_not_said_to_be_taken_back():
    payment = given.payment("1.00", customer=CustomerFactory())

    with pytest.raises(RuleViolation, match="was never applied; there is nothing to take back"):
        reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)


def test_a_payment_that_bounced_has_nothing_to_take_back(applied):
    payment, _items = applied
    reverse_payment(payment.pk, reason="bounced", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="already taken back"):
        reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)


def test_a_form_sent_twice_takes_back_once(applied):
    payment, _items = applied

    for _ in range(2):
        reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM, op_id="form-1")

    assert Event.objects.filter(name="payment.unallocated").count() == 1


def test_statements_do_not_grow_with_the_allocations(count_statements):
    customer = CustomerFactory()
    items = [given.debt("10.00", customer=customer) for _ in range(9)]
    payment = given.payment("90.00", customer=customer)
    shares = [Share(item.pk, D("10.00")) for item in items]
    allocate_payment(payment.pk, shares=shares, actor=SYSTEM)
    first, second, *_rest = Allocation.objects.order_by("pk")
    reverse_allocation(first.pk, reason="wrong item", actor=SYSTEM)  # opens the month

    with count_statements() as one:
        reverse_allocations(
            payment.pk, allocation_ids=[second.pk], reason="wrong item", actor=SYSTEM
        )
    with count_statements() as seven:
        reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)

    assert int(one) == int(seven) <= 10, str(seven)


def test_a_sales_clerk_may_not(applied, clerk):
    payment, _items = applied

    with pytest.raises(NotPermitted):
        reverse_allocations(payment.pk, reason="wrong item", actor=clerk)


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why(applied, blank):
    payment, _items = applied

    with pytest.raises(RuleViolation, match="Say why") as refused:
        reverse_allocations(payment.pk, reason=blank, actor=SYSTEM)

    assert refused.value.field == "reason"
    assert Allocation.objects.count() == 2
