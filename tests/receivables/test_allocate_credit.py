"""What we owe a customer is used for what the customer owes."""

import re
from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.ledger.models import Entry
from o2c.ledger.queries import balance
from receivables.commands import Share, allocate_credit
from receivables.models import OpenItem
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_eighty_of_a_hundred(customer, check_deferred):
    invoice, credit = given.debt(customer=customer), given.debt("-100.00", customer=customer)

    application = allocate_credit(credit.pk, shares=[Share(invoice.pk, D("80.00"))], actor=SYSTEM)

    invoice.refresh_from_db()
    credit.refresh_from_db()
    assert application.number == f"AC-{application.pk:06d}"
    assert (invoice.open_amount, credit.open_amount) == (D("20.00"), D("-20.00"))
    assert balance("AR", customer.pk) == 0
    check_deferred()


def test_all_of_it_empties_both_work_lists(customer):
    invoice, credit = given.debt(customer=customer), given.debt("-100.00", customer=customer)

    allocate_credit(credit.pk, shares=[Share(invoice.pk, D("80.00"))], actor=SYSTEM)
    allocate_credit(credit.pk, shares=[Share(invoice.pk, D("20.00"))], actor=SYSTEM)

    assert OpenItem.objects.exclude(open_amount=0).count() == 0


def test_over_several_part_paid_items_without_residue_in_one_transaction():
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.912345"))
    items = [
        given.debt(amount, customer=customer, currency="USD")
        for amount in ("33.33", "0.01", "66.66")
    ]
    credit = given.debt("-100.00", customer=customer, currency="USD")

    shares = [Share(item.pk, item.open_amount) for item in items]
    allocate_credit(credit.pk, shares=shares, actor=SYSTEM)

    assert OpenItem.objects.exclude(open_amount=0).count() == 0
    assert set(OpenItem.objects.values_list("base_open", flat=True)) == {D(0)}
    assert Entry.objects.filter(source_type="receivables.creditapplication").count() == 1
    assert balance("AR", customer.pk) == 0


def test_another_rate_is_an_exchange_difference(check_deferred):
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", date=date(2026, 1, 1), rate=D("0.8"))
    ExchangeRateFactory(known__code="USD", date=date(2026, 2, 1), rate=D("0.9"))
    invoice = given.debt("100.00", customer=customer, currency="USD", posted=date(2026, 1, 5))
    credit = given.debt("-100.00", customer=customer, currency="USD", posted=date(2026, 2, 5))

    allocate_credit(credit.pk, shares=[Share(invoice.pk, D("100.00"))], actor=SYSTEM)

    assert balance("FX_DIFFERENCE") == D("-10.00")
    assert balance("AR", customer.pk) == 0
    check_deferred()


@pytest.mark.parametrize(
    ("amount", "sentence"), [("100.01", "only 100.00|more than"), ("0", "above zero")]
)
def test_wrong_amounts_are_refused(customer, amount, sentence):
    invoice = given.debt("500.00", customer=customer)
    credit = given.debt("-100.00", customer=customer)

    with pytest.raises(RuleViolation) as refusal:
        allocate_credit(credit.pk, shares=[Share(invoice.pk, D(amount))], actor=SYSTEM)

    assert re.search(sentence, str(refusal.value).replace("\N{NO-BREAK SPACE}", " "))


def test_a_debt_is_no_credit(customer):
    first, second = given.debt(customer=customer), given.debt(customer=customer)

    with pytest.raises(RuleViolation, match="no open credit"):
        allocate_credit(first.pk, shares=[Share(second.pk, D("1.00"))], actor=SYSTEM)


def test_a_sales_clerk_may_not(customer, clerk):
    invoice, credit = given.debt(customer=customer), given.debt("-100.00", customer=customer)

    with pytest.raises(NotPermitted):
        allocate_credit(credit.pk, shares=[Share(invoice.pk, D("1.00"))], actor=clerk)
