"""record_discounts: an invoice counts what its payers took off for paying early."""

from decimal import Decimal

import pytest
from django.db.utils import ProgrammingError

from invoicing.commands import record_discounts
from invoicing.models import Invoice
from invoicing.rules.crediting import Discount
from o2c.core.actors import SYSTEM
from tests.given.invoicing import posted_credit, posted_invoice

pytestmark = pytest.mark.django_db

D = Decimal


def test_discounts_are_counted_and_taken_back():
    invoice = posted_invoice((10, "10.00"))

    record_discounts({invoice.pk: (D("2.38"), D("0.38"))}, actor=SYSTEM)
    invoice.refresh_from_db()
    assert invoice.discount_left == Discount(D("2.00"), D("0.38"))

    record_discounts({invoice.pk: (D("-2.38"), D("-0.38"))}, actor=SYSTEM)
    invoice.refresh_from_db()
    assert invoice.discount_left == Discount(D(0), D(0))


def test_what_credit_notes_carry_is_left_no_more():
    invoice = posted_invoice((10, "10.00"))
    record_discounts({invoice.pk: (D("2.38"), D("0.38"))}, actor=SYSTEM)

    posted_credit(invoice, 4)

    invoice.refresh_from_db()
    assert invoice.discount_left == Discount(D("1.20"), D("0.23"))


def test_nothing_else_of_a_posted_invoice_moves():
    invoice = posted_invoice((10, "10.00"))

    with pytest.raises(ProgrammingError, match="Cannot update rows"):
        Invoice.objects.filter(pk=invoice.pk).update(net=D(1), gross=D(20))


def test_nothing_to_count_is_no_statement(count_statements):
    with count_statements() as count:
        record_discounts({}, actor=SYSTEM)

    assert int(count) <= 1, str(count)
