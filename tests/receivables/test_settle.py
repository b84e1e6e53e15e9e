"""A whole bank line at once: recorded and applied in a fixed number of statements."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.ledger.queries import balance
from receivables.commands import Share, settle
from receivables.models import Allocation, OpenItem, Payment
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def paid(customer, items, amount=None):
    shares = [Share(item.pk, item.open_amount) for item in items]
    total = amount or str(sum(share.amount for share in shares))
    return given.receipt(total, customer=customer, shares=shares, base_amount=D(total))


def test_one_receipt_settles_many_items(check_deferred):
    customer = CustomerFactory()
    items = [given.debt("10.00", customer=customer) for _ in range(3)]

    (payment,) = settle([paid(customer, items, "35.00")], actor=SYSTEM)

    assert OpenItem.objects.exclude(open_amount=0).count() == 0
    assert payment.unapplied == D("5.00")
    assert balance("AR", customer.pk) == 0
    assert balance("UNAPPLIED_CASH", customer.pk) == D("-5.00")
    assert Event.objects.filter(document_type="receivables.payment").count() == 1
    assert Event.objects.get(name="payment.settled").facts["items"] == ", ".join(map(str, items))
    check_deferred()


def test_several_receipts_of_several_customers_settle_together():
    first, second = CustomerFactory(), CustomerFactory()
    debts = {c: [given.debt("10.00", customer=c) for _ in range(2)] for c in (first, second)}

    payments = settle([paid(c, items) for c, items in debts.items()], actor=SYSTEM)

    assert [p.customer_id for p in payments] == [first.pk, second.pk]
    assert Allocation.objects.count() == 4
    assert OpenItem.objects.exclude(open_amount=0).count() == 0


def test_two_receipts_for_one_item_share_it():
    customer = CustomerFactory()
    item = given.debt("100.00", customer=customer)
    receipts = [
        given.receipt(amount, customer=customer, shares=[Share(item.pk, D(amount))])
        for amount in ("55.00", "45.00")
    ]

    settle(receipts, actor=SYSTEM)

    item.refresh_from_db()
    assert item.is_settled


def test_one_wrong_receipt_leaves_nothing_of_any():
    customer = CustomerFactory()
    items = [given.debt("10.00", customer=customer) for _ in range(2)]
    wrong = given.receipt("5.00", customer=customer, shares=[Share(items[1].pk, D("10.00"))])

    with pytest.raises(RuleViolation):
        settle([paid(customer, items[:1]), wrong], actor=SYSTEM)

    assert not Payment.objects.exists()
    assert OpenItem.objects.exclude(open_amount=0).count() == 2


def test_a_bank_line_costs_the_same_for_one_item_and_for_twenty(count_statements):
    customer = CustomerFactory()
    items = [given.debt("10.00", customer=customer) for _ in range(21)]

    receipts = [paid(customer, items[:1]), paid(customer, items[1:])]
    given.payment(customer=customer)  # opens the month

    with count_statements() as one:
        settle(receipts[:1], actor=SYSTEM)
    with count_statements() as twenty:
        settle(receipts[1:], actor=SYSTEM)

    assert int(one) == int(twenty) <= 9, str(twenty)
