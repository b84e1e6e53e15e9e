"""Money of an unknown payer finds its customer."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.ledger.queries import balance
from receivables.commands import assign_payer
from receivables.models import PaymentState
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_it_joins_the_customers_account_on_the_day_somebody_knows(check_deferred):
    payment, customer = given.payment("25.00", on=date(2026, 2, 4)), CustomerFactory()

    with clock.at(date(2026, 2, 20)):
        assign_payer(payment.pk, customer_id=customer.pk, actor=SYSTEM)

    payment.refresh_from_db()
    assert payment.state == PaymentState.RECEIVED
    assert payment.assigned_date == date(2026, 2, 20)
    assert balance("BANK_SUSPENSE") == 0
    assert balance("UNAPPLIED_CASH", customer.pk, on=date(2026, 2, 19)) == 0
    assert balance("UNAPPLIED_CASH", customer.pk) == D("-25.00")
    check_deferred()


def test_never_before_the_money_came():
    payment = given.payment("25.00", on=date(2026, 2, 4))

    assign_payer(
        payment.pk,
        customer_id=CustomerFactory().pk,
        assigned_date=date(2026, 1, 1),
        actor=SYSTEM,
    )

    payment.refresh_from_db()
    assert payment.assigned_date == date(2026, 2, 4)


def test_a_payer_once_known_is_not_exchanged():
    payment = given.payment("25.00", customer=CustomerFactory())

    with pytest.raises(RuleViolation, match="not possible now"):
        assign_payer(payment.pk, customer_id=CustomerFactory().pk, actor=SYSTEM)


def test_nobody_is_no_payer():
    payment = given.payment("25.00")

    with pytest.raises(RuleViolation, match="no such customer") as refused:
        assign_payer(payment.pk, customer_id=0, actor=SYSTEM)

    payment.refresh_from_db()
    assert refused.value.field == "customer"
    assert payment.state == PaymentState.UNASSIGNED
