"""Every form of every page, as a browser finds and sends it, on documents in every state."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import resolve, reverse

from o2c.core import clock
from o2c.core.models import Event, IdempotencyKey
from tests.demo_company import demo_company
from tests.permissions import OWN_VERBS, PAGES, VERBS
from tests.test_permission_matrix import URLS, _model, address_of

WITHOUT_FRAME = {"HX-Request": "true"}
#: They change no document: cookies, sign-out, a file checked by its own content.
OTHER_FORMS = ("/preferences/", "/accounts/")


#: Forms that must have acted here, found and filled in as a person would.
MONEY_AND_GOODS = {
    *("orders:order_act confirm", "orders:order_act cancel", "orders:order_edit"),
    *(
        "fulfillment:floor_pick",
        "fulfillment:pick_list_act confirm",
        "fulfillment:pick_list_act pack",
    ),
    *("shipping:shipment_act dispatch", "shipping:shipment_act deliver"),
    *("shipping:shipment_act announce_return", "shipping:return_act receive"),
    *("invoicing:drafts_post", "invoicing:invoice_act post", "invoicing:invoice_act approve"),
    *("receivables:payment_act allocate", "receivables:payment_act reverse"),
    *("receivables:open_item_act write_off", "receivables:write_off_act approve"),
    *("receivables:credit_application_act reverse", "reconciliation:match_act undo"),
    *("masters:customer_edit", "masters:item_new", "masters:payment_terms_edit"),
}


#: Kinds of pages whose newest row may be one that nothing can be done about.
SEVERAL = {name.partition(" ")[0] for name in MONEY_AND_GOODS}


class Form(NamedTuple):
    """A form on a page: where it goes and what stands in it."""

    page: str
    action: str
    values: dict[str, list[str]]
    empty: dict[str, str]  # name -> what a person may type there


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), demo_company():
        yield


def addresses(rows_of: Callable[[str, type[Model]], Iterable[int]]) -> Iterator[str]:
    """Every page, and each verb's page, for the rows that are chosen for a page's name."""
    for name, verbs in {**dict.fromkeys(PAGES, ()), **VERBS, **OWN_VERBS}.items():
        if name in PAGES and PAGES[name].look in (None, "public"):
            continue
        if "pk" not in URLS[name].pattern.regex.groupindex:
            yield reverse(name)
            continue
        for pk in rows_of(name, _model(name)):
            yield from (address_of(name, pk, verb) for verb in verbs or [""])


def _newest_of_each_state(page: str, model: type[Model]) -> list[int]:
    """The newest row of each state, or several."""
    count = 3 if page in SEVERAL else 1
    of_state: dict[str, list[int]] = {}
    for row in model._default_manager.order_by("-pk"):
        of_state.setdefault(getattr(row, "state", ""), []).append(row.pk)
    return [pk for rows in of_state.values() for pk in rows[:count]]


def name_of(url: str) -> str:
    """The page an address belongs to, with its verb."""
    match = resolve(urlsplit(url).path)
    return " ".join(filter(None, [match.view_name, match.kwargs.get("verb")]))


@contextmanager
def taken_back() -> Iterator[None]:
    """What is done inside leaves nothing."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # so that commands may be durable in it
    with atomic:
        yield
        transaction.set_rollback(True)


def forms_of(client: Client, url: str) -> Iterator[Form]:
    """The forms of a page that send something to us."""
    page = client.get(url, headers=WITHOUT_FRAME)
    if page.status_code != 200 or not page.headers["Content-Type"].startswith("text/html"):
        return
    for form in lxml.html.fromstring(f"<div>{page.content.decode()}</div>").forms:
        action = urljoin(url, form.action or url)
        if form.method == "POST" and not action.startswith(OTHER_FORMS):
            values: dict[str, list[str]] = {}
            for name, value in form_values(form):
                values.setdefault(name, []).append(value)
            if "file" not in form.fields:
                yield Form(url, action, values, _typeable(form))


def form_values(form: Any) -> Iterator[tuple[str, str]]:
    """What a browser sends; lxml leaves out the boxes in which nothing stands."""
    yield from form.form_values()
    for box in form.inputs:
        is_empty = box.name and box.tag == "input" and box.value is None
        if is_empty and not box.checkable and box.type != "file":
            yield box.name, ""


def _typeable(form: Any) -> dict[str, str]:
    """What a person may type into what is empty."""
    typed = {}
    for box in form.inputs:
        kind = getattr(box, "type", None) or box.tag
        if box.name is None or kind in ("hidden", "checkbox", "radio", "file", "submit"):
            continue
        if (kind == "select" and box.multiple) or (box.value or "").strip():
            continue
        if kind == "select":
            typed[box.name] = next((o for o in box.value_options if o), "")
        elif kind == "date":
            typed[box.name] = clock.today().isoformat()
        else:
            typed[box.name] = "1" if box.get("inputmode") == "decimal" else "because"
    return typed


def sent(client: Client, form: Form, **more: str) -> tuple[int, str, int]:
    """Status and target of the answer, and how many events there are then."""
    answer = client.post(form.action, {**form.values, **more}, headers=WITHOUT_FRAME)
    return answer.status_code, answer.headers.get("Location", ""), Event.objects.count()


def troubles_of(rita: Client, form: Form) -> tuple[bool, list[str]]:
    """Whether the form did something, and what is wrong with how it was answered."""
    before, keys = Event.objects.count(), IdempotencyKey.objects.count()
    bare = sent(rita, form, op_id="")
    first = sent(rita, form)
    if first[0] >= 400:
        form = form._replace(values={**form.values, **form.empty})
        first = sent(rita, form)
    if first[0] != 303 or IdempotencyKey.objects.count() == keys:
        return False, []
    again = sent(rita, form)
    other = sent(rita, form, something="else")
    wrong = []
    if bare[2] != before:
        wrong.append(f"acted without a key: {bare}")
    if again != first:
        wrong.append(f"sent again: {again}, first {first}")
    if other[2] != first[2]:
        wrong.append(f"acted on other content: {other}")
    return True, [f"{form.page} -> {form.action}: {what}" for what in wrong]


@pytest.mark.django_db
def test_every_form_acts_once_and_answers_twice(company, boss):
    boss.raise_request_exception = False
    carried_out, tried, wrong = set(), set(), []

    for url in addresses(_newest_of_each_state):
        if name_of(url) in carried_out:
            continue
        for form in forms_of(boss, url):
            if (name := name_of(form.action)) in carried_out:
                continue
            with taken_back():
                did, troubles = troubles_of(boss, form)
            tried.add(name)
            carried_out |= {name} if did else set()
            wrong += troubles

    assert wrong == []
    assert MONEY_AND_GOODS - carried_out == set()
