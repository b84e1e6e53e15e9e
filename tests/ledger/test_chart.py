"""What the database refuses of an account."""

import pytest
from django.db import DatabaseError, IntegrityError

from o2c.ledger.models import Account, Role
from tests.factories.ledger import AccountFactory
from tests.factories.masters import BankAccountFactory
from tests.given.ledger import posted

pytestmark = pytest.mark.django_db


def test_a_role_is_played_by_one_account():
    AccountFactory(role=Role.AR)

    with pytest.raises(IntegrityError, match="ledger_account_role_once"):
        AccountFactory(role=Role.AR)


def test_an_account_with_lines_keeps_its_role():
    posted()
    account = Account.objects.get(role=Role.INVENTORY)
    account.role = None

    with pytest.raises(DatabaseError, match="its role stays"):
        account.save()


def test_only_bank_accounts_play_bank():
    with pytest.raises(IntegrityError, match="ledger_account_bank_plays_bank"):
        AccountFactory(role=Role.REVENUE, bank_account=BankAccountFactory())
