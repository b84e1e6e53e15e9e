"""set_authority: up to which amount a role decides about credit."""

from decimal import Decimal

import pytest

from credit.commands import set_authority
from credit.models import CreditAuthority
from credit.queries.authority import authority_of
from o2c.core.errors import NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ceiling", [Decimal("5000.00"), Decimal(0), None])
def test_a_role_decides_up_to_its_ceiling(ceiling, controller, credit_manager):
    assert authority_of(credit_manager) == (False, None)

    set_authority("credit manager", ceiling, actor=controller)

    assert authority_of(credit_manager) == (True, ceiling)


def test_a_later_ceiling_takes_the_place_of_the_first(controller):
    first = set_authority("credit manager", Decimal(5000), actor=controller)

    second = set_authority("credit manager", Decimal(100), actor=controller)

    assert second == first
    assert CreditAuthority.objects.get().amount == 100


def test_a_role_that_does_not_exist_gets_none(controller):
    with pytest.raises(RuleViolation, match="There is no role “king”") as refused:
        set_authority("king", None, actor=controller)

    assert refused.value.field == "role"


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "1000000000000"])
def test_what_is_no_amount_is_refused(amount, controller):
    with pytest.raises(RuleViolation, match="zero or more") as refused:
        set_authority("credit manager", Decimal(amount), actor=controller)

    assert refused.value.field == "amount"
    assert not CreditAuthority.objects.exists()


def test_who_decides_does_not_set_the_ceiling(credit_manager):
    with pytest.raises(NotPermitted, match=r"credit\.set_authority"):
        set_authority("credit manager", None, actor=credit_manager)

    assert not CreditAuthority.objects.exists()
