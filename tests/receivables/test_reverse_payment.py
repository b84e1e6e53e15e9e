"""A payment bounces: what it had settled is open again, and the bank has its money back."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.ledger.queries import balance
from receivables.commands import Share, allocate_payment, reverse_payment
from receivables.models import Payment, PaymentState
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_of_two_payments_one_is_cancelled_and_its_part_is_open_again(check_deferred):
    customer = CustomerFactory()
    item = given.debt("200.00", customer=customer)
    payments = [given.payment(amount, customer=customer) for amount in ("55.00", "35.00")]
    for payment in payments:
        shares = [Share(item.pk, payment.amount.amount)]
        allocate_payment(payment.pk, shares=shares, actor=SYSTEM)

    reverse_payment(payments[0].pk, reason="bounced", actor=SYSTEM)

    item.refresh_from_db()
    assert item.open_amount == D("165.00")
    assert balance("BANK") == D("35.00")
    assert balance("UNAPPLIED_CASH", customer.pk) == 0
    event = Event.objects.get(name="payment.reversed")
    assert event.facts["reason"] == "bounced"
    assert event.facts["reopened"] == str(item)
    check_deferred()


def test_unapplied_money_just_goes():
    payment = given.payment("10.00", customer=CustomerFactory())

    with clock.at(date(2026, 4, 1)):
        reverse_payment(payment.pk, reason="typed twice", actor=SYSTEM)

    payment.refresh_from_db()
    assert payment.state == PaymentState.REVERSED
    assert payment.reversed_date == date(2026, 4, 1)
    assert payment.unapplied == 0
    assert balance("BANK") == 0


def test_money_of_an_unknown_payer_leaves_the_suspense_account():
    payment = given.payment("10.00")

    reverse_payment(payment.pk, reason="not ours", actor=SYSTEM)

    assert balance("BANK_SUSPENSE") == 0
    assert balance("BANK") == 0


def test_it_goes_once():
    payment = given.payment("10.00", customer=CustomerFactory())
    reverse_payment(payment.pk, reason="x", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="not possible now"):
        reverse_payment(payment.pk, reason="x", actor=SYSTEM)


def test_its_bank_line_is_free_for_another_payment():
    customer = CustomerFactory()
    payment = given.payment("10.00", customer=customer, bank_line_id=5)
    reverse_payment(payment.pk, reason="wrong customer", actor=SYSTEM)

    assert given.payment("10.00", customer=CustomerFactory(), bank_line_id=5).pk


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why(applied, blank):
    payment, _items = applied

    with pytest.raises(RuleViolation, match="Say why") as refused:
        reverse_payment(payment.pk, reason=blank, actor=SYSTEM)

    assert refused.value.field == "reason"
    assert Payment.objects.get(pk=payment.pk).state == PaymentState.RECEIVED
