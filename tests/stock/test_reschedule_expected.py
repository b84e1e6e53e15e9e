"""reschedule_expected: a delivery comes sooner or later than it was announced."""

from datetime import date, timedelta

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.locks import NotFound
from o2c.core.models import Event
from o2c.stock.commands import cancel_expected, reschedule_expected
from tests.factories.stock import ExpectedReceiptFactory

pytestmark = pytest.mark.django_db

NEW_DAY = date(2027, 1, 4)


def test_the_day_moves_and_both_days_are_on_record():
    expected = ExpectedReceiptFactory()
    before = expected.expected_date

    moved = reschedule_expected(expected.pk, NEW_DAY, actor=SYSTEM)

    assert moved.expected_date == NEW_DAY
    facts = Event.objects.get(name="expected_receipt.rescheduled").facts
    assert facts == {"before": before.isoformat(), "day": NEW_DAY.isoformat()}
    assert expected.history.latest().expected_date == NEW_DAY


def test_the_same_day_is_no_news():
    expected = ExpectedReceiptFactory(expected_date=NEW_DAY)

    reschedule_expected(expected.pk, NEW_DAY, actor=SYSTEM)

    assert not Event.objects.exists()


@pytest.mark.parametrize("how", ["cancelled", "received"])
def test_what_does_not_come_any_more_has_no_other_day(how):
    expected = ExpectedReceiptFactory()
    if how == "cancelled":
        cancel_expected(expected.pk, actor=SYSTEM)
    else:
        type(expected).objects.update(received=expected.quantity)

    with pytest.raises(RuleViolation, match="Nothing of this delivery is to come any more"):
        reschedule_expected(expected.pk, NEW_DAY + timedelta(days=1), actor=SYSTEM)


def test_who_may_not_and_what_is_not_there(clerk):
    with pytest.raises(NotPermitted, match=r"stock\.receive_goods"):
        reschedule_expected(ExpectedReceiptFactory().pk, NEW_DAY, actor=clerk)
    with pytest.raises(NotFound):
        reschedule_expected(404, NEW_DAY, actor=SYSTEM)
