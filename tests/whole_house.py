"""A house with something in every room, and the addresses of all its rooms."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from o2c.core.states import snake_case
from reconciliation.models import BankLine
from reconciliation.queries import payments_it_may_be, payments_it_may_return
from tests.factories.masters import CustomerFactory, ItemFactory
from tests.given.invoicing import drafted_invoice, posted_credit, posted_invoice
from tests.given.logistics import announced_return, delivered_shipment, planned_list
from tests.given.orders import submitted_order
from tests.given.receivables import debt, payment

#: Not pages: sign-in belongs to allauth, the admin to Django, the rest answers machines.
_NOT_OURS = ("admin/", "accounts/", "healthz", "readyz", "api/", "csp-report")


def furnish() -> None:
    """Documents of every stage, in various states, by the real commands."""
    submitted_order()
    planned_list()
    delivered_shipment()
    announced_return()
    drafted_invoice()
    posted_credit(posted_invoice((10, "4.00")), 2)
    payment(customer=CustomerFactory())
    debt("250.00")
    ItemFactory()


def addresses(*, of_every_state: bool = False) -> Iterator[str]:
    """Every page that answers GET: plain ones, and details with a row that exists.

    That is the newest row, or the newest `of_every_state`, since verbs depend on the state.
    """
    for route, namespace, pattern in _patterns(get_resolver().url_patterns):
        if "<" not in route:
            yield f"/{route}"
        else:
            rows = _rows_for(namespace, pattern.name or "")
            for row in rows if of_every_state else rows[:1]:
                yield "/" + re.sub(r"<int:pk>", str(row.pk), route)


#: Pages about one thing whose name does not say what it is.
_ABOUT = {
    "stock:item_stock": "masters.Item",
    "receivables:customer_account": "masters.Customer",
    "receivables:dunning_letter": "receivables.DunningLetter",
    "fulfillment:floor_pick": "fulfillment.PickList",
    "reconciliation:order_match_detail": "orders.Order",
    "invoicing:message_detail": "core.OutgoingMessage",
    "desk:stuck_work_detail": "core.Delivery",
    "credit:check_detail": "credit.CreditCheck",
    "credit:account_detail": "credit.CreditAccount",
}
#: What is no page to read: forms, verbs and files.
_DONE_TO = re.compile(
    r"_(edit|remove|act|pdf|pack|start|amend|copy|choose|dunning"
    r"|pause|resume|authority|limit)$|:(packing_slip|bill_of_lading|retry_delivery|file|attach)$"
)


def pages_of_one() -> Iterator[tuple[str, str, type[models.Model]]]:
    """Each page to read about one thing: its name, its route, and what it is about.

    Raises LookupError for a page whose name says neither what it is about nor that it is a form,
    a verb or a file.
    """
    nouns = {
        (model._meta.app_label, getattr(model, "noun", snake_case(model.__name__))): model
        for model in apps.get_models()
    }
    for route, namespace, pattern in _patterns(get_resolver().url_patterns):
        name = f"{namespace}:{pattern.name}"
        if "<int:pk>" not in route or _DONE_TO.search(name):
            continue
        noun = str(pattern.name).removesuffix("_detail")
        model = apps.get_model(_ABOUT[name]) if name in _ABOUT else nouns.get((namespace, noun))
        if model is None:
            raise LookupError(name)
        yield name, f"/{route}", model


def routes() -> set[str]:
    """The route of every URL of ours, as `resolve` names it."""
    return {route for route, _namespace, _pattern in _patterns(get_resolver().url_patterns)}


def _patterns(
    patterns: list[Any], prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if route.startswith(_NOT_OURS):
            continue
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, route, pattern.namespace or namespace)
        else:
            yield route, namespace, pattern


def _rows_for(namespace: str, name: str) -> list[models.Model]:
    """The newest row of the noun a `_detail` or `_edit` page is about, then one of each state."""
    noun, _sep, page = name.rpartition("_")
    if page not in ("detail", "edit"):
        return []
    for model in apps.get_models():
        own = getattr(model, "noun", snake_case(model.__name__))
        if (model._meta.app_label, own) == (namespace, noun):
            rows = model._default_manager.order_by("-pk")
            if model is BankLine:  # it has no state, but what can be done with it
                return [*rows[:1], *_lines_to_join()]
            if not any(field.name == "state" for field in model._meta.fields):
                return list(rows[:1])
            newest = {getattr(row, "state", ""): row for row in reversed(rows)}
            return sorted(newest.values(), key=lambda row: -row.pk)
    return []


def _lines_to_join() -> list[models.Model]:
    """The newest open line that may be, or may return, a payment which is known already."""
    lines = BankLine.objects.filter(payment=None, ignored_reason="").order_by("-pk")
    known = (line for line in lines if payments_it_may_be(line) or payments_it_may_return(line))
    return list(islice(known, 1))
