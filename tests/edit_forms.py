"""Edit forms: found by walking the product, opened, and sent back as a browser would send them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urljoin

import lxml.html
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.permissions import OWN_VERBS, PAGES, VERBS
from tests.test_every_form import (
    OTHER_FORMS,
    WITHOUT_FRAME,
    addresses,
    form_values,
    name_of,
    taken_back,
)

#: Pages that make a row, read a file or take a row away show nothing that could be kept.
MAKES = ("_new", "_import", "_remove")
#: What else a form does that does not edit what its page shows. Every other form with something
#: to fill in is an edit form, so a new one is tested unless it is named here.
DOES_MORE = {
    *("desk:found_company", "desk:stuck_work_detail", "web:attach", "credit:authority_list"),
    *("credit:account_act " + verb for verb in ("set_limit", "clear", "block")),
    *("credit:check_act approve", "credit:check_act reject"),
    *("orders:order_act " + verb for verb in ("hold", "reopen", "cancel")),
    *("ledger:period_act close", "ledger:period_act reopen"),
    *("stock:expected_receipt_act receive", "fulfillment:floor_pick"),
    *("fulfillment:pick_list_act " + verb for verb in ("confirm", "pack", "put_back", "cancel")),
    *("shipping:shipment_act " + verb for verb in ("deliver", "announce_return", "cancel")),
    *("shipping:return_act receive", "shipping:return_act cancel"),
    *("invoicing:invoice_act " + verb for verb in ("post", "approve", "send", "credit", "cancel")),
    *("invoicing:drafts_post", "receivables:customer_act pause"),
    *("receivables:open_item_act " + v for v in VERBS["receivables:open_item_act"]),
    *("receivables:payment_act " + verb for verb in VERBS["receivables:payment_act"]),
    *("receivables:write_off_act " + verb for verb in VERBS["receivables:write_off_act"]),
    *("receivables:dunning_run_act drop_letter", "receivables:dunning_run_act discard"),
    *("receivables:credit_application_act reverse", "receivables:dispute_act resolve"),
    *("receivables:promise_act withdraw", "reconciliation:bank_statement_act accept"),
    *("reconciliation:match_act undo", "reconciliation:match_act dismiss"),
    *("reconciliation:bank_line_act " + verb for verb in VERBS["reconciliation:bank_line_act"]),
    *("reconciliation:bank_line_choose", "reconciliation:apply_exact"),
}
#: They say that a form came in, and that nothing was changed.
NOT_CONTENT = {"core_idempotencykey", "django_session", "django_admin_log"}
_WRITES = re.compile(r'\b(?:UPDATE|INSERT INTO|DELETE FROM)\s+"?(\w+)"?')
_INVISIBLE = ("hidden", "submit", "button", "image")


#: Every page and verb there is.
NAMES = {
    *PAGES,
    *(f"{name} {verb}" for acts in (VERBS, OWN_VERBS) for name in acts for verb in acts[name]),
}

Rows = dict[str, dict[str, Any]]


class EditForm(NamedTuple):
    """An edit form as it stands on a page: where it goes, and what a browser sends."""

    name: str  # of the URL it goes to, with the verb
    page: str
    action: str
    values: dict[str, list[str]]


def _newest_of_each_state(page: str, model: type[Model]) -> set[int]:
    """What has no states is edited thrice."""
    rows = list(model._default_manager.order_by("pk"))
    of_states = {getattr(row, "state", ""): row for row in rows}
    return {row.pk for row in [*of_states.values(), *(_three(rows, page))]}


def _three(rows: list[Any], page: str) -> list[Any]:
    """The first row and the last ones, of which one is bare and one has every field filled."""
    is_edited = page.endswith("edit") and rows and not hasattr(rows[0], "state")
    return [*rows[:1], *rows[-2:]] if is_edited else []


def edit_forms(client: Client) -> Iterator[EditForm]:
    """The edit forms of every page of ours."""
    for url in addresses(_newest_of_each_state):
        yield from forms_on(client, url)


def forms_on(client: Client, url: str) -> Iterator[EditForm]:
    """The edit forms of one page; none when it refuses to show them."""
    page = client.get(url, headers=WITHOUT_FRAME)
    if page.status_code != 200 or not page.headers["Content-Type"].startswith("text/html"):
        return
    for form in _forms(page):
        action = urljoin(url, form.action or url)
        if form.method == "POST" and not action.startswith(OTHER_FORMS) and _asks(form):
            name = name_of(action)
            if not name.endswith(MAKES) and name not in DOES_MORE:
                yield EditForm(name, url, action, sent_values(form))


def admin_forms(client: Client) -> Iterator[EditForm]:
    """The edit form of every row that Django's admin lets a superuser change."""
    for model, site in admin.site._registry.items():
        request = client.get("/admin/").wsgi_request
        if not site.has_change_permission(request):
            continue
        label = model._meta.label_lower.replace(".", "_")
        for row in _three(list(model._default_manager.order_by("pk")), "edit"):
            url = reverse(f"admin:{label}_change", args=[row.pk])
            own = f"{model._meta.model_name}_form"
            [form] = [form for form in _forms(client.get(url)) if form.get("id") == own]
            yield EditForm(f"admin:{label}", url, url, sent_values(form))


def _forms(page: HttpResponse) -> list[Any]:
    return lxml.html.fromstring(f"<div>{page.content.decode()}</div>").forms


def _asks(form: Any) -> bool:
    """Whether a person can fill in something, rather than only press a button."""
    kinds = [getattr(box, "type", None) or box.tag for box in form.inputs if box.name]
    return any(kind not in _INVISIBLE for kind in kinds)


def sent_values(form: Any) -> dict[str, list[str]]:
    """What a browser sends of a form that nobody touched, but for the reason it asks for."""
    values: dict[str, list[str]] = {}
    for name, value in form_values(form):
        if form.inputs[name].__class__ is lxml.html.TextareaElement:
            value = "\r\n".join(value.removeprefix("\n").splitlines())
        values.setdefault(name, []).append(value)
    if "reason" in values:
        values["reason"] = ["looked at it"]
    return values


def without_a_change(client: Client, form: EditForm) -> list[str]:
    """Send a form back as it is: what differs afterwards, and why it was refused if it was."""
    answer, wrong = changes_by(lambda: client.post(form.action, form.values, headers=WITHOUT_FRAME))
    if answer.status_code not in (302, 303):
        wrong += [f"answered {answer.status_code}", *_faults(answer)]
    return [f"{form.name} on {form.page}: {what}" for what in wrong]


def _faults(answer: HttpResponse) -> list[str]:
    page = lxml.html.fromstring(f"<div>{answer.content.decode()}</div>")
    return [" ".join(e.text_content().split()) for e in page.find_class("errorlist")]


def changes_by(send: Callable[[], Any]) -> tuple[Any, list[str]]:
    """What `send` returns, and each column that it changed; then all is taken back."""
    with taken_back():
        with _written() as written:
            answer = send()
        after = {table: _rows(table) for table in sorted(written & _tables() - NOT_CONTENT)}
    return answer, [
        f"{table} {key}: {difference}"
        for table, rows in after.items()
        for key, difference in _differences(_rows(table), rows)
    ]


def _differences(before: Rows, after: Rows) -> Iterator[tuple[str, str]]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            yield key, "is new" if old is None else "is gone"
        else:
            yield from ((key, f"{c} {old[c]} -> {new[c]}") for c in old if old[c] != new[c])


@contextmanager
def _written() -> Iterator[set[str]]:
    """The tables that are written to meanwhile."""
    tables: set[str] = set()

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        tables.update(_WRITES.findall(str(sql)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def _tables() -> set[str]:
    return set(connection.introspection.table_names())


def _rows(table: str) -> Rows:
    """The columns of every row, by its key."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" AS t')
        rows = [json.loads(text) for (text,) in cursor.fetchall()]
    return {str(row.get("history_id") or row.get("id", row)): row for row in rows}
