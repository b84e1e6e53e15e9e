"""More paid out than the customer has with us: another person says no."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from receivables.commands import (
    assign_payer,
    reject_payment,
)
from receivables.models import PaymentState
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db


def books_hold():
    assert_books_agree(["E3", "E8", "F2", "F12"])


def test_another_person_rejects_it_and_it_waits_for_whom_it_was(customer, overpaid):
    payment = given.paid_out("850.00", customer)

    reject_payment(payment.pk, reason="wrong customer", actor=given.ANOTHER)

    payment.refresh_from_db()
    assert (payment.state, payment.customer, payment.beyond) == ("unassigned", None, 0)
    owner = CustomerFactory()
    given.payment("850.00", customer=owner)
    assign_payer(payment.pk, customer_id=owner.pk, actor=SYSTEM)
    payment.refresh_from_db()
    assert payment.state == PaymentState.RECEIVED
    books_hold()


def test_rejecting_needs_a_reason_and_another_person(customer):
    payment = given.paid_out("10.00", customer)
    with pytest.raises(RuleViolation, match="Say why"):
        reject_payment(payment.pk, reason=" ", actor=given.ANOTHER)
    with pytest.raises(NotPermitted):
        reject_payment(payment.pk, reason="no", actor=SYSTEM)
