"""Using a payment for open items: to the cent, in the books, dated twice."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.models import Line
from o2c.ledger.queries import balance
from receivables.commands import Share, allocate_payment
from receivables.models import Allocation
from tests.factories.masters import CustomerFactory
from tests.given import ledger as given_ledger
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_a_short_payment_leaves_the_rest_open(customer, check_deferred):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("55.00", customer=customer)

    allocate_payment(payment.pk, shares=[Share(item.pk, D("55.00"))], actor=SYSTEM)

    item.refresh_from_db()
    payment.refresh_from_db()
    assert (item.open_amount, item.base_open) == (D("45.00"), D("45.00"))
    assert (payment.allocated, payment.unapplied) == (D("55.00"), 0)
    check_deferred()


def test_an_over_payment_stays_on_account(customer):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("110.00", customer=customer)

    allocate_payment(payment.pk, shares=[Share(item.pk, D("100.00"))], actor=SYSTEM)

    item.refresh_from_db()
    payment.refresh_from_db()
    assert item.is_settled
    assert payment.unapplied == D("10.00")
    assert balance("UNAPPLIED_CASH", customer.pk) == D("-10.00")
    assert balance("AR", customer.pk) == 0


def test_several_payments_settle_one_item_in_parts(customer):
    item = given.debt("200.00", customer=customer)

    for amount in ("55.00", "35.00"):
        payment = given.payment(amount, customer=customer)
        allocate_payment(payment.pk, shares=[Share(item.pk, D(amount))], actor=SYSTEM)

    item.refresh_from_db()
    assert item.open_amount == D("110.00")
    assert not item.is_settled


def test_the_allocation_counts_from_the_later_of_both_documents(customer):
    item = given.debt("100.00", customer=customer, posted=date(2026, 3, 10))
    deposit = given.payment("40.00", customer=customer, on=date(2026, 2, 1))

    allocate_payment(deposit.pk, shares=[Share(item.pk, D("40.00"))], actor=SYSTEM)

    allocation = Allocation.objects.get()
    assert allocation.effective_date == date(2026, 3, 10)
    assert allocation.entry.posting_date == date(2026, 3, 10)


def test_a_later_effective_date_may_be_chosen_but_no_earlier_one(customer):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("100.00", customer=customer)
    shares = [Share(item.pk, D("30.00"))]

    with pytest.raises(RuleViolation, match="at the earliest"):
        allocate_payment(
            payment.pk,
            shares=shares,
            effective_date=given.DUE - timedelta(days=1),
            actor=SYSTEM,
        )
    allocate_payment(payment.pk, shares=shares, effective_date=date(2026, 5, 1), actor=SYSTEM)

    assert Allocation.objects.get().effective_date == date(2026, 5, 1)


def test_a_closed_month_sends_the_allocation_into_the_next_open_one(customer):
    item = given.debt("100.00", customer=customer, posted=date(2026, 1, 5))
    payment = given.payment("100.00", customer=customer, on=date(2026, 1, 20))
    given_ledger.closed_period(date(2026, 1, 20))

    allocate_payment(payment.pk, shares=[Share(item.pk, D("100.00"))], actor=SYSTEM)

    allocation = Allocation.objects.get()
    assert allocation.effective_date == date(2026, 2, 1)
    assert allocation.entry.posting_date == date(2026, 2, 1)


def test_dates_in_two_months_are_two_entries_with_their_own_items(customer):
    early = given.debt("10.00", customer=customer, posted=date(2026, 1, 5))
    late = given.debt("20.00", customer=customer, posted=date(2026, 3, 5))
    payment = given.payment("30.00", customer=customer, on=date(2026, 2, 1))
    shares = [Share(late.pk, D("20.00")), Share(early.pk, D("10.00"))]

    allocate_payment(payment.pk, shares=shares, actor=SYSTEM)

    by_item = {a.open_item_id: a for a in Allocation.objects.select_related("entry")}
    assert by_item[early.pk].entry.posting_date == date(2026, 2, 1)
    assert by_item[late.pk].entry.posting_date == date(2026, 3, 5)


def test_money_paid_back_settles_a_credit(customer):
    credit = given.debt("-50.00", customer=customer)
    paid_back = given.payment("50.00", customer=customer, direction="out")

    allocate_payment(paid_back.pk, shares=[Share(credit.pk, D("50.00"))], actor=SYSTEM)

    credit.refresh_from_db()
    assert credit.is_settled
    assert balance("AR", customer.pk) == 0
    assert balance("UNAPPLIED_CASH", customer.pk) == 0
    assert balance("BANK") == D("-50.00")


def test_the_event_names_the_sums_and_the_documents(customer):
    item = given.debt("100.00", customer=customer, number="INV-77")
    payment = given.payment("55.00", customer=customer)

    allocate_payment(payment.pk, shares=[Share(item.pk, D("55.00"))], actor=SYSTEM)

    event = Event.objects.get(name="payment.allocated")
    assert event.facts["items"] == "INV-77"
    assert "55.00" in event.facts["applied"]


def test_the_number_of_statements_does_not_grow_with_the_items(customer, count_statements):
    items = [given.debt("10.00", customer=customer) for _ in range(12)]
    few, many = (given.payment("100.00", customer=customer) for _ in range(2))

    with count_statements() as one:
        allocate_payment(few.pk, shares=[Share(items[0].pk, D("10.00"))], actor=SYSTEM)
    with count_statements() as ten:
        shares = [Share(item.pk, D("10.00")) for item in items[1:11]]
        allocate_payment(many.pk, shares=shares, actor=SYSTEM)

    assert int(ten) == int(one) <= 9, str(ten)


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("100.01", "more than the 100.00"),
        ("0", "must be above zero"),
        ("-5.00", "must be above zero"),
        ("10.001", "at most 2 decimals"),
    ],
)
def test_wrong_amounts_are_refused_with_the_numbers(customer, amount, sentence):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("500.00", customer=customer)

    with pytest.raises(RuleViolation, match=sentence):
        allocate_payment(payment.pk, shares=[Share(item.pk, D(amount))], actor=SYSTEM)

    assert not Allocation.objects.exists()


def test_every_wrong_row_is_named_at_once(customer):
    mine, theirs = given.debt("10.00", customer=customer), given.debt("10.00")
    payment = given.payment("5.00", customer=customer)
    shares = [Share(mine.pk, D("10.00")), Share(theirs.pk, D("10.00")), Share(0, D("1.00"))]

    with pytest.raises(RuleViolation) as refusal:
        allocate_payment(payment.pk, shares=shares, actor=SYSTEM)

    problems = [(error.row, str(error)) for error in refusal.value.errors]
    assert problems[0][0] == 1
    assert "another customer" in problems[0][1]
    assert problems[1] == (2, "There is no open item 0 to be settled with this.")
    assert "only 5.00" in problems[2][1].replace("\N{NO-BREAK SPACE}", " ")


def test_an_item_in_another_currency_is_refused(customer):
    item = given.debt("10.00", customer=CustomerFactory(currency="USD"), currency="USD")
    payment = given.payment("10.00", customer=item.customer)

    with pytest.raises(RuleViolation, match="is in USD and cannot be settled in EUR"):
        allocate_payment(payment.pk, shares=[Share(item.pk, D("10.00"))], actor=SYSTEM)


def test_a_payment_whose_payer_is_unknown_is_not_applied(customer):
    item = given.debt("10.00", customer=customer)
    payment = given.payment("10.00")

    with pytest.raises(RuleViolation, match="say first whose money it is"):
        allocate_payment(payment.pk, shares=[Share(item.pk, D("10.00"))], actor=SYSTEM)


def test_nothing_is_applied_twice(customer):
    item = given.debt("100.00", customer=customer)
    payment = given.payment("100.00", customer=customer)
    shares = [Share(item.pk, D("100.00"))]
    allocate_payment(payment.pk, shares=shares, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="Take back what it was applied to"):
        allocate_payment(payment.pk, shares=shares, actor=SYSTEM)

    assert Allocation.objects.count() == 1


def test_a_sales_clerk_may_not(customer, clerk):
    item = given.debt("10.00", customer=customer)
    payment = given.payment("10.00", customer=customer)

    with pytest.raises(NotPermitted):
        allocate_payment(payment.pk, shares=[Share(item.pk, D("10.00"))], actor=clerk)


# -- currencies -------------------------------------------------------------------------------


def dollars(amount, rate):
    """A USD debt posted at a rate."""
    customer = CustomerFactory(currency="USD")
    from tests.factories.masters import ExchangeRateFactory

    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D(rate))
    return given.debt(amount, customer=customer, currency="USD")


def pay_dollars(item, amount, brought):
    payment = given.payment(amount, customer=item.customer, currency="USD", base_amount=D(brought))
    allocate_payment(payment.pk, shares=[Share(item.pk, D(amount))], actor=SYSTEM)
    item.refresh_from_db()
    return Allocation.objects.latest("pk")


def test_a_better_rate_is_a_gain_in_base_currency_only(check_deferred):
    item = dollars("100.00", "50")

    allocation = pay_dollars(item, "100.00", "5500.00")

    assert (item.open_amount, item.base_open) == (0, 0)
    assert allocation.exchange_difference == D("500.00")
    difference = Line.objects.get(account__role="FX_DIFFERENCE")
    assert (difference.amount, difference.base_amount) == (0, D("-500.00"))
    check_deferred()


def test_a_worse_rate_is_a_loss_and_the_rest_stays_open():
    item = dollars("100.00", "50")

    allocation = pay_dollars(item, "20.00", "900.00")

    assert (item.open_amount, item.base_open) == (D("80.00"), D("4000.00"))
    assert allocation.exchange_difference == D("-100.00")
    assert balance("FX_DIFFERENCE") == D("100.00")


def test_an_advance_of_half_at_another_rate_realises_the_difference_once():
    item = dollars("200.00", "8")

    allocation = pay_dollars(item, "100.00", "600.00")

    assert item.open_amount == D("100.00")
    assert allocation.exchange_difference == D("-200.00")


def test_parts_at_crooked_rates_leave_nothing_behind_in_base_currency():
    item = dollars("100.00", "0.912345")

    for amount in ("33.33", "33.33", "33.34"):
        pay_dollars(item, amount, str(round(D(amount) * D("0.9"), 2)))

    assert (item.open_amount, item.base_open) == (0, 0)
    assert balance("AR", item.customer_id) == 0
    assert balance("AR", item.customer_id, "USD") == 0
