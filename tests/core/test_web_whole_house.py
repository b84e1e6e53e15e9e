"""Every page of the house keeps its budget of statements and stands in its place."""

import pytest
from django.urls import reverse

from o2c.core.models import User
from o2c.core.web.navigation import navigation
from tests.conftest import counted_statements
from tests.web_budget import DETAIL_BUDGET
from tests.whole_house import addresses, furnish

pytestmark = pytest.mark.django_db

#: Who may do everything has every role's queues on the home page, one count each.
HOME_BUDGET = 30


def test_every_page_answers_within_twenty_statements(client):
    furnish()
    client.force_login(User.objects.create_superuser("rita"))
    too_many, broken = {}, {}

    for url in addresses():
        client.get(url)  # what is cached after the first time does not count
        with counted_statements() as count:
            response = client.get(url)
        if response.status_code not in (200, 405):
            broken[url] = response.status_code
        if int(count) > (HOME_BUDGET if url == "/" else DETAIL_BUDGET):
            too_many[url] = int(count)

    assert broken == {}
    assert too_many == {}


def test_every_entry_of_the_rail_leads_somewhere():
    entries = [entry for group in navigation() for entry in group.entries]

    for entry in entries:
        assert reverse(entry.url_name)
    keys = [entry.key for entry in entries if entry.key]
    assert len(keys) == len(set(keys))
