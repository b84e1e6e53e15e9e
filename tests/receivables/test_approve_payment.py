"""More paid out than the customer has with us: it waits for another person, who agrees."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.transitions import TransitionRefused
from o2c.ledger.queries import balance
from receivables.commands import (
    Share,
    allocate_oldest_first,
    approve_payment,
    assign_payer,
    record_payment,
    reverse_payment,
)
from receivables.models import Payment, PaymentState
from receivables.queries import AgingRequest, unapplied_as_of
from tests.given import receivables as given
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db


def books_hold():
    assert_books_agree(["E3", "E8", "F2", "F12"])


def test_beyond_what_the_customer_has_waits_for_another_person(customer, overpaid):
    payment = given.paid_out("850.00", customer)

    assert (payment.state, payment.beyond) == (PaymentState.WAITING, D("50.00"))
    assert balance("BANK_SUSPENSE") == D("850.00")
    assert balance("UNAPPLIED_CASH", customer.pk) == D("-800.00")
    with pytest.raises(RuleViolation, match="another person has to approve"):
        allocate_oldest_first(payment.pk, actor=SYSTEM)
    with pytest.raises(NotPermitted, match="somebody else has to decide"):
        approve_payment(payment.pk, actor=SYSTEM)


def test_another_person_approves_it(customer, overpaid):
    payment = given.paid_out("850.00", customer)

    approve_payment(payment.pk, actor=given.ANOTHER)

    payment.refresh_from_db()
    assert (payment.state, payment.approved_by) == ("received", given.ANOTHER.get_username())
    assert balance("BANK_SUSPENSE") == 0
    assert balance("UNAPPLIED_CASH", customer.pk) == D("50.00")
    books_hold()


def test_what_waits_can_be_reversed(customer):
    payment = given.paid_out("10.00", customer)

    reverse_payment(payment.pk, reason="typed twice", actor=SYSTEM)

    assert balance("BANK") == balance("BANK_SUSPENSE") == 0
    assert unapplied_as_of(AgingRequest(date(2026, 1, 1), customer_id=customer.pk)) == {}
    with pytest.raises(TransitionRefused):
        approve_payment(payment.pk, actor=given.ANOTHER)
    books_hold()


def test_the_database_asks_for_another_person(customer, overpaid):
    payment = given.paid_out("850.00", customer)
    Payment.objects.filter(pk=payment.pk).update(approved_by="system")

    with pytest.raises(IntegrityError, match="beyond_is_approved"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(
            state="received", assigned_date=given.DUE, assigned_at=payment.created_at
        )


def test_a_share_for_a_credit_waits_with_what_is_beyond(customer):
    credit = given.debt("-100.00", customer=customer)
    receipt = given.receipt(
        "150.00", customer=customer, direction="out", shares=[Share(credit.pk, D("100.00"))]
    )

    payment = record_payment(receipt, actor=SYSTEM)

    assert (payment.state, payment.unapplied) == (PaymentState.WAITING, D("150.00"))


def test_a_payer_found_later_is_asked_about_as_well(customer):
    payment = given.paid_out("10.00", None)

    assign_payer(payment.pk, customer_id=customer.pk, actor=SYSTEM)

    payment.refresh_from_db()
    assert (payment.state, payment.beyond) == (PaymentState.WAITING, D("10.00"))
