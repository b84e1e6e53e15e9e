"""Promises are shown kept or broken by what has gone off their items."""

from datetime import timedelta

import pytest
from django.urls import reverse

from o2c.core import clock
from receivables.models import Promise
from receivables.queries.worklists import kept, not_kept
from tests.given import receivables as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def promises():
    """One kept in part of an item, one not yet."""
    items = [given.debt("100.00") for _ in range(2)]
    found = [given.promise(item, "50.00", days=3) for item in items]
    given.paid(items[0], "50.00")
    return found


def test_the_query_says_what_the_promise_says(promises):
    first, second = promises

    assert list(kept(Promise.objects.all())) == [first]
    assert list(not_kept(Promise.objects.all())) == [second]
    for promise in promises:
        promise.refresh_from_db()
        assert promise.is_kept() == (promise == first)


def test_the_list_shows_them_kept_and_broken(boss, promises, today):
    first, second = promises

    def shown(tab):
        page = boss.get(reverse("receivables:promise_list"), {"tab": tab})
        return page.content.decode()

    with clock.at(today + timedelta(days=4)):
        pages = {tab: shown(tab) for tab in ("overdue", "open", "kept")}
    assert first.number in pages["kept"]
    assert "</svg>Kept<" in pages["kept"]
    assert "</svg>Open<" not in pages["kept"]
    assert "</svg>Broken<" in pages["overdue"]
    assert first.number not in pages["open"] + pages["overdue"]
    assert second.number in pages["overdue"]


def test_every_page_and_the_file_call_a_kept_promise_kept(boss, promises):
    kept_one, open_one = promises

    for address in (
        kept_one.get_absolute_url(),
        kept_one.open_item.get_absolute_url(),
    ):
        page = boss.get(address).content.decode()
        assert "</svg>Kept<" in page
    file = boss.get(reverse("receivables:promise_list"), {"tab": "all", "export": "csv"})
    rows = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert {row.split(",")[0]: row.rsplit(",", 1)[1] for row in rows[1:]} == {
        kept_one.number: "kept",
        open_one.number: "open",
    }
