"""Days, money applied and letters printed in no time, for every test of this app that asks."""

from datetime import date
from decimal import Decimal as D
from unittest import mock

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from receivables.commands import Share, allocate_payment, propose_dunning
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given


@pytest.fixture
def today():
    """It is the last of June 2026."""
    with clock.at(date(2026, 6, 30)):
        yield date(2026, 6, 30)


@pytest.fixture
def customer():
    return CustomerFactory(name="Nordbau AG")


@pytest.fixture
def overpaid(customer):
    """800.00 that the customer has with us."""
    return given.payment("800.00", customer=customer)


@pytest.fixture
def proposed_run(today):
    """Today's run, not decided on: letters to two customers, about one debt each."""
    DunningPolicyFactory()
    given.late(15)
    given.late(15)
    return propose_dunning(actor=SYSTEM)


@pytest.fixture
def printed():
    """The printer of letters, which answers at once and remembers what it was asked to print."""
    with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF") as printer:
        yield printer


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
