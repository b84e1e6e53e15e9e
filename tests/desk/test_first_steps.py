"""An empty house says on its home what it needs before the first order."""

from io import StringIO

import pytest
from django.core.management import call_command

from o2c.desk.first_steps import STEPS, first_steps
from tests.desk.test_found_company import ARGUMENTS
from tests.factories.credit import CreditAuthorityFactory
from tests.factories.masters import BankAccountFactory, CustomerFactory, PriceListItemFactory
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


def done(actor):
    return [step.done for step in first_steps(actor)]


def test_an_empty_house_lacks_everything(controller):
    assert done(controller) == [False] * len(STEPS)


def test_others_are_not_asked_to_found_it(clerk, admin_user):
    assert first_steps(clerk) == first_steps(admin_user) == []


def test_it_costs_one_statement_and_none_for_others(controller, clerk, count_statements):
    assert controller.has_perm("desk.found_company")
    assert not clerk.has_perm("desk.found_company")

    with count_statements() as count:
        first_steps(controller)
        first_steps(clerk)

    assert int(count) == 1


def test_what_is_there_is_done_and_the_whole_list_goes_at_the_end(controller):
    call_command("found_company", *ARGUMENTS, stdout=StringIO())
    BankAccountFactory()
    CreditAuthorityFactory()
    CustomerFactory()
    assert [step.label for step in first_steps(controller) if step.done] == [
        *("Set up the company", "A bank account", "Customers", "Who decides on credit"),
    ]

    PriceListItemFactory()
    stock()

    assert first_steps(controller) == []


def test_a_step_leads_to_its_page_only_for_who_may_open_it(controller):
    links = {str(step.label): step.url for step in first_steps(controller)}

    assert links["Set up the company"] == "/found/"
    assert links["Goods on the shelves"] == ""


def test_home_shows_the_steps(corinna):
    home = " ".join(corinna.get("/").content.decode().split())

    assert '<a href="/found/">Set up the company</a>' in home
