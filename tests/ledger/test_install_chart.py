"""install_chart: every role gets its account, once."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.ledger.commands import install_chart
from o2c.ledger.models import Account, Role
from tests.factories.ledger import AccountFactory
from tests.factories.masters import BankAccountFactory

pytestmark = pytest.mark.django_db


def test_every_role_has_an_account_and_every_bank_account_its_own():
    bank = BankAccountFactory()

    added = install_chart(actor=SYSTEM)

    roles = Account.objects.filter(bank_account=None).values_list("role", flat=True)
    assert sorted(roles) == sorted(Role.values)
    own = Account.objects.get(bank_account=bank)
    assert (own.code, own.name, own.role) == ("1001", "Bank Main account", Role.BANK)
    assert len(added) == Account.objects.count()


def test_every_account_is_on_record_with_who_added_it():
    install_chart(actor=SYSTEM)

    authors = Account.history.values_list("history_user_id", flat=True)
    assert list(authors) == ["system"] * Account.objects.count()


def test_installing_again_adds_nothing():
    BankAccountFactory()
    install_chart(actor=SYSTEM)

    assert install_chart(actor=SYSTEM) == []


def test_a_bank_account_that_came_later_gets_its_own():
    install_chart(actor=SYSTEM)
    bank = BankAccountFactory()

    (added,) = install_chart(actor=SYSTEM)

    assert (added.bank_account, added.code) == (bank, "1001")


def test_what_the_company_has_already_stays():
    own = AccountFactory(code="1200", role=Role.REVENUE, kind="income")

    install_chart(actor=SYSTEM)

    assert Account.objects.get(role=Role.REVENUE) == own
    assert Account.objects.get(role=Role.AR).code == "1201"
