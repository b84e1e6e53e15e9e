"""Money paid back meets the overpayment it repays, and more than there is needs two people."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given as for_all
from hypothesis.strategies import decimals

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.ledger.queries import balance
from receivables.commands import (
    PaymentShare,
    Share,
    allocate_oldest_first,
    allocate_payment,
    discard_dunning_run,
    propose_dunning,
    reverse_allocations,
    reverse_payment,
    settle,
)
from receivables.models import DunningExclusion, DunningNotice, Repayment
from receivables.queries import AgingRequest, aging, unapplied_as_of
from receivables.queries.dunning import cover
from receivables.rules.allocation import beyond_cover
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given
from tests.proof import assert_books_agree

pytestmark = pytest.mark.django_db


def books_hold():
    assert_books_agree(["E3", "E8", "F2", "F3", "F5", "F12"])


@pytest.fixture
def overpaid(customer):
    return given.payment("800.00", customer=customer)


def test_a_refund_meets_the_overpayment_it_repays(customer, overpaid):
    refund = given.paid_out("800.00", customer)

    allocate_payment(refund.pk, payments=[PaymentShare(overpaid.pk, D("800.00"))], actor=SYSTEM)

    overpaid.refresh_from_db()
    refund.refresh_from_db()
    assert (overpaid.unapplied, refund.unapplied) == (0, 0)
    assert balance("UNAPPLIED_CASH", customer.pk) == 0
    books_hold()


def test_the_invoice_that_the_money_covered_is_reminded_again(today, customer):
    DunningPolicyFactory()
    item = given.late(15, customer=customer)
    given.payment("800.00", customer=customer)
    covered = propose_dunning(actor=SYSTEM)
    assert DunningExclusion.objects.get(run=covered).reason == "covered"
    discard_dunning_run(covered.pk, reason="look again", actor=SYSTEM)

    given.paid_out("800.00", customer)  # not applied to anything yet

    again = propose_dunning(actor=SYSTEM)
    assert list(DunningNotice.objects.filter(letter__run=again).values_list("open_item")) == [
        (item.pk,)
    ]


def test_cover_counts_both_directions(customer, overpaid):
    given.debt("-50.00", customer=customer)
    given.paid_out("300.00", customer)

    assert cover([customer.pk])[customer.pk, "EUR"] == D("550.00")


def test_one_refund_repays_a_credit_and_money_on_account(customer):
    credit = given.debt("-300.00", customer=customer)
    money = given.payment("500.00", customer=customer)
    refund = given.paid_out("800.00", customer)

    allocate_payment(
        refund.pk,
        shares=[Share(credit.pk, D("300.00"))],
        payments=[PaymentShare(money.pk, D("500.00"))],
        actor=SYSTEM,
    )

    refund.refresh_from_db()
    credit.refresh_from_db()
    assert (refund.unapplied, credit.open_amount) == (0, 0)
    books_hold()


def test_the_oldest_first_takes_credits_then_money_on_account(customer):
    credit = given.debt("-300.00", customer=customer)
    money = given.payment("700.00", customer=customer)
    refund = given.paid_out("800.00", customer)

    allocate_oldest_first(refund.pk, actor=SYSTEM)

    credit.refresh_from_db()
    money.refresh_from_db()
    assert (credit.open_amount, money.unapplied) == (0, D("200.00"))


def test_money_received_can_be_told_what_repaid_it(customer, overpaid):
    refund = given.paid_out("300.00", customer)

    allocate_payment(overpaid.pk, payments=[PaymentShare(refund.pk, D("300.00"))], actor=SYSTEM)

    refund.refresh_from_db()
    assert refund.unapplied == 0
    assert Repayment.objects.get().received == overpaid


def test_the_exchange_difference_is_posted(check_deferred):
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.8"))
    money = given.payment("100.00", customer=customer, currency="USD", base_amount=D("90.00"))
    refund = given.paid_out("100.00", customer, currency="USD", base_amount=D("95.00"))

    allocate_payment(refund.pk, payments=[PaymentShare(money.pk, D("100.00"))], actor=SYSTEM)

    assert Repayment.objects.get().exchange_difference == D("-5.00")
    books_hold()
    check_deferred()


def test_taking_back_leaves_both_as_they_were(customer, overpaid):
    refund = given.paid_out("800.00", customer)
    allocate_oldest_first(refund.pk, actor=SYSTEM)

    reverse_allocations(overpaid.pk, reason="another payment was meant", actor=SYSTEM)

    overpaid.refresh_from_db()
    refund.refresh_from_db()
    assert (overpaid.unapplied, refund.unapplied) == (D("800.00"), D("800.00"))
    assert Repayment.objects.count() == 2
    books_hold()


def test_one_of_two_repayments_is_taken_back(customer, overpaid):
    refunds = [given.paid_out("300.00", customer), given.paid_out("500.00", customer)]
    for refund in refunds:
        allocate_oldest_first(refund.pk, actor=SYSTEM)
    first = Repayment.objects.get(paid=refunds[0])

    reverse_allocations(overpaid.pk, repayment_ids=[first.pk], reason="wrong", actor=SYSTEM)

    overpaid.refresh_from_db()
    assert overpaid.unapplied == D("300.00")
    with pytest.raises(RuleViolation, match="already taken back"):
        reverse_allocations(overpaid.pk, repayment_ids=[first.pk], reason="wrong", actor=SYSTEM)


def test_a_reversed_refund_gives_the_money_back_to_the_account(customer, overpaid):
    refund = given.paid_out("800.00", customer)
    allocate_oldest_first(refund.pk, actor=SYSTEM)

    reverse_payment(refund.pk, reason="it never left", actor=SYSTEM)

    overpaid.refresh_from_db()
    assert overpaid.unapplied == D("800.00")
    assert balance("UNAPPLIED_CASH", customer.pk) == D("-800.00")
    books_hold()


def test_the_aging_of_the_day_before_knows_nothing_of_it(customer, overpaid):
    refund = given.paid_out("800.00", customer, on=date(2026, 3, 1))
    allocate_oldest_first(refund.pk, actor=SYSTEM)

    before = AgingRequest(date(2026, 2, 28), customer_id=customer.pk)
    assert unapplied_as_of(before) == {overpaid.pk: D("800.00")}
    assert aging(before).totals["EUR"].unapplied == D("-800.00")
    assert unapplied_as_of(AgingRequest(date(2026, 3, 1), customer_id=customer.pk)) == {}


@pytest.mark.parametrize(
    ("other", "amount", "sentence"),
    [
        ({}, "100.00", "another customer's"),
        ({"direction": "in"}, "100.00", "went the same way"),
        ({"currency": "USD"}, "100.00", "is in USD"),
        ({}, "0.00", "above zero"),
        ({}, "1.005", "at most 2 decimals"),
        ({}, "100.01", "more than the 100.00"),
    ],
)
def test_what_does_not_fit_is_refused(customer, overpaid, other, amount, sentence):
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.8"))
    theirs = CustomerFactory() if "another" in sentence else customer
    given.payment("1000.00", customer=theirs, currency=other.get("currency", "EUR"))
    met = given.payment("100.00", customer=theirs, **{"direction": "out", **other})

    with pytest.raises(RuleViolation) as refused:
        allocate_payment(overpaid.pk, payments=[PaymentShare(met.pk, D(amount))], actor=SYSTEM)

    assert sentence in str(refused.value).replace("\N{NO-BREAK SPACE}", " ")
    assert not Repayment.objects.exists()


def test_the_database_joins_payments_of_one_customer_only(customer, overpaid):
    refund = given.paid_out("800.00", customer)
    other = CustomerFactory()
    row = Repayment(
        received=overpaid, paid=refund, customer=other, currency="EUR", amount=1,
        base_received=1, base_paid=1, effective_date=given.DUE, recorded_by="x",
    )  # fmt: skip

    with pytest.raises(IntegrityError, match="account"), transaction.atomic():
        row.save()


def test_two_refunds_of_the_same_money_need_approval(customer, overpaid):
    given.paid_out("800.00", customer)

    assert given.paid_out("800.00", customer).beyond == D("800.00")


def test_within_two_receipts_the_second_counts_the_first(customer, overpaid):
    receipts = [given.receipt("500.00", customer=customer, direction="out") for _ in range(2)]

    first, second = settle(receipts, actor=SYSTEM)

    assert (first.beyond, second.beyond) == (0, D("200.00"))


def test_refunds_of_several_customers_are_recorded_together():
    customers = [CustomerFactory(), CustomerFactory()]
    for customer in customers:
        given.debt("-50.00", customer=customer)
    receipts = [given.receipt("50.00", customer=who, direction="out") for who in customers]

    assert [payment.beyond for payment in settle(receipts, actor=SYSTEM)] == [0, 0]


money = decimals(0, 10**9, places=2)


@for_all(money, decimals(-(10**9), 10**9, places=2))
def test_beyond_is_what_is_not_covered(amount, cover):
    beyond = beyond_cover(amount, cover)

    assert 0 <= beyond <= amount
    assert beyond == 0 or amount - beyond == max(cover, 0)
    assert beyond > 0 or amount <= max(cover, 0) or amount == 0
