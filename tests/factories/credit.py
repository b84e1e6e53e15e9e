"""Credit accounts and authorities for tests."""

import factory
from factory.django import DjangoModelFactory

from credit.commands import open_account
from credit.models import CreditAccount, CreditAuthority
from o2c.core.actors import SYSTEM
from tests.factories.masters import CustomerFactory


class CreditAccountFactory(factory.Factory):
    """The account of a known customer, without a limit."""

    class Meta:
        model = CreditAccount

    customer = factory.SubFactory(CustomerFactory)
    first_order_cleared = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        customer = kwargs.pop("customer")
        return open_account(customer.pk, actor=SYSTEM, **kwargs)


class CreditAuthorityFactory(DjangoModelFactory):
    """What a role may decide: credit managers, without a ceiling."""

    class Meta:
        model = CreditAuthority
        django_get_or_create = ("role",)

    role = "credit manager"
    amount = None
