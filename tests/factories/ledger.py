"""Accounts for tests. `tests.given.ledger.chart()` installs the whole chart."""

import factory
from factory.django import DjangoModelFactory

from o2c.ledger.models import Account, AccountKind


class AccountFactory(DjangoModelFactory):
    """An expense account without a role."""

    class Meta:
        model = Account

    code = factory.Sequence(lambda n: f"9{n:03d}")
    name = factory.LazyAttribute(lambda o: f"Account {o.code}")
    kind = AccountKind.EXPENSE
