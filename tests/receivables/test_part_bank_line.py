"""An entered payment leaves the bank line it was joined to."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.locks import NotFound
from receivables.commands import join_bank_line, part_bank_line
from tests.given import receivables as given

pytestmark = pytest.mark.django_db


def test_it_stays_in_the_books_without_a_line():
    payment = given.payment("10.00")
    join_bank_line(payment.pk, bank_line_id=7, actor=SYSTEM)

    part_bank_line(payment.pk, reason="another line", actor=SYSTEM)

    payment.refresh_from_db()
    assert (payment.bank_line_id, payment.unapplied) == (None, 10)


def test_what_is_on_no_line_leaves_none():
    payment = given.payment("10.00")

    with pytest.raises(NotFound, match="is on no bank line"):
        part_bank_line(payment.pk, reason="x", actor=SYSTEM)
