"""Up to which day the movements of an account are known: it never goes back."""

from datetime import date

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from receivables.commands import note_bank_data
from receivables.models import BankFeed
from receivables.queries.dunning import bank_known_through
from tests.factories.masters import BankAccountFactory

pytestmark = pytest.mark.django_db

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)


@pytest.fixture
def account():
    return BankAccountFactory()


def known(account, through):
    note_bank_data(account.pk, through_date=through, actor=SYSTEM)
    return BankFeed.objects.get(bank_account=account)


def test_the_first_statement_is_noted(account, today, check_deferred):
    feed = known(account, MAY)

    assert (feed.through_date, feed.noted_at) == (MAY, clock.now())
    assert bank_known_through().of(account.currency) == MAY
    check_deferred()


@pytest.mark.parametrize("statements", [(MAY, JUNE), (JUNE, MAY), (JUNE, JUNE)])
def test_the_newest_day_counts_whatever_comes_last(account, statements):
    for through in statements:
        feed = known(account, through)

    assert feed.through_date == JUNE
    assert BankFeed.objects.count() == 1


def test_an_older_statement_shows_that_somebody_looked(account):
    with clock.at(MAY):
        known(account, MAY)
    with clock.at(JUNE):
        assert known(account, date(2026, 4, 30)).noted_at == clock.now()


def test_each_account_is_known_on_its_own(account):
    other = BankAccountFactory(code="SECOND", iban="", account_number="2")

    known(account, JUNE)

    assert known(other, MAY).through_date == MAY
    assert BankFeed.objects.get(bank_account=account).through_date == JUNE


def test_it_is_one_statement(account, count_statements):
    with count_statements() as count:
        note_bank_data(account.pk, through_date=MAY, actor=SYSTEM)

    assert int(count) == 1, str(count)


def test_nobody_knows_the_days_to_come(account):
    """Else one misdated statement would let reminders leave without bank data for years."""
    with pytest.raises(RuleViolation, match="Through date: 1 Jan 2062 does not lie between"):
        known(account, date(2062, 1, 1))
    assert not BankFeed.objects.exists()
