"""An entered payment is noted to be a bank line."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from receivables.commands import join_bank_line, reverse_payment
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_it_knows_its_line():
    payment = given.payment("10.00")

    join_bank_line(payment.pk, bank_line_id=7, actor=SYSTEM)

    payment.refresh_from_db()
    assert payment.bank_line_id == 7


def test_one_line_only_and_none_when_reversed():
    joined, reversed_ = given.payment("10.00"), given.payment("10.00", reference="b")
    join_bank_line(joined.pk, bank_line_id=7, actor=SYSTEM)
    reverse_payment(reversed_.pk, reason="wrong", actor=SYSTEM)

    for payment in (joined, reversed_):
        with pytest.raises(RuleViolation, match="is reversed, or is a bank line already"):
            join_bank_line(payment.pk, bank_line_id=8, actor=SYSTEM)


def test_who_records_no_payments_joins_none(picker):
    payment = given.payment("10.00")

    with pytest.raises(NotPermitted):
        join_bank_line(payment.pk, bank_line_id=7, actor=picker)
