"""A line that names what is settled, or another line's, pays nothing else without a person."""

from decimal import Decimal as D

import pytest

from o2c.core.actors import SYSTEM
from receivables.models import OpenItem, Payment
from reconciliation.commands import apply_match, apply_matches
from reconciliation.queries import in_words
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.given.reconciliation import entry, matched, owed, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def alpha():
    return owed(customer=CustomerFactory(name="Alpha"), customer_reference="PO-A-7")


@pytest.fixture
def beta():
    return owed((20, "10.00"), customer=CustomerFactory(name="Beta"), customer_reference="PO-B-8")


def shares_of(match):
    return [(str(s.open_item or s.payer.name), s.amount) for s in match.shares.order_by("pk")]


NAMES = ["{0.number} {1.number}", "{0.order.number} {1.number}", "PO-A-7, PO-B-8",
         "{0.shipment.number} and {1.shipment.number}"]  # fmt: skip


@pytest.mark.parametrize("text", NAMES)
def test_of_two_customers_one_of_whom_has_paid_already(alpha, beta, text, books_agree):
    """357.00 for Alpha's 119.00, which is settled, and Beta's 238.00."""
    paid(alpha)

    (match,) = matched(entry("357.00", text.format(alpha, beta)))

    assert (match.tier, match.payer, match.on_account) == ("possible", beta.payer, 0)
    assert shares_of(match) == [(beta.number, D("238.00")), ("Alpha", D("119.00"))]
    words = in_words(match.evidence)
    assert f"{alpha.number} is settled already." in words
    assert words[-1] == f"119.00 EUR stays on account for the customer of {alpha.number}."
    assert apply_matches(match.bank_line.statement_id, ["exact", "strong"], actor=SYSTEM) == (0, [])
    apply_match(match.pk, actor=SYSTEM)
    assert Payment.objects.get(customer=alpha.payer, allocated=0).total == D("119.00")
    books_agree()


def test_of_two_customers_one_of_whom_another_line_pays(alpha, beta):
    first, second = matched(
        entry("119.00", alpha.number), entry("357.00", f"{alpha.number} {beta.number}")
    )

    assert (first.tier, second.tier) == ("exact", "possible")
    assert f"{alpha.number} is proposed for another payment already." in in_words(second.evidence)
    assert shares_of(second) == [(beta.number, D("238.00")), ("Alpha", D("119.00"))]


def test_what_an_earlier_statement_proposes_is_gone_too(alpha, beta):
    matched(entry("119.00", alpha.number))

    (match,) = matched(entry("357.00", f"{alpha.number} {beta.number}"))

    assert (match.tier, match.payer) == ("possible", beta.payer)


def test_a_rest_that_is_not_what_is_gone_stays_with_who_pays(alpha, beta):
    paid(alpha)

    (match,) = matched(entry("250.00", f"{alpha.number} {beta.number}"))

    assert (match.tier, match.payer, match.on_account) == ("possible", beta.payer, D("12.00"))


def test_the_exact_rest_of_two_customers_is_not_exact(alpha, beta):
    paid(alpha)

    (match,) = matched(entry("238.00", f"{alpha.number} {beta.number}"))

    assert (match.tier, shares_of(match)) == ("strong", [(beta.number, D("238.00"))])


def test_of_one_customer_the_exact_rest_is_exact(alpha):
    other = owed((20, "10.00"), customer=alpha.payer)
    paid(alpha)

    (exact,) = matched(entry("238.00", f"{alpha.number} paid in May, {other.number}"))

    assert (exact.tier, shares_of(exact)) == ("exact", [(other.number, D("238.00"))])
    assert f"{alpha.number} is settled already." in in_words(exact.evidence)


def test_a_payment_of_what_is_settled_is_not_for_another_of_the_same_amount(alpha, books_agree):
    """The payer is known and 119.00 is open, but the line says which it means."""
    other = owed(customer=alpha.payer)
    paid(alpha)

    (match,) = matched(entry("119.00", alpha.number, counterparty_name="Alpha"))

    assert (match.tier, match.payer, match.on_account) == ("possible", alpha.payer, D("119.00"))
    assert in_words(match.evidence) == [
        f"{alpha.number} is settled already.",
        "The money stays on account.",
    ]
    apply_match(match.pk, actor=SYSTEM)
    assert OpenItem.objects.get(invoice=other).open_amount == D("119.00")
    books_agree()


def test_two_payments_of_what_is_settled_stay_on_account_of_each(alpha, beta, books_agree):
    paid(alpha)
    paid(beta)

    both, less = matched(
        entry("357.00", f"{alpha.number} {beta.number}"),
        entry("300.00", f"{alpha.number} {beta.number}"),
    )

    assert (both.tier, both.payer, both.on_account) == ("possible", alpha.payer, D("119.00"))
    assert shares_of(both) == [("Beta", D("238.00"))]
    assert (less.tier, less.payer) == ("none", None)
    apply_match(both.pk, actor=SYSTEM)
    books_agree()


def test_a_number_of_two_customers_is_that_of_the_one_who_pays(alpha):
    """Known by name, Alpha pays its settled RE-9 again: the open RE-9 of another is not meant."""
    given.debt("50.00", customer=alpha.payer, number="RE-9")
    (first,) = matched(entry("50.00", "RE-9"))
    apply_match(first.pk, actor=SYSTEM)
    given.debt("50.00", number="RE-9")

    (match,) = matched(entry("50.00", "RE-9", counterparty_name="Alpha"))

    assert (match.tier, match.payer, shares_of(match)) == ("possible", alpha.payer, [])


def test_the_order_of_an_invoice_that_is_settled_means_no_other_invoice():
    customer = CustomerFactory(po_policy="allow")
    first = owed(customer=customer, customer_reference="PO-77")
    owed(customer=customer, customer_reference="PO-77")
    paid(first)

    by_both, by_order = matched(entry("119.00", f"PO-77 {first.number}"), entry("119.00", "PO-77"))

    assert (by_both.tier, shares_of(by_both)) == ("possible", [])
    assert by_order.tier == "exact"
