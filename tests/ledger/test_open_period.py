"""open_period: a controller opens a month of the books."""

from datetime import date

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.ledger.commands import open_period
from o2c.ledger.models import Period
from tests.given.ledger import DAY, closed_period

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2026, 9, 15), 30), (date(2026, 12, 31), 31), (date(2028, 2, 1), 29)],
)
def test_a_month_reaches_from_its_first_day_to_its_last(day, last):
    period = open_period(day, actor=SYSTEM)

    assert (period.code, period.state) == (f"{day:%Y-%m}", "open")
    assert (period.start_date, period.end_date) == (day.replace(day=1), day.replace(day=last))
    assert Event.objects.get(name="period.opened").document_id == period.pk


def test_a_month_is_made_once():
    assert open_period(DAY, actor=SYSTEM) == open_period(DAY.replace(day=30), actor=SYSTEM)
    assert Period.objects.get().number == "2026-09"
    assert Event.objects.filter(name="period.opened").count() == 1


def test_a_closed_month_is_reopened_not_opened():
    closed_period()

    with pytest.raises(RuleViolation, match=r"2026-09 is closed\. Have it reopened"):
        open_period(DAY, actor=SYSTEM)
    assert Period.objects.get().state == "closed"


def test_no_month_is_opened_behind_a_closed_one():
    closed_period(date(2026, 2, 1))

    with pytest.raises(RuleViolation, match="2026-02 is closed; 2025-11, which lies before"):
        open_period(date(2025, 11, 1), actor=SYSTEM)

    assert open_period(date(2026, 3, 1), actor=SYSTEM).code == "2026-03"


@pytest.mark.parametrize("day", [date(2099, 1, 1), date(1999, 12, 31)])
def test_a_month_far_away_is_not_opened(day):
    with pytest.raises(RuleViolation, match="does not lie between 1 Jan 2000 and") as refusal:
        open_period(day, actor=SYSTEM)

    assert refusal.value.field == "day"
    assert not Period.objects.exists()


def test_a_billing_clerk_may_not(biller):
    with pytest.raises(NotPermitted, match=r"ledger\.open_period"):
        open_period(DAY, actor=biller)

    assert not Period.objects.exists()


def test_a_controller_opens_a_month_on_its_page(corinna):
    page = corinna.post("/ledger/periods/new/", {"day": "2026-09-15"})

    period = Period.objects.get()
    assert page.headers["Location"] == f"/ledger/periods/{period.pk}/"
    assert (period.code, period.state) == ("2026-09", "open")


def test_the_page_names_the_limits(corinna):
    page = corinna.post("/ledger/periods/new/", {"day": "2099-01-01"})

    assert page.status_code == 422
    assert b"A day of the month: 1 Jan 2099 does not lie between 1 Jan 2000 and" in page.content
    assert not Period.objects.exists()
