"""The pages of money paid back: what it meets, and what another person decides."""

from decimal import Decimal as D

import pytest

from receivables.models import Repayment
from tests.given import receivables as given
from tests.reading import html, urls_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

url = urls_of("receivables")


def test_a_refund_is_applied_to_the_overpayment_and_taken_back_on_the_same_pages(boss, customer):
    received = given.payment("800.00", customer=customer)
    refund = given.payment("800.00", customer=customer, direction="out")
    page = html(boss.get(url("payment_act", refund.pk, "allocate")))
    assert f"payment_{received.pk}" in page

    boss.post(
        url("payment_act", refund.pk, "allocate"),
        {f"payment_{received.pk}": "800.00", "op_id": "1"},
    )

    refund.refresh_from_db()
    assert refund.unapplied == 0
    assert str(received) in html(boss.get(refund.get_absolute_url()))
    repayment = Repayment.objects.get()
    boss.post(
        url("payment_act", refund.pk, "take_back"),
        {"allocations": [f"payment-{repayment.pk}"], "reason": "wrong", "op_id": "2"},
    )
    refund.refresh_from_db()
    assert refund.unapplied == D("800.00")


def test_a_refund_beyond_what_is_there_says_so_and_is_approved_by_a_button(boss, customer):
    refund = given.payment("50.00", customer=customer, direction="out")
    assert "Another person has to approve it" in html(boss.get(refund.get_absolute_url()))

    boss.post(url("payment_act", refund.pk, "approve"), {"op_id": "1"})

    refund.refresh_from_db()
    assert refund.state == "received"
