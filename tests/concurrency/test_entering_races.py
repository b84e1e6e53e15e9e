"""Two people type in one cheque."""

from functools import partial

import pytest

from o2c.core.actors import SYSTEM
from receivables.commands import enter_payment
from receivables.models import Payment
from tests.concurrency.race import locks_off, lost, race
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db(transaction=True)


def one_cheque_typed_in_twice():
    receipt = given.receipt("150.00", customer=CustomerFactory(), reference="cheque 7")
    return [partial(enter_payment, receipt, actor=SYSTEM) for _ in range(2)]


def test_of_two_who_type_in_one_cheque_the_second_is_asked():
    (refusal,) = lost(race(*one_cheque_typed_in_twice()))

    assert "is the same: same payer" in str(refusal)
    assert Payment.objects.count() == 1


def test_without_the_lock_one_cheque_is_here_twice():
    contest = one_cheque_typed_in_twice()

    with locks_off():
        race(*contest)

    assert Payment.objects.count() == 2
