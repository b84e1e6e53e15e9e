"""Reports say where they were read and how late that is, and go on without the standby."""

from unittest import mock

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from o2c.core import standby
from o2c.core.models import User
from o2c.web import reads_from_standby
from tests.factories.masters import CompanyFactory
from tests.standby import server_read, standby_at_hand
from tests.test_permission_matrix import URLS

pytestmark = pytest.mark.django_db(transaction=True)

REPORTS = {"receivables:aging", "receivables:aging_items", "ledger:trial_balance"}


@pytest.fixture
def reader(client):
    CompanyFactory()
    client.force_login(User.objects.create_superuser("rita"))
    return client


def test_exactly_the_reports_are_read_there():
    marked = {name for name, at in URLS.items() if hasattr(at.callback, "reads_from_standby")}

    assert marked == REPORTS


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_says_how_old_it_is(reader, name):
    with standby_at_hand(lag_s=3):
        page = reader.get(reverse(name)).content.decode()

    assert "As of 3 s ago, read from the standby." in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"lag_s": 0.01}, ", read from the standby."),
        ({"lag_s": 31}, "Read from the primary: the standby is too far behind."),
        ({"port": "1"}, "Read from the primary: the standby does not answer."),
    ],
)
def test_a_report_says_why_it_is_read_elsewhere(reader, asked, words):
    with standby_at_hand(**asked):
        page = reader.get(reverse("receivables:aging")).content.decode()

    assert words in page


def test_without_a_standby_and_on_other_pages_nothing_is_said(reader):
    aging = reader.get(reverse("receivables:aging")).content.decode()
    with standby_at_hand(lag_s=3):
        orders = reader.get(reverse("orders:order_list")).content.decode()

    for page in (aging, orders):
        assert "standby" not in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("name", ["orders:order_list", "receivables:aging"])
def test_files_are_read_from_the_standby(reader, name, kind):
    with (
        standby_at_hand(lag_s=3),
        mock.patch.object(
            standby, "_in_place_of_primary", wraps=standby._in_place_of_primary
        ) as place,
    ):
        response = reader.get(reverse(name), {"export": kind})
        assert b"".join(response.streaming_content)

    assert place.call_count == 1
    assert server_read() == "primary"


def test_what_the_standby_does_not_answer_to_the_end_is_read_from_the_primary():
    seen = []

    @reads_from_standby
    def report(request):
        seen.append(server_read())
        if seen == ["standby"]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return HttpResponse(server_read())

    with standby_at_hand():
        assert report(RequestFactory().get("/")).content == b"primary"
    assert seen == ["standby", "primary"]
