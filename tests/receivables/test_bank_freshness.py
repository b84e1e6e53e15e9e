"""A quiet bank account holds no reminder back; one that customers pay into does."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from o2c.core import clock
from o2c.core.actors import SYSTEM
from receivables.commands import (
    Receipt,
    note_bank_data,
    propose_dunning,
    record_payment,
    reverse_payment,
)
from receivables.models import DunningExclusion, DunningNotice
from receivables.queries.dunning import bank_known_through
from receivables.rules.freshness import COLLECTING_DAYS, Feed, bank_dates, is_stale
from tests.conftest import counted_statements
from tests.factories.masters import BankAccountFactory, CurrencyFactory, CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import receivables as given
from tests.given.ledger import opened

TODAY = date(2026, 6, 30)
LONG_AGO = TODAY - timedelta(days=200)
FRESH, OLD = TODAY - timedelta(days=1), TODAY - timedelta(days=30)

days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
feeds = st.lists(st.builds(Feed, st.sampled_from(["EUR", "USD", "GBP"]), days, st.booleans()))


# -- the rule ----------------------------------------------------------------------------------


@for_all(feeds)
def test_a_quiet_account_changes_nothing_where_another_collects(known):
    collecting = [feed for feed in known if feed.collects]
    currencies = {feed.currency for feed in collecting}

    of_all = bank_dates(known).by_currency
    of_collecting = bank_dates(collecting).by_currency

    assert {currency: of_all[currency] for currency in currencies} == of_collecting


@for_all(feeds)
def test_no_account_that_collects_is_known_less_far(known):
    dates = bank_dates(known)

    assert all(dates.of(feed.currency) <= feed.through for feed in known if feed.collects)
    assert (dates.oldest is None) == (not known)


@for_all(feeds, days)
def test_the_oldest_speaks_for_a_currency_no_account_is_kept_in(known, day):
    dates = bank_dates(known)

    assert dates.of("JPY") == dates.oldest
    assert not is_stale(dates.oldest, day, None)


@pytest.mark.parametrize(
    ("age", "allowed", "stale"), [(3, 3, False), (4, 3, True), (0, 0, False), (400, None, False)]
)
def test_data_may_be_as_old_as_the_policy_says(age, allowed, stale):
    assert is_stale(TODAY - timedelta(days=age), TODAY, allowed) is stale


def test_without_any_data_everything_is_stale_unless_the_policy_does_not_ask():
    assert is_stale(None, TODAY, 3)
    assert not is_stale(None, TODAY, None)


# -- the run -----------------------------------------------------------------------------------


@pytest.fixture
def house(db):
    """A policy that wants bank data of three days, and a debt in euro."""
    with clock.at(TODAY):
        DunningPolicyFactory(bank_days=3)
        given.bank_account()
        opened(LONG_AGO)
        given.debt("100.00", due=TODAY - timedelta(days=9), number="IN-EUR")
        yield


def account(code, currency="EUR"):
    CurrencyFactory(code=currency)
    return BankAccountFactory(code=code, iban="", account_number=code, currency=currency)


def known(bank_account, through, *, paid_on=None):
    """Statements up to a day; a customer paid into the account on `paid_on`."""
    note_bank_data(bank_account.pk, through_date=through, actor=SYSTEM)
    if paid_on is None:
        return None
    receipt = Receipt(
        bank_account_id=bank_account.pk,
        amount=D(1),
        currency=bank_account.currency,
        value_date=paid_on,
        customer_id=CustomerFactory().pk,
    )
    return record_payment(receipt, actor=SYSTEM)


def reminded_of():
    propose_dunning(actor=SYSTEM)
    held = DunningExclusion.objects.filter(reason="stale_bank")
    assert not held.filter(open_item__in=DunningNotice.objects.values("open_item")).exists()
    return set(DunningNotice.objects.values_list("open_item__document_number", flat=True))


def test_a_quiet_account_does_not_hold_reminders_back(house):
    known(given.bank_account(), FRESH, paid_on=FRESH)
    known(account("DEPOSIT"), OLD)

    assert reminded_of() == {"IN-EUR"}


def test_an_account_that_stopped_collecting_long_before_its_last_statement_is_quiet(house):
    known(given.bank_account(), FRESH, paid_on=FRESH)
    known(account("OLD-BANK"), OLD, paid_on=OLD - timedelta(days=COLLECTING_DAYS))

    assert reminded_of() == {"IN-EUR"}


def test_an_account_that_collected_and_is_not_fed_any_more_holds_them_back(house):
    known(given.bank_account(), FRESH, paid_on=FRESH)
    known(account("SECOND"), LONG_AGO, paid_on=LONG_AGO)

    assert reminded_of() == set()


def test_a_reversed_payment_is_no_sign_of_collecting(house):
    known(given.bank_account(), FRESH, paid_on=FRESH)
    wrong = known(account("DEPOSIT"), OLD, paid_on=OLD)
    reverse_payment(wrong.pk, reason="not ours", actor=SYSTEM)

    assert reminded_of() == {"IN-EUR"}


def test_an_account_given_up_counts_no_more(house):
    known(given.bank_account(), FRESH, paid_on=FRESH)
    closed = account("CLOSED")
    known(closed, OLD, paid_on=OLD)
    closed.active = False
    closed.save()

    assert reminded_of() == {"IN-EUR"}


def test_before_anybody_has_paid_every_account_counts(house):
    known(given.bank_account(), FRESH)
    known(account("DEPOSIT"), OLD)

    assert reminded_of() == set()


def test_old_data_in_one_currency_says_nothing_about_another(house):
    known(given.bank_account(), FRESH, paid_on=FRESH)
    known(account("DOLLARS", "USD"), OLD)

    dates = bank_known_through()

    assert (dates.of("EUR"), dates.of("USD"), dates.of("GBP")) == (FRESH, OLD, OLD)
    assert reminded_of() == {"IN-EUR"}


def test_it_is_one_statement_however_many_accounts(house):
    for number in range(5):
        known(account(f"A{number}"), FRESH, paid_on=FRESH)

    with counted_statements() as count:
        bank_known_through()

    assert int(count) == 1
