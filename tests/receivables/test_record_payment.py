"""Money comes in: on the customer's account, or waiting for its payer."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.models import Entry
from o2c.ledger.queries import balance
from receivables.commands import Share, record_payment
from receivables.models import Payment, PaymentState
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_money_of_a_known_payer_is_on_account(customer, check_deferred):
    payment = record_payment(given.receipt("100.00", customer=customer), actor=SYSTEM)

    assert payment.number == f"PY-{payment.pk:06d}"
    assert payment.state == PaymentState.RECEIVED
    assert payment.assigned_date == given.DUE
    assert balance("BANK") == D("100.00")
    assert balance("UNAPPLIED_CASH", customer.pk) == D("-100.00")
    check_deferred()


def test_money_of_an_unknown_payer_waits_on_the_suspense_account():
    payment = record_payment(given.receipt("100.00", payer_name="ACME?"), actor=SYSTEM)

    assert payment.state == PaymentState.UNASSIGNED
    assert balance("BANK_SUSPENSE") == D("-100.00")
    assert balance("UNAPPLIED_CASH") == 0


def test_money_paid_back_leaves_the_bank(customer):
    given.payment("30.00", customer=customer)
    receipt = given.receipt("30.00", customer=customer, direction="out")

    record_payment(receipt, actor=SYSTEM)

    assert balance("BANK") == 0
    assert balance("UNAPPLIED_CASH", customer.pk) == 0


def test_the_posting_date_may_differ_from_the_value_date(customer):
    receipt = given.receipt(
        "10.00", customer=customer, on=date(2026, 1, 31), posting_date=date(2026, 2, 2)
    )

    record_payment(receipt, actor=SYSTEM)

    assert Entry.objects.get(purpose="record").posting_date == date(2026, 2, 2)


def test_the_rate_of_the_posting_day_gives_the_base_amount():
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", date=given.DUE, rate=D("0.875"))

    payment = record_payment(
        given.receipt("80.00", customer=customer, currency="USD"), actor=SYSTEM
    )

    assert payment.base_amount == D("70.00")
    assert balance("UNAPPLIED_CASH", customer.pk, "USD") == D("-80.00")


def test_recording_says_what_came(customer):
    record_payment(given.receipt("10.00", customer=customer, reference="RE 4711"), actor=SYSTEM)

    event = Event.objects.get(name="payment.recorded")
    assert event.facts == {"amount": "10.00", "currency": "EUR", "reference": "RE 4711"}


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [("0", "EUR", "amount"), ("-1", "EUR", "amount"), ("1.001", "EUR", "amount"),
     ("1.5", "JPY", "amount"), ("1", "XTS", "currency")],
)  # fmt: skip
def test_what_is_no_amount_is_refused_beside_its_field(customer, amount, currency, field):
    with pytest.raises(RuleViolation) as refusal:
        record_payment(given.receipt(amount, customer=customer, currency=currency), actor=SYSTEM)

    assert refusal.value.field == field
    assert not Payment.objects.exists()


def test_shares_without_a_payer_are_refused(customer):
    item = given.debt("10.00", customer=customer)

    with pytest.raises(RuleViolation, match="whose money"):
        record_payment(given.receipt("10.00", shares=[Share(item.pk, D("10.00"))]), actor=SYSTEM)


def copied(payment):
    """An unsaved twin of a payment, as no command makes one."""
    twin = Payment.objects.get(pk=payment.pk)
    twin.pk, twin._state.adding = None, True
    return twin


def test_a_bank_line_becomes_one_live_payment_only(customer):
    payment = given.payment("10.00", customer=customer, bank_line_id=7)

    with pytest.raises(IntegrityError, match="bank_line_once"), transaction.atomic():
        copied(payment).save()


def test_what_a_payment_is_never_changes(customer):
    payment = given.payment("10.00", customer=customer)

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(amount=D("11.00"))


def test_not_a_number_is_no_amount_for_the_database_either(customer):
    payment = given.payment("10.00", customer=customer)

    fields = Payment._meta.concrete_fields
    columns = [f.column for f in fields if f.column not in ("id", "number", "amount")]
    names = ", ".join(columns)

    with (
        pytest.raises(IntegrityError, match="amount_positive"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO receivables_payment (amount, {names}) "
            f"SELECT 'NaN', {names} FROM receivables_payment WHERE id = %s",
            [payment.pk],
        )


def test_a_sales_clerk_may_not(customer, clerk):
    with pytest.raises(NotPermitted):
        record_payment(given.receipt("10.00", customer=customer), actor=clerk)


def test_the_same_operation_is_carried_out_once(customer):
    receipt = given.receipt("10.00", customer=customer)

    first = record_payment(receipt, actor=SYSTEM, op_id="form-1")
    again = record_payment(receipt, actor=SYSTEM, op_id="form-1")

    assert again.pk == first.pk
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"direction": "sideways"}, "“sideways” is not known here. There are: in, out"),
        ({"method": "barter"}, "“barter” is not known here. There are: transfer"),
    ],
)
def test_a_direction_or_method_there_is_none_of_is_refused(customer, wrong, sentence):
    with pytest.raises(RuleViolation, match=sentence) as refused:
        record_payment(given.receipt("1.00", customer=customer, **wrong), actor=SYSTEM)

    assert refused.value.field == next(iter(wrong))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1000000000000000"])
def test_what_is_no_amount_of_money_is_refused(customer, amount):
    with pytest.raises(RuleViolation, match="at most 15 digits") as refused:
        record_payment(given.receipt(amount, customer=customer), actor=SYSTEM)

    assert refused.value.field == "amount"
