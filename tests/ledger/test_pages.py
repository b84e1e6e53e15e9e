"""The pages of the money book."""

from datetime import date

import pytest
from django.urls import reverse

from o2c.core.actors import SystemActor
from o2c.core.models import User
from o2c.ledger.commands import open_period, reverse_entry
from o2c.ledger.models import Account, Entry, Period
from tests.factories.ledger import AccountFactory
from tests.given.ledger import DAY, chart, closed_period, posted
from tests.web_budget import assert_list_budget

pytestmark = pytest.mark.django_db


def test_the_trial_balance_counts_the_span_that_was_asked_for(boss):
    posted()

    def rows(**span):
        page = boss.get(reverse("ledger:trial_balance"), span)
        assert page.status_code == 200
        return {row.role: row for row in page.context["listing"].page.rows}

    assert (rows()["INVENTORY"].debit, rows()["INVENTORY"].closing) == (100, 100)
    october = rows(posted_from="2026-10-01")["INVENTORY"]
    assert (october.opening, october.debit, october.closing) == (100, 0, 100)
    assert rows(posted_to="2026-08-31")["INVENTORY"].closing == 0
    assert rows(posted_from="rubbish")["INVENTORY"].closing == 100


def test_an_entry_shows_its_lines_and_its_reversal(boss):
    entry = posted()
    mirror = reverse_entry(
        entry.pk, DAY, source=("masters.company", 1), purpose="undo", actor=SystemActor("x")
    )

    page = boss.get(reverse("ledger:entry_detail", args=[entry.pk])).content.decode()

    assert "Inventory" in page
    assert mirror.number in page
    assert "100.00" in page


def test_an_account_shows_what_was_posted_to_it(boss):
    entry = posted()
    account = Account.objects.get(role="INVENTORY")

    page = boss.get(reverse("ledger:account_detail", args=[account.pk])).content.decode()

    assert entry.number in page


def test_an_account_is_added_and_changed_with_its_history(boss):
    chart()
    fields = {"code": "7000", "name": "Sundry", "kind": "expense", "role": "", "active": "on"}

    boss.post(reverse("ledger:account_new"), fields)
    account = Account.objects.get(code="7000")
    edit = reverse("ledger:account_edit", args=[account.pk])
    boss.post(edit, {**fields, "name": "Other costs", "version": 1, "reason": "Clearer"})

    account.refresh_from_db()
    assert (account.name, account.role, account.version) == ("Other costs", None, 2)
    assert account.history.first().history_change_reason == "Clearer"


def test_a_used_account_keeps_its_role(boss):
    posted()
    account = Account.objects.get(role="INVENTORY")
    fields = {"code": account.code, "name": account.name, "kind": "asset", "active": "on"}

    answer = boss.post(
        reverse("ledger:account_edit", args=[account.pk]), {**fields, "role": "", "version": 1}
    )

    assert answer.status_code == 422
    assert "keeps its role" in answer.content.decode()


def test_a_second_account_for_a_role_is_refused(boss):
    chart()
    fields = {"code": "7000", "name": "Twin", "kind": "asset", "role": "AR", "active": "on"}

    answer = boss.post(reverse("ledger:account_new"), fields)

    assert answer.status_code == 422
    assert "Another account plays this role" in answer.content.decode()


def test_a_month_is_closed_after_a_question(boss):
    posted()
    period = Period.objects.get()
    close = reverse("ledger:period_act", args=[period.pk, "close"])

    assert "Nothing can be posted" in boss.get(close).content.decode()
    answer = boss.post(close)

    assert (answer.status_code, answer.url) == (303, period.get_absolute_url())
    assert Period.objects.get().state == "closed"


def test_a_month_is_reopened_by_somebody_else_with_a_reason(boss):
    posted()
    period = closed_period(by=SystemActor("corinna"))
    reopen = reverse("ledger:period_act", args=[period.pk, "reopen"])

    assert boss.post(reopen, {"reason": ""}).status_code == 422
    assert boss.post(reopen, {"reason": "Late bill"}).status_code == 303
    assert Period.objects.get().state == "open"


def test_who_closed_a_month_is_told_that_another_must_reopen_it(boss):
    posted()
    period = closed_period(by=User.objects.get(username="boss"))

    answer = boss.post(reverse("ledger:period_act", args=[period.pk, "reopen"]), {"reason": "Oh"})

    assert answer.status_code == 403
    assert "somebody else" in answer.content.decode()


PAGES = ["trial_balance", "account_list", "account_new", "entry_list", "period_list"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_for_who_may_see_it(boss, name):
    posted()

    assert boss.get(reverse(f"ledger:{name}")).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stays_shut_for_who_may_not(visitor, name):
    assert visitor.get(reverse(f"ledger:{name}")).status_code == 403


@pytest.mark.parametrize("name", ["account_detail", "entry_detail", "period_detail"])
def test_single_pages_open_and_stay_shut(boss, visitor, name):
    entry = posted()
    pk = {"account_detail": Account.objects.first().pk, "entry_detail": entry.pk}
    url = reverse(f"ledger:{name}", args=[pk.get(name, entry.period_id)])

    assert boss.get(url).status_code == 200
    assert visitor.get(url).status_code == 403


def test_the_lists_keep_their_budget(boss):
    chart()

    def more(count):
        start = Entry.objects.count()
        for nr in range(start, start + count):
            posted(purpose=f"nr {nr}")

    assert_list_budget(boss, reverse("ledger:entry_list"), more)


@pytest.mark.parametrize("name", ["trial_balance", "account_list"])
def test_the_lists_of_accounts_keep_their_budget(boss, name):
    chart()

    assert_list_budget(boss, reverse(f"ledger:{name}"), AccountFactory.create_batch)


def test_the_list_of_periods_keeps_its_budget(boss):
    chart()

    def months(count):
        known = Period.objects.count()
        for nr in range(known, known + count):
            open_period(date(2005 + nr // 12, nr % 12 + 1, 1), actor=SystemActor("x"))

    assert_list_budget(boss, reverse("ledger:period_list") + "?tab=all", months)
