"""classify_account: how risky a payer is, and how late its oldest item may be."""

import pytest

from credit.commands import classify_account
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from tests.factories.credit import CreditAccountFactory

pytestmark = pytest.mark.django_db


def test_an_account_is_classified_on_record(credit_manager):
    account = CreditAccountFactory()

    classify_account(account.pk, risk_class="high", overdue_days_allowed=None, actor=credit_manager)

    account.refresh_from_db()
    assert (account.risk_class, account.overdue_days_allowed) == ("high", None)
    assert account.history.count() == 2
    facts = Event.objects.get(name="account.classified").facts
    assert facts == {"risk_class": "high", "overdue_days_allowed": None}


def test_a_sales_clerk_classifies_nobody(clerk):
    account = CreditAccountFactory()

    with pytest.raises(NotPermitted, match=r"credit\.classify_account"):
        classify_account(account.pk, risk_class="low", overdue_days_allowed=1, actor=clerk)

    account.refresh_from_db()
    assert account.overdue_days_allowed == 30
