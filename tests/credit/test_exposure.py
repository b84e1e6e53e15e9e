from datetime import date
from decimal import Decimal

import pytest

from credit.queries import exposure
from o2c.core.actors import SYSTEM
from o2c.masters.models import Company
from orders import commands
from orders.commands import LineDraft
from tests.factories.masters import CustomerFactory, ExchangeRateFactory, ItemFactory
from tests.factories.orders import priced_item
from tests.given.credit import account_of, customer_with_limit, debt
from tests.given.orders import confirmed_order, quantities_of, released_order, shipped_order

pytestmark = pytest.mark.django_db


def parts(customer, **more) -> dict[str, Decimal]:
    picture = exposure(customer.pk, **more)
    return {part.part: part.amount for part in picture.exposure.parts}


def test_an_order_counts_from_its_release_with_its_gross_total():
    customer = CustomerFactory()
    books = priced_item(customer, "33.33", tax_class="reduced")
    lines = [(3, "1.11"), (7, "0.07"), (books, 3)]

    confirmed_order(customer=customer, lines=lines)
    assert parts(customer)["released_not_shipped"] == 0
    order = released_order(customer=customer, lines=lines)

    assert parts(customer)["released_not_shipped"] == order.gross


def test_every_unit_counts_in_one_part_only():
    customer = CustomerFactory()
    order = shipped_order([6], customer=customer, lines=[(10, "10")])

    assert parts(customer)["released_not_shipped"] == Decimal("47.60")
    assert parts(customer)["shipped_not_invoiced"] == Decimal("71.40")

    commands.record_invoiced(order.pk, quantities_of(order, [4]), actor=SYSTEM)
    assert parts(customer)["shipped_not_invoiced"] == Decimal("23.80")

    commands.record_returned(order.pk, quantities_of(order, [2]), actor=SYSTEM)
    assert parts(customer)["shipped_not_invoiced"] == 0


def test_a_cancelled_rest_counts_for_nothing():
    customer = CustomerFactory()
    order = shipped_order([6], customer=customer, lines=[(10, "10")])

    commands.cancel_order(order.pk, reason="enough", actor=SYSTEM)

    assert parts(customer)["released_not_shipped"] == 0
    assert parts(customer)["shipped_not_invoiced"] == Decimal("71.40")


def test_an_order_held_by_hand_after_its_release_still_counts():
    customer = CustomerFactory()
    order = released_order(customer=customer)

    commands.hold_order(order.pk, reason="wait", actor=SYSTEM)

    assert parts(customer)["released_not_shipped"] == order.gross


def test_this_order_is_taken_out_of_the_others():
    customer = CustomerFactory()
    order = released_order(customer=customer)

    seen = parts(customer, order_id=order.pk)

    assert (seen["this_order"], seen["released_not_shipped"]) == (order.gross, 0)


def test_debt_and_unapplied_cash_come_from_the_ledger():
    customer = customer_with_limit("100")
    debt(customer, "250.00")
    debt(customer, "-50.00")
    debt(customer, "-30.00", role="UNAPPLIED_CASH")

    picture = exposure(customer.pk)

    seen = {part.part: (part.amount, part.counts) for part in picture.exposure.parts}
    assert seen["receivables"] == (200, True)
    assert seen["unapplied_cash"] == (-30, False)
    assert (picture.exposure.total, picture.available) == (200, -100)
    Company.objects.update(credit_unapplied_counts=True)
    assert exposure(customer.pk).exposure.total == 170


def test_v03_an_order_in_another_currency_counts_in_the_currency_of_the_limit():
    customer = customer_with_limit("50.00")
    ExchangeRateFactory(known__code="USD", rate=Decimal("0.5"), date=date(2020, 1, 1))

    line = LineDraft(ItemFactory(tax_class="zero").code, Decimal(1), Decimal("45"), "given")
    released_order(customer=customer, currency="USD", lines=[line])

    assert exposure(customer.pk).exposure.total == Decimal("22.50")


def test_an_account_in_foreign_currency_takes_its_own_amounts_as_they_are():
    customer = customer_with_limit("1000", currency="USD")
    debt(customer, "100.00", currency="USD", base_amount="95.00")
    debt(customer, "90.00")

    picture = exposure(customer.pk)

    assert account_of(customer).currency == picture.currency == "USD"
    assert picture.exposure.total == 200


def test_the_limit_is_the_one_valid_on_the_day():
    customer = customer_with_limit("100")

    assert exposure(customer.pk).limit == 100
    assert exposure(customer.pk, on=date(2019, 12, 31)).limit is None


def test_exposure_is_one_statement(count_statements):
    customer = customer_with_limit("100")
    released_order(customer=customer, lines=[(1, "1")] * 20)

    with count_statements() as count:
        exposure(customer.pk)

    assert int(count) == 1
