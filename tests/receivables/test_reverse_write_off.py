"""The money came after all: what was given up is owed again, by the exact mirror, once."""

from datetime import date
from decimal import Decimal as D

import pytest

from o2c.core import clock
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.commands import PeriodClosed
from o2c.ledger.queries import balance
from receivables.commands import approve_write_off, reverse_write_off
from receivables.models import Allocation, WriteOff, WriteOffState
from tests.factories.masters import CustomerFactory, ExchangeRateFactory
from tests.given import ledger as given_ledger
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def written_off(amount="100.00", **fields):
    request = given.requested_write_off(given.debt("100.00", **fields), amount)
    return approve_write_off(request.pk, posting_date=date(2026, 3, 1), actor=given.ANOTHER)


def last_day():
    return Allocation.objects.get(reverses__isnull=False).effective_date


def test_it_is_owed_again(controller, check_deferred):
    write_off = written_off()

    with clock.at(date(2027, 1, 9)):
        reverse_write_off(write_off.pk, reason="paid after all", actor=controller)

    item = write_off.open_item
    item.refresh_from_db()
    write_off.refresh_from_db()
    assert (item.open_amount, write_off.state) == (D("100.00"), WriteOffState.REVERSED)
    assert (balance("WRITE_OFF"), balance("AR", item.customer_id)) == (0, D("100.00"))
    rows = Allocation.objects.filter(write_off=write_off).order_by("pk")
    assert [row.amount for row in rows] == [D("100.00"), D("-100.00")]
    assert last_day() == date(2027, 1, 9)
    event = Event.objects.get(name="write_off.reversed")
    assert event.facts == {"reason": "paid after all"}
    check_deferred()


def test_another_currency_is_mirrored_to_the_cent(check_deferred):
    ExchangeRateFactory(known__code="USD", date=given.POSTED, rate=D("0.9123"))
    write_off = written_off("33.33", customer=CustomerFactory(currency="USD"), currency="USD")

    reverse_write_off(write_off.pk, reason="paid after all", actor=given.ANOTHER)

    item = write_off.open_item
    item.refresh_from_db()
    assert (item.open_amount, item.base_open) == (item.original, item.base_original)
    assert (balance("WRITE_OFF"), balance("FX_DIFFERENCE")) == (0, 0)
    check_deferred()


@pytest.mark.parametrize(
    ("wanted", "day"),
    [(date(2026, 5, 5), date(2026, 5, 5)), (date(2026, 2, 1), date(2026, 3, 1))],
)
def test_it_ends_on_the_day_wanted_and_never_before_it_began(wanted, day):
    reverse_write_off(written_off().pk, reason="x", effective_date=wanted, actor=given.ANOTHER)

    assert last_day() == day


def test_nothing_is_posted_into_a_closed_month():
    write_off = written_off()
    for month in (1, 2, 3):
        given_ledger.closed_period(date(2026, month, 1))

    with pytest.raises(PeriodClosed):
        reverse_write_off(
            write_off.pk, reason="x", effective_date=date(2026, 3, 9), actor=given.ANOTHER
        )

    assert WriteOff.objects.get().state == WriteOffState.APPROVED


def test_it_is_taken_back_once():
    write_off = written_off()
    reverse_write_off(write_off.pk, reason="paid after all", actor=given.ANOTHER)

    with pytest.raises(TransitionRefused, match="It is reversed"):
        reverse_write_off(write_off.pk, reason="again", actor=given.ANOTHER)

    assert Allocation.objects.count() == 2


def test_a_mere_request_is_not_taken_back():
    request = given.requested_write_off(given.debt("100.00"))

    with pytest.raises(TransitionRefused, match="It is waiting for approval"):
        reverse_write_off(request.pk, reason="x", actor=given.ANOTHER)


def test_who_may_ask_may_not_take_back(collector):
    with pytest.raises(NotPermitted):
        reverse_write_off(written_off().pk, reason="x", actor=collector)


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_why_it_is_owed_again(blank):
    write_off = written_off()

    with pytest.raises(RuleViolation, match="Say why") as refused:
        reverse_write_off(write_off.pk, reason=blank, actor=given.ANOTHER)

    assert refused.value.field == "reason"
    assert WriteOff.objects.get().state == WriteOffState.APPROVED
