"""classify_account: how risky a payer is, and how late its oldest item may be."""

import pytest

from credit.commands import classify_account
from o2c.core.errors import NotPermitted, RuleViolation
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


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"risk_class": "grim"}, "risk_class", "“grim” is no risk class. There are: low, medium"),
        ({"risk_class": ""}, "risk_class", "is no risk class"),
        ({"overdue_days_allowed": -1}, "overdue_days_allowed", "between 0 and 3650"),
        ({"overdue_days_allowed": 3651}, "overdue_days_allowed", "between 0 and 3650"),
    ],
)
def test_what_is_no_class_and_no_number_of_days_is_refused(credit_manager, given, field, sentence):
    account = CreditAccountFactory()

    with pytest.raises(RuleViolation, match=sentence) as refused:
        classify_account(
            account.pk,
            **{"risk_class": "low", "overdue_days_allowed": 1, **given},
            actor=credit_manager,
        )

    account.refresh_from_db()
    assert refused.value.field == field
    assert account.risk_class == "medium"
