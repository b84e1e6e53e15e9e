from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from credit.commands import set_limit
from credit.models import CreditLimit
from credit.queries import exposure
from credit.queries.authority import AboveAuthority
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from tests.factories.credit import CreditAccountFactory, CreditAuthorityFactory

pytestmark = pytest.mark.django_db

JAN, FEB, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def account():
    return CreditAccountFactory()


def limit(account, amount, valid_from=JAN, **more):
    more = {"reason": "known payer", **more}
    return set_limit(
        account.pk, amount=Decimal(amount), valid_from=valid_from, actor=SYSTEM, **more
    )


def limit_on(account, day):
    return exposure(account.customer_id, on=day).limit


def test_a_new_permanent_limit_ends_the_one_before_it(account):
    limit(account, "100")
    limit(account, "200", FEB)

    assert limit_on(account, date(2026, 1, 31)) == 100
    assert limit_on(account, FEB) == 200


def test_a_limit_set_twice_for_one_day_is_corrected_and_both_are_on_record(account):
    first = limit(account, "100")
    limit(account, "150")

    assert CreditLimit.objects.get().amount.amount == 150
    assert [row.amount.amount for row in first.history.order_by("history_id")] == [100, 150]


def test_a_temporary_limit_ends_by_itself(account):
    limit(account, "100")
    limit(account, "500", FEB, kind="temporary", valid_to=MARCH, reason="season")

    assert limit_on(account, MARCH) == 500
    assert limit_on(account, date(2026, 3, 2)) == 100


@pytest.mark.parametrize(
    ("amount", "more", "field"),
    [
        ("-1", {}, "amount"),
        ("0.001", {}, "amount"),
        ("NaN", {}, "amount"),
        ("1", {"kind": "temporary"}, "valid_to"),
        ("1", {"valid_to": date(2025, 1, 1)}, "valid_to"),
        ("1", {"kind": "endless"}, "kind"),
        ("1", {"reason": ""}, "reason"),
        ("1", {"reason": " \t"}, "reason"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(account, amount, more, field):
    with pytest.raises(RuleViolation) as refused:
        limit(account, amount, **more)

    assert refused.value.field == field
    assert not CreditLimit.objects.exists()


def test_two_temporary_limits_at_once_are_refused_by_command_and_database(account):
    limit(account, "1", kind="temporary", valid_to=MARCH)

    with pytest.raises(RuleViolation, match="Another limit"):
        limit(account, "2", FEB, kind="temporary", valid_to=MARCH)
    with pytest.raises(IntegrityError, match="credit_limit_no_overlap"), transaction.atomic():
        CreditLimit.objects.create(
            account=account,
            kind="temporary",
            amount=Decimal(2),
            currency="EUR",
            valid_from=FEB,
            valid_to=MARCH,
            approved_by="x",
        )


def test_a_limit_above_the_actors_authority_is_refused(account, credit_manager):
    CreditAuthorityFactory(amount=Decimal(1000))

    with pytest.raises(AboveAuthority):
        set_limit(account.pk, amount=Decimal(1001), reason="known payer", actor=credit_manager)
    set_limit(account.pk, amount=Decimal(1000), reason="known payer", actor=credit_manager)

    event = Event.objects.get(name="account.limit_set")
    assert (event.actor, event.facts["amount"]) == ("chris", "1000.00")


def test_a_sales_clerk_sets_no_limit(account, clerk):
    with pytest.raises(NotPermitted):
        set_limit(account.pk, amount=Decimal(1), reason="known payer", actor=clerk)
