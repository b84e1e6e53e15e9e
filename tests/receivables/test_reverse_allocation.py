"""Taking an allocation back: the exact mirror, once, and everything as it was."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.models import Line
from o2c.ledger.queries import balance
from receivables.commands import (
    Share,
    allocate_payment,
    reverse_allocation,
    reverse_allocations,
)
from receivables.models import Allocation
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


@pytest.fixture
def applied():
    """A payment of 100 on two items of 60 and 40, dollars, at a gain."""
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.8"))
    items = [given.debt(a, customer=customer, currency="USD") for a in ("60.00", "40.00")]
    payment = given.payment("100.00", customer=customer, currency="USD", base_amount=D("90.01"))
    shares = [Share(item.pk, item.open_amount) for item in items]
    allocate_payment(payment.pk, shares=shares, actor=SYSTEM)
    return payment, items


def test_one_is_taken_back_and_the_other_stays(applied, check_deferred):
    payment, (first, second) = applied
    allocation = Allocation.objects.get(open_item=first)

    reverse_allocation(allocation.pk, reason="wrong invoice", actor=SYSTEM)

    payment.refresh_from_db()
    first.refresh_from_db()
    second.refresh_from_db()
    assert payment.allocated == D("40.00")
    assert (first.open_amount, second.open_amount) == (D("60.00"), 0)
    assert Event.objects.get(name="payment.unallocated").facts["reason"] == "wrong invoice"
    check_deferred()


def test_all_taken_back_is_as_if_it_had_never_been(applied, check_deferred):
    payment, items = applied

    reverse_allocations(payment.pk, actor=SYSTEM)

    payment.refresh_from_db()
    assert (payment.allocated, payment.base_allocated) == (0, 0)
    for item in items:
        item.refresh_from_db()
        assert (item.open_amount, item.base_open) == (item.original, item.base_original)
    assert balance("FX_DIFFERENCE") == 0
    assert balance("UNAPPLIED_CASH", payment.customer_id) == D("-90.01")
    for entry in {a.entry_id for a in Allocation.objects.filter(reverses__isnull=True)}:
        kinds = {line.account.role for line in Line.objects.filter(entry=entry)}
        assert kinds == {"AR", "UNAPPLIED_CASH", "FX_DIFFERENCE"}
    check_deferred()


def test_it_ends_today_and_never_before_it_began(applied):
    _payment, (first, second) = applied

    with clock.at(date(2026, 3, 9)):
        reverse_allocation(Allocation.objects.get(open_item=first).pk, actor=SYSTEM)
    with clock.at(date(2026, 1, 9)):
        reverse_allocation(Allocation.objects.get(open_item=second).pk, actor=SYSTEM)

    ends = Allocation.objects.filter(reverses__isnull=False).order_by("pk")
    assert [a.effective_date for a in ends] == [date(2026, 3, 9), given.DUE]


def test_it_is_taken_back_once(applied):
    allocation = Allocation.objects.first()
    reverse_allocation(allocation.pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="already taken back"):
        reverse_allocation(allocation.pk, actor=SYSTEM)


def test_a_reversal_is_not_reversed(applied):
    reverse_allocation(Allocation.objects.first().pk, actor=SYSTEM)

    with pytest.raises(RuleViolation):
        reverse_allocation(Allocation.objects.last().pk, actor=SYSTEM)


def test_what_was_taken_back_can_be_applied_again(applied, check_deferred):
    payment, (first, _second) = applied
    reverse_allocations(payment.pk, actor=SYSTEM)

    allocate_payment(payment.pk, shares=[Share(first.pk, D("60.00"))], actor=SYSTEM)

    first.refresh_from_db()
    assert first.is_settled
    check_deferred()


def test_the_database_takes_no_second_mirror_and_no_edit(applied):
    allocation = Allocation.objects.first()
    reverse_allocation(allocation.pk, actor=SYSTEM)
    mirror = Allocation.objects.get(reverses=allocation)

    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        Allocation.objects.filter(pk=allocation.pk).update(amount=D("1.00"))
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        Allocation.objects.filter(pk=mirror.pk)._raw_delete("default")
    mirror.pk = None
    with pytest.raises(IntegrityError, match="reverses"), transaction.atomic():
        mirror.save(force_insert=True)


def test_the_database_refuses_two_customers_in_one_allocation(applied):
    allocation = Allocation.objects.first()
    allocation.pk, allocation.customer = None, CustomerFactory()

    with pytest.raises(IntegrityError, match="account"), transaction.atomic():
        allocation.save(force_insert=True)


def test_statements_do_not_grow_with_the_allocations(count_statements):
    customer = CustomerFactory()
    items = [given.debt("10.00", customer=customer) for _ in range(9)]
    payment = given.payment("90.00", customer=customer)
    shares = [Share(item.pk, D("10.00")) for item in items]
    allocate_payment(payment.pk, shares=shares, actor=SYSTEM)
    first, second, *_rest = Allocation.objects.order_by("pk")
    reverse_allocation(first.pk, actor=SYSTEM)  # opens the month

    with count_statements() as one:
        reverse_allocations(payment.pk, allocation_ids=[second.pk], actor=SYSTEM)
    with count_statements() as seven:
        reverse_allocations(payment.pk, actor=SYSTEM)

    assert int(one) == int(seven) <= 10, str(seven)


def test_a_sales_clerk_may_not(applied, clerk):
    with pytest.raises(NotPermitted):
        reverse_allocation(Allocation.objects.first().pk, actor=clerk)
