"""install_chart: every role gets its account, once."""

import pytest
from django.db import DatabaseError, IntegrityError

from o2c.core.actors import SYSTEM
from o2c.ledger.commands import install_chart
from o2c.ledger.models import Account, Role
from tests.factories.ledger import AccountFactory
from tests.factories.masters import BankAccountFactory
from tests.given.ledger import posted

pytestmark = pytest.mark.django_db


def test_every_role_has_an_account_and_every_bank_account_its_own():
    bank = BankAccountFactory()

    install_chart(actor=SYSTEM)

    roles = Account.objects.filter(bank_account=None).values_list("role", flat=True)
    assert sorted(roles) == sorted(Role.values)
    assert Account.objects.get(bank_account=bank).name == "Bank Main account"


def test_installing_again_adds_nothing():
    BankAccountFactory()
    install_chart(actor=SYSTEM)

    assert install_chart(actor=SYSTEM) == []


def test_what_the_company_has_already_stays():
    own = AccountFactory(code="1200", role=Role.REVENUE, kind="income")

    install_chart(actor=SYSTEM)

    assert Account.objects.get(role=Role.REVENUE) == own
    assert Account.objects.get(role=Role.AR).code == "1201"


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
