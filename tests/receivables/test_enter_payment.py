"""A payment typed in a second time asks back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from receivables.commands import enter_payment, reverse_payment
from receivables.models import Payment
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def receipt(customer):
    return given.receipt("150.00", customer=customer, reference="cheque 7")


def test_the_same_again_asks_back(receipt):
    first = enter_payment(receipt, actor=SYSTEM)

    with pytest.raises(RuleViolation, match=f"{first} is the same") as refused:
        enter_payment(receipt, actor=SYSTEM)

    assert refused.value.field == "another"
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("reference", ["", " Cheque 7 "])
def test_only_a_reference_of_its_own_tells_it_from_the_first(receipt, reference):
    enter_payment(receipt, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="is the same"):
        enter_payment(replace(receipt, reference=reference), actor=SYSTEM)


def test_another_one_is_recorded(receipt):
    enter_payment(receipt, actor=SYSTEM)

    enter_payment(receipt, another=True, actor=SYSTEM)

    assert Payment.objects.count() == 2


def test_what_differs_in_anything_is_not_the_same(receipt):
    enter_payment(receipt, actor=SYSTEM)
    others = [
        replace(receipt, reference="cheque 8"),
        replace(receipt, amount=D("150.01")),
        replace(receipt, value_date=receipt.value_date + timedelta(days=1)),
        replace(receipt, customer_id=CustomerFactory().pk),
        replace(receipt, customer_id=None),
        replace(receipt, direction="out"),
    ]

    for other in others:
        enter_payment(other, actor=SYSTEM)

    assert Payment.objects.count() == 7


def test_a_reversed_one_is_none(receipt):
    reverse_payment(enter_payment(receipt, actor=SYSTEM).pk, reason="typo", actor=SYSTEM)

    assert enter_payment(receipt, actor=SYSTEM).state == "received"


def test_who_may_not_record_is_refused(receipt, picker):
    with pytest.raises(NotPermitted):
        enter_payment(receipt, actor=picker)


def test_the_form_asks_and_takes_the_answer(boss, customer):
    bank = given.bank_account()
    typed = {
        "customer": customer.code, "direction": "in", "amount": "150.00", "currency": "EUR",
        "value_date": "2026-06-29", "bank_account": bank.code, "method": "cheque",
    }  # fmt: skip
    url = reverse("receivables:payment_new")
    boss.post(url, {**typed, "op_id": "1"})

    asked = boss.post(url, {**typed, "op_id": "2"})
    assert asked.status_code == 422
    assert "is the same: same payer" in asked.content.decode()
    boss.post(url, {**typed, "another": "on", "op_id": "3"})

    assert Payment.objects.count() == 2
