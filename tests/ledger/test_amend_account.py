"""Changing the chart of accounts by hand: new accounts, other names, never another meaning."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, RuleViolations, StaleVersion
from o2c.ledger.commands import amend_account
from o2c.ledger.models import Account, AccountKind
from tests.factories.ledger import AccountFactory
from tests.given.ledger import chart, posted

pytestmark = pytest.mark.django_db


def account_of(role) -> Account:
    return Account.objects.get(role=role)


def test_a_new_account_is_stored_with_its_history(controller):
    made = amend_account(
        Account(code="6200", name="Freight", kind=AccountKind.EXPENSE),
        reason="we ship more",
        actor=controller,
    )

    first = made.history.get()
    assert (first.history_user_id, first.history_change_reason) == ("corinna", "we ship more")


def test_an_account_without_entries_may_change_its_role():
    chart()
    account = account_of("ROUNDING")
    account.role = None

    amend_account(account, actor=SYSTEM)

    assert not Account.objects.filter(role="ROUNDING").exists()


def test_an_account_with_entries_keeps_its_role_and_takes_another_name():
    posted()
    account = account_of("INVENTORY")
    account.role = "COGS"

    with pytest.raises(RuleViolation, match="keeps its role") as refusal:
        amend_account(account, actor=SYSTEM)

    assert refusal.value.field == "role"
    account = account_of("INVENTORY")
    account.name = "Goods on the shelf"
    amend_account(account, actor=SYSTEM)
    assert account_of("INVENTORY").name == "Goods on the shelf"


def test_one_role_is_played_by_one_account():
    chart()

    with pytest.raises((RuleViolation, RuleViolations), match="plays this role"):
        amend_account(
            Account(code="1401", name="More stock", kind=AccountKind.ASSET, role="INVENTORY"),
            actor=SYSTEM,
        )


def test_an_older_form_is_refused():
    account = AccountFactory()
    stale = Account.objects.get(pk=account.pk)
    account.name = "First"
    amend_account(account, actor=SYSTEM)

    with pytest.raises(StaleVersion):
        amend_account(stale, actor=SYSTEM)


def test_a_biller_may_not(biller):
    with pytest.raises(NotPermitted, match=r"ledger\.add_account"):
        amend_account(Account(code="1", name="Mine", kind=AccountKind.ASSET), actor=biller)
