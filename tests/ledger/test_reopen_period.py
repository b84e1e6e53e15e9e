"""reopen_period: corrections come into a closed month by another person, with a reason."""

import pytest

from o2c.core.actors import SYSTEM, SystemActor
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.ledger.commands import open_period, reopen_period
from o2c.ledger.models import Entry, Period
from tests.given.ledger import DAY, closed_period, posted

pytestmark = pytest.mark.django_db

CORINNA, BRUNO = SystemActor("corinna"), SystemActor("bruno")


def test_another_person_reopens_with_a_reason_and_it_can_be_posted_again():
    period = closed_period(by=CORINNA)

    reopen_period(period.pk, reason=" Late freight bill ", actor=BRUNO)

    period.refresh_from_db()
    assert (period.state, period.closed_by, period.entry_count) == ("open", "", None)
    assert Event.objects.get(name="period.reopened").facts == {"reason": "Late freight bill"}
    posted()
    assert Entry.objects.get().period == period


def test_who_closed_a_month_cannot_reopen_it():
    period = closed_period(by=CORINNA)

    with pytest.raises(NotPermitted, match="somebody else"):
        reopen_period(period.pk, reason="Oh", actor=CORINNA)


def test_reopening_needs_a_reason():
    period = closed_period()

    with pytest.raises(RuleViolation, match="needs a reason") as refused:
        reopen_period(period.pk, reason=" ", actor=BRUNO)

    assert refused.value.field == "reason"


def test_an_open_month_cannot_be_reopened():
    with pytest.raises(TransitionRefused, match="It is Open"):
        reopen_period(open_period(DAY, actor=SYSTEM).pk, reason="x", actor=BRUNO)


def test_the_same_operation_is_carried_out_once():
    period = closed_period(by=CORINNA)

    for _time in range(2):
        reopen_period(period.pk, reason="Late bill", actor=BRUNO, op_id="form-1")

    assert Event.objects.filter(name="period.reopened").count() == 1


def test_a_billing_clerk_may_not(biller):
    period = closed_period()

    with pytest.raises(NotPermitted, match=r"ledger\.reopen_period"):
        reopen_period(period.pk, reason="Late bill", actor=biller)

    assert Period.objects.get().state == "closed"
