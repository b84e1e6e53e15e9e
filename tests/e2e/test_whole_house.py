"""Every page of the product in a browser: sound on a desk by day and on a phone by night."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import resolve

from tests.whole_house import addresses, routes

#: All kinds of masters and of stock documents share their pages; these stand for the rest.
_SHARED = re.compile(r"/masters/(?!customers|terms/|prices|company|$)|/stock/(transfers|adjust)")
#: Not pages of a reader: they answer POST, or with a file; or the demo has nothing to show there.
_NO_PAGE = re.compile(
    r"preferences|retry|resume|apply|ignore|choose|plan/|/next/|/start/|pdf|statement/|^files/"
    r"|^/?stuck/.*<|^/?invoicing/outbox/.*<"
)
#: Where forms are sent to: what only they lead to must be offered on a page of the demo.
_SENT_TO = """() => [...document.querySelectorAll("main form")]
  .map(form => new URL(form.getAttribute("action") || "", location.href).pathname)"""
_LINKS = """() => [...document.querySelectorAll("main a[href]:not([target], [download])")]
  .filter(link => link.origin === location.origin).map(link => link.pathname)"""

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rita(rita):
    call_command("demo", stdout=StringIO())  # documents in every state, hence every page
    return rita


def test_every_page_is_sound(open_page, rita):
    watched = open_page(rita)
    waiting = [url for url in addresses(of_every_state=True) if not _SHARED.match(url)]
    met = {_kind(url) for url in waiting}
    seen: list[str] = []
    sent_to: set[str] = set()
    read: set[str] = set()  # axe reads one page of each kind, whatever the document's state

    while waiting:
        url = waiting.pop(0)
        response = watched.visit(url)
        if response.status == 405:
            continue  # answers POST only
        assert response.status in (200, 409), f"{url}: {response.status}"
        if "text/html" not in response.headers["content-type"]:
            continue
        kind = _kind(url)
        seen.append(resolve(url).route)
        sent_to |= {resolve(path).route for path in watched.page.evaluate(_SENT_TO)}
        watched.assert_sound(url, axe=kind not in read)
        waiting += _new_links(watched, met)
        with watched.at_night_on_a_phone():
            watched.assert_sound(url, axe=False)
            if kind not in read:
                watched.assert_legible(url)
        read.add(kind)

    unseen = {
        route
        for route in routes()
        if route not in {*seen, *sent_to}
        and not _SHARED.match(f"/{route}")
        and not _NO_PAGE.search(route)
    }
    assert unseen == set(), "the demo leads to no such page"


def _kind(path: str) -> str:
    """The URL without its document: its route, and the verb."""
    match = resolve(path)
    return f"{match.route} {match.kwargs.get('verb', '')}"


def _new_links(watched: Any, met: set[str]) -> list[str]:
    """Pages that this one leads to and no other did: one for each URL and verb."""
    found = []
    for path in watched.page.evaluate(_LINKS):
        if not path.startswith(("/admin/", "/accounts/")):
            kind = _kind(path)
            if kind not in met and not _NO_PAGE.search(path) and not _SHARED.match(path):
                met.add(kind)
                found.append(path)
    return found
