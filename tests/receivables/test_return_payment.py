"""A payment that bounced: a dated event of its own, which opens again what it had settled."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.queries import balance
from receivables.commands import (
    Share,
    allocate_payment,
    assign_payer,
    return_payment,
    reverse_allocations,
    reverse_payment,
)
from receivables.models import OpenItem, Payment
from receivables.queries import AgingRequest, aging
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given
from tests.proof import assert_books_agree

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

BACK = date(2026, 2, 20)


def books_hold():
    assert_books_agree(["E3", "E8", "F1", "F2", "F3", "F5", "F12", "I1"])


def bounced(payment, **told):
    told = {"reason": "AC04 closed account", "returned_date": BACK, "actor": SYSTEM, **told}
    return return_payment(payment.pk, **told)


@pytest.fixture
def settled():
    """A debt of 119, paid on the fourth of February."""
    item = given.debt("119.00")
    payment = given.payment("119.00", customer=item.customer)
    allocate_payment(payment.pk, shares=[Share(item.pk, D("119.00"))], actor=SYSTEM)
    return item, payment


def test_it_opens_what_the_payment_had_settled(settled):
    item, payment = settled

    back = bounced(payment)

    item.refresh_from_db()
    payment.refresh_from_db()
    back.refresh_from_db()
    assert item.open_amount == D("119.00")
    assert (payment.state, payment.unapplied, back.unapplied) == ("received", 0, 0)
    assert (back.direction, back.returns, back.posting_date) == ("out", payment, BACK)
    assert balance("BANK") == 0
    assert balance("UNAPPLIED_CASH", item.customer_id) == 0
    books_hold()


def test_on_the_day_before_it_was_paid(settled):
    item, payment = settled
    bounced(payment)

    def owed(day):
        report = aging(AgingRequest(day, customer_id=item.customer_id))
        return report.totals["EUR"].balance if "EUR" in report.totals else 0

    assert (owed(date(2026, 2, 19)), owed(BACK)) == (0, D("119.00"))


def test_the_fee_of_the_bank_is_our_charge(settled):
    _item, payment = settled

    back = bounced(payment, fee=D("3.50"))

    assert back.on_bank == D("122.50")
    assert balance("BANK") == D("-3.50")
    assert balance("BANK_CHARGES") == D("3.50")
    books_hold()


def test_its_items_earn_no_discount_any_more(settled):
    item, payment = settled
    OpenItem.objects.filter(pk=item.pk).update(
        discount=D("2.38"), discount_date=date(2026, 3, 31), discount_percent=2
    )

    bounced(payment)

    item.refresh_from_db()
    assert item.discount_date == date(2026, 2, 19)
    assert item.agreed_discount_date == date(2026, 3, 31)
    again = given.payment("116.62", customer=item.customer, on=date(2026, 2, 25))
    early = [Share(item.pk, D("116.62"), D("2.38"))]
    with pytest.raises(RuleViolation, match="the discount ended on"):
        allocate_payment(again.pk, shares=early, actor=SYSTEM)


def test_in_another_currency_nothing_is_gained_or_lost():
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.8"))
    ExchangeRateFactory(known__code="USD", date=BACK, rate=D("0.9"))
    payment = given.payment("100.00", customer=customer, currency="USD", base_amount=D("85.00"))

    bounced(payment, fee=D("10.00"))

    assert balance("FX_DIFFERENCE") == 0
    books_hold()


def test_it_is_told(settled):
    _item, payment = settled

    bounced(payment)

    event = Event.objects.get(name="payment.returned", document_id=payment.pk)
    assert event.facts["reason"] == "AC04 closed account"
    handlers = " ".join(event.deliveries.values_list("handler", flat=True))
    assert "settle_orders" in handlers
    assert "refresh_credit_of_payer" in handlers


def test_it_comes_back_once(settled):
    _item, payment = settled
    back = bounced(payment)

    with pytest.raises(RuleViolation, match=f"came back as {back}"):
        bounced(payment)
    back.pk, back.id, back.bank_line_id, back._state.adding = None, None, None, True
    with pytest.raises(IntegrityError, match="returned_once"), transaction.atomic():
        back.save()


def test_what_came_back_is_neither_reversed_nor_taken_back(settled):
    _item, payment = settled
    back = bounced(payment)

    with pytest.raises(RuleViolation, match="came back as"):
        reverse_payment(payment.pk, reason="wrong", actor=SYSTEM)
    with pytest.raises(RuleViolation, match="came back as"):
        reverse_allocations(payment.pk, reason="wrong", actor=SYSTEM)
    with pytest.raises(RuleViolation, match="Reverse it, if it is wrong"):
        reverse_allocations(back.pk, reason="wrong", actor=SYSTEM)


def test_a_return_entered_by_mistake_is_reversed_with_its_fee(settled):
    _item, payment = settled
    back = bounced(payment, fee=D("3.50"))

    reverse_payment(back.pk, reason="another one bounced", actor=SYSTEM)

    payment.refresh_from_db()
    assert payment.unapplied == D("119.00")
    assert (balance("BANK"), balance("BANK_CHARGES")) == (D("119.00"), 0)
    books_hold()


def test_reversed_it_gives_the_agreed_discount_back_unless_another_payment_came_back(settled):
    item, payment = settled
    OpenItem.objects.filter(pk=item.pk).update(discount=2, discount_date=date(2026, 3, 31))
    first = bounced(payment)
    again = given.payment("119.00", customer=item.customer, on=date(2026, 2, 22))
    allocate_payment(again.pk, shares=[Share(item.pk, D("119.00"))], actor=SYSTEM)
    second = bounced(again, returned_date=date(2026, 2, 25))

    ends = []
    for back in (first, second):
        reverse_payment(back.pk, reason="wrong", actor=SYSTEM)
        item.refresh_from_db()
        ends.append((item.discount_date, item.agreed_discount_date))

    assert ends == [(date(2026, 2, 24), date(2026, 3, 31)), (date(2026, 3, 31), None)]
    books_hold()


def test_it_may_come_back_before_anybody_knew_whose_it_was():
    item, payment = given.debt("119.00"), given.payment("119.00", on=date(2026, 2, 4))
    assign_payer(
        payment.pk, customer_id=item.customer_id, assigned_date=date(2026, 2, 25), actor=SYSTEM
    )
    allocate_payment(payment.pk, shares=[Share(item.pk, D("119.00"))], actor=SYSTEM)

    back = bounced(payment)

    item.refresh_from_db()
    assert (back.posting_date, back.assigned_date) == (BACK, date(2026, 2, 25))
    assert item.open_amount == D("119.00")
    accounts = ("BANK", "BANK_SUSPENSE", "UNAPPLIED_CASH")
    assert [balance(account) for account in accounts] == [0, 0, 0]
    books_hold()
    reverse_payment(back.pk, reason="wrong", actor=SYSTEM)
    assert [balance(account) for account in accounts] == [119, 0, -119]
    books_hold()


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"reason": " "}, "Say why it came back"),
        ({"returned_date": date(2026, 2, 3)}, "It came on 4 Feb 2026"),
        ({"returned_date": date(2026, 7, 1)}, "between 1 Jan 2000 and 30 Jun 2026"),
        ({"fee": D("-1")}, "must not be below zero"),
        ({"fee": D("0.001")}, "at most 2 decimals"),
        ({"fee": D("NaN")}, "must not be below zero"),
    ],
)
def test_what_cannot_be_is_refused(settled, told, sentence):
    with pytest.raises(RuleViolation, match=sentence):
        bounced(settled[1], **told)

    assert not Payment.objects.filter(direction="out").exists()


def test_only_money_on_an_account_comes_back(settled):
    item, _payment = settled
    given.debt("-10.00", customer=item.customer)
    refund = given.payment("10.00", customer=item.customer, direction="out")
    unknown = given.payment("10.00")
    for payment, sentence in ((unknown, "Say first whose"), (refund, "no money on a customer's")):
        with pytest.raises(RuleViolation, match=sentence):
            bounced(payment)


def test_who_may_not_return_is_refused(settled, picker):
    with pytest.raises(NotPermitted):
        bounced(settled[1], actor=picker)


def test_the_page_returns_it(boss, settled):
    _item, payment = settled

    boss.post(
        f"{payment.get_absolute_url()}return/",
        {"returned_date": "2026-02-20", "reason": "no funds", "fee": "3.50", "op_id": "1"},
    )

    back = Payment.objects.get(returns=payment)
    assert back.fee == D("3.50")
    assert str(payment) in boss.get(back.get_absolute_url()).content.decode()
