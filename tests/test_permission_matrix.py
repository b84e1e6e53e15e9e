"""Every URL x every role x every method: who may not, gets 403; who may, never a 500.

A URL this table does not know fails the test, and so does a line of the table without a URL.
"""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.db import transaction
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from o2c.core.models import Document
from o2c.core.states import snake_case
from o2c.rights import RIGHTS
from o2c.web.actions import action_right
from tests.conftest import person
from tests.demo_company import demo_company
from tests.permissions import ANYONE, OWN_VERBS, PAGES, PUBLIC, UNTRIED, VERBS, Page

ELSEWHERE = ("admin/", "accounts/")  # Django's and allauth's own pages
#: As HTMX asks: the frame, a third of the work, is the same around every page.
WITHOUT_FRAME = {"HX-Request": "true"}
METHODS_NOBODY_MAY = ("PUT", "PATCH", "DELETE", "TRACE")


def _walk(
    resolver: URLResolver, namespace: str = "", prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, inner, route)
        elif not route.startswith(ELSEWHERE):
            yield f"{namespace}{pattern.name}", pattern


URLS: dict[str, URLPattern] = dict(_walk(get_resolver()))
ACTS = sorted(name for name in URLS if name.endswith("_act") and name not in OWN_VERBS)


def _captured(name: str) -> tuple[type[Document], dict[str, Any]]:
    """Model and actions that an act view hands to `act`."""
    view = URLS[name].callback
    with mock.patch.dict(view.__globals__, {"act": lambda *given, **_page: given}):
        given = view(RequestFactory().get("/"), pk=1, verb="none")
    return given[1], given[2]


def test_every_url_is_in_the_table_and_every_line_has_its_url():
    known = set(PAGES) | set(VERBS) | set(OWN_VERBS)

    assert set(URLS) - known == set(), "URLs without a line in tests/permissions.py"
    assert known - set(URLS) == set(), "lines in tests/permissions.py without a URL"


@pytest.mark.parametrize("name", ACTS)
def test_every_verb_on_the_web_is_in_the_table_with_its_right(name):
    model, actions = _captured(name)

    rights = {verb: action_right(model(), verb, action) for verb, action in actions.items()}

    assert rights == VERBS[name]


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), demo_company():
        yield


#: Whose row an address is about, where its name does not say so.
ROWS = {
    "stock:item_stock": "masters.item",
    "web:attach": "orders.order",
    "web:file": "core.attachment",
    "desk:stuck_work_detail": "core.delivery",
    "desk:stuck_work_act": "core.delivery",
    "fulfillment:floor_pick": "fulfillment.picklist",
    "fulfillment:floor_start": "fulfillment.picklist",
    "invoicing:message_act": "core.outgoingmessage",
    "invoicing:message_detail": "core.outgoingmessage",
    "receivables:customer_account": "masters.customer",
    "receivables:customer_act": "masters.customer",
    "receivables:statement_pdf": "masters.customer",
    "reconciliation:order_match_detail": "orders.order",
    "shipping:bill_of_lading": "shipping.shipment",
    "shipping:packing_slip": "shipping.shipment",
}


def _model(name: str) -> Any:
    if name in ROWS:
        return apps.get_model(ROWS[name])
    app, _, page = name.partition(":")
    nouns = {
        getattr(m, "noun", snake_case(m.__name__)): m for m in apps.get_app_config(app).get_models()
    }
    return nouns[max((noun for noun in nouns if page.startswith(noun)), key=len)]


def _address(name: str, verb: str = "") -> str:
    """The URL, with the first row there is; a number nobody has where there is none."""
    parameters = URLS[name].pattern.regex.groupindex
    if not parameters:
        return reverse(name)
    return address_of(name, _first(_model(name)), verb)


def address_of(name: str, pk: int, verb: str = "") -> str:
    """The URL of one row, with the verb where it has one."""
    model = _model(name)._meta
    known = {"pk": pk, "verb": verb, "app_label": model.app_label, "model_name": model.model_name}
    return reverse(name, kwargs={key: known[key] for key in URLS[name].pattern.regex.groupindex})


def _first(model: Any) -> int:
    return model._default_manager.values_list("pk", flat=True).order_by("pk").first() or 999_999


def _expect(client: Any, method: str, url: str, right: str | None, granted: set[str]) -> str:
    """What is wrong with the answer to one request, or nothing."""
    if right == UNTRIED:
        return ""
    status = _status(client, method, url)
    may = right is not None and (right in {PUBLIC, ANYONE} or right in granted)
    if right is None:
        fine = status in {405, 403}
    elif may:
        fine = status < 500 and status != 403
    else:
        fine = status in {403, 404}  # what is not there tells nobody anything
    return (
        "" if fine else f"{method} {url}: {status}, right {right}, {'held' if may else 'not held'}"
    )


def _status(client: Any, method: str, url: str) -> int:
    """The status of one answer; what it changed is taken back."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # so that commands may be durable in it
    with atomic:
        send = client.post if method == "POST" else client.get  # the client adds a form's key
        status: int = send(url, headers=WITHOUT_FRAME).status_code
        transaction.set_rollback(True)
    return status


def _cells() -> Iterator[tuple[str, Page]]:
    """Every URL, and every verb of an act URL, with its rights."""
    for name, page in PAGES.items():
        yield _address(name), page
    for name, verbs in VERBS.items():
        for verb, right in verbs.items():
            yield _address(name, verb), Page(right, right)
    for name, rights in OWN_VERBS.items():
        for verb, right in rights.items():
            yield _address(name, verb), Page(UNTRIED, right)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*RIGHTS, "nobody"])
def test_a_role_reaches_exactly_its_pages(company, client, role):
    granted = set(RIGHTS.get(role, ()))
    user = person(role) if role in RIGHTS else person("portal user")
    client.force_login(user)
    client.raise_request_exception = False

    assert client.get(reverse("desk:home")).status_code == 200, "the frame, drawn for the role"
    wrong = []
    for url, page in _cells():
        wrong.append(_expect(client, "GET", url, page.look, granted))
        wrong.append(_expect(client, "POST", url, page.act, granted))

    assert [problem for problem in wrong if problem] == []


def _verb_pages() -> Iterator[str]:
    """Each verb of each act URL, for the newest row of every state."""
    for name, verbs in (VERBS | OWN_VERBS).items():
        rows = _model(name)._default_manager.order_by("pk")
        newest = {getattr(row, "state", ""): row.pk for row in rows}
        yield from (reverse(name, args=[pk, verb]) for verb in verbs for pk in newest.values())


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_verb_of_every_state_is_answered(company, boss, method):
    boss.raise_request_exception = False

    statuses = {url: _status(boss, method, url) for url in _verb_pages()}

    assert {url: status for url, status in statuses.items() if status >= 500} == {}
    assert set(statuses.values()) >= {200 if method == "GET" else 303, 409}, "done, and refused"


@pytest.mark.django_db
def test_without_a_login_every_page_asks_for_one(company, client):
    for url, page in _cells():
        for method, right in (("GET", page.look), ("POST", page.act)):
            if right in {PUBLIC, UNTRIED, None}:
                continue
            answer = client.generic(method, url)
            assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/login/"), url


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS_NOBODY_MAY)
def test_no_page_knows_other_methods(company, client, method):
    client.force_login(person("controller"))
    client.raise_request_exception = False

    wrong = {
        url: status
        for url, _page in _cells()
        if (status := client.generic(method, url).status_code) not in {405, 403, 404}
    }

    assert wrong == {}


@pytest.mark.django_db
def test_a_disabled_person_is_signed_out(company, client):
    user = person("controller")
    client.force_login(user)
    user.is_active = False
    user.save()

    assert client.get(reverse("orders:order_list")).status_code == 302
