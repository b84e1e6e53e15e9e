"""Every page of the product keeps its budget of statements and stands in its place."""

import pytest
from django.urls import reverse

from o2c.rights import RIGHTS
from o2c.web.navigation import navigation
from tests.conftest import counted_statements, person
from tests.web_budget import DETAIL_BUDGET
from tests.whole_house import addresses, furnish

pytestmark = pytest.mark.django_db

#: Who may do everything has every role's queues on the home page: a count, and rows to begin with.
HOME_BUDGET = 50
ROLE_HOME_BUDGET = 18


def test_every_page_answers_within_twenty_statements(boss):
    furnish()
    too_many, broken = {}, {}

    for url in addresses():
        boss.get(url)  # what is cached after the first time does not count
        with counted_statements() as count:
            response = boss.get(url)
        if response.status_code not in (200, 405, 409):  # 409: not in this state
            broken[url] = response.status_code
        if int(count) > (HOME_BUDGET if url == "/" else DETAIL_BUDGET):
            too_many[url] = int(count)

    assert broken == {}
    assert too_many == {}


def test_the_home_of_every_role_answers_within_eighteen_statements(client):
    furnish()
    too_many = {}

    for role in RIGHTS:
        client.force_login(person(role))
        client.get("/")
        with counted_statements() as count:
            assert client.get("/").status_code == 200
        if int(count) > ROLE_HOME_BUDGET:
            too_many[role] = int(count)

    assert too_many == {}


def test_every_entry_of_the_rail_leads_somewhere():
    entries = [entry for group in navigation() for entry in group.entries]

    for entry in entries:
        assert reverse(entry.url_name)
    keys = [entry.key for entry in entries if entry.key]
    assert len(keys) == len(set(keys))
