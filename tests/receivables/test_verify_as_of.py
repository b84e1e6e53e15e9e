"""`verify --as-of`: what agrees on every day is looked at up to a day."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import connection

from o2c.core.actors import SYSTEM
from o2c.core.verify import run_all
from receivables.commands import Share, allocate_payment
from receivables.models import Allocation
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def broken_days(as_of=None):
    [finding] = run_all(only=["E3"], as_of=as_of)
    return finding.violations


def test_a_day_that_differs_later_does_not_count_yet(check_deferred):
    item = given.debt("100.00")
    payment = given.payment("100.00", customer=item.customer)
    allocate_payment(payment.pk, shares=[Share(item.pk, D("60.00"))], actor=SYSTEM)
    day = Allocation.objects.get().effective_date
    check_deferred()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE receivables_allocation SET effective_date = effective_date + 1")
        cursor.execute("SET session_replication_role = DEFAULT")

    assert broken_days(as_of=day - timedelta(days=1)) == 0
    assert broken_days(as_of=day) == 1  # booked, and not allocated that day
    assert broken_days() == 2  # nor on the day it is allocated
