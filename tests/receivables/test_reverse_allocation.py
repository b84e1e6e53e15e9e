"""Taking an allocation back: the exact mirror, once, and everything as it was."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.models import Event
from receivables.commands import approve_write_off, reverse_allocation
from receivables.models import Allocation
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


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


def test_it_ends_today_and_never_before_it_began(applied):
    _payment, (first, second) = applied

    with clock.at(date(2026, 3, 9)):
        reverse_allocation(
            Allocation.objects.get(open_item=first).pk, reason="wrong item", actor=SYSTEM
        )
    reverse_allocation(
        Allocation.objects.get(open_item=second).pk,
        effective_date=date(2026, 1, 9),
        reason="wrong item",
        actor=SYSTEM,
    )

    ends = Allocation.objects.filter(reverses__isnull=False).order_by("pk")
    assert [a.effective_date for a in ends] == [date(2026, 3, 9), given.DUE]


def test_it_is_taken_back_once(applied):
    allocation = Allocation.objects.first()
    reverse_allocation(allocation.pk, reason="wrong item", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="already taken back"):
        reverse_allocation(allocation.pk, reason="wrong item", actor=SYSTEM)


def test_a_reversal_is_not_reversed(applied):
    reverse_allocation(Allocation.objects.first().pk, reason="wrong item", actor=SYSTEM)

    with pytest.raises(RuleViolation):
        reverse_allocation(Allocation.objects.last().pk, reason="wrong item", actor=SYSTEM)


def test_the_database_takes_no_second_mirror_and_no_edit(applied):
    allocation = Allocation.objects.first()
    reverse_allocation(allocation.pk, reason="wrong item", actor=SYSTEM)
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


def test_a_sales_clerk_may_not(applied, clerk):
    with pytest.raises(NotPermitted):
        reverse_allocation(Allocation.objects.first().pk, reason="wrong item", actor=clerk)


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why(applied, blank):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        reverse_allocation(Allocation.objects.first().pk, reason=blank, actor=SYSTEM)

    assert refused.value.field == "reason"
    assert Allocation.objects.count() == 2


def test_what_no_payment_settled_is_taken_back_at_its_source():
    request = given.requested_write_off(given.debt("100.00"), "5.00")
    approve_write_off(request.pk, actor=given.ANOTHER)

    with pytest.raises(RuleViolation, match=f"Take {request} back instead"):
        reverse_allocation(Allocation.objects.get().pk, reason="wrong item", actor=SYSTEM)


def test_an_unknown_allocation_is_refused_in_words():
    with pytest.raises(NotFound, match="Allocation 404 does not exist"):
        reverse_allocation(404, reason="wrong item", actor=SYSTEM)
