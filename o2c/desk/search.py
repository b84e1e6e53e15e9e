"""One box finds any document by its number, and customers and items by code or name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.models import CreditCheck
from fulfillment.models import PickList
from invoicing.models import Invoice
from o2c.core.actors import Actor
from o2c.core.models import Document
from o2c.core.number_keys import code_key
from o2c.core.spellings import plain
from o2c.masters.models import Customer, Item
from o2c.web.badges import Badge, state_badge
from o2c.web.links import page_url
from orders.models import Order
from receivables.models import Payment
from reconciliation.models import BankStatement, Match
from shipping.models import Return, Shipment

MOST_PER_KIND = 8
SHORTEST = 2

#: kind, model, the fields looked into, the right to see it
PLACES: list[tuple[str | Promise, Any, list[str], str]] = [
    (_("Orders"), Order, ["number", "customer_reference"], "orders.view_orders"),
    (_("Credit checks"), CreditCheck, ["number"], "credit.view_credit"),
    (_("Pick lists"), PickList, ["number"], "fulfillment.view_fulfillment"),
    (_("Shipments"), Shipment, ["number", "tracking"], "shipping.view_shipping"),
    (_("Returns"), Return, ["number"], "shipping.view_shipping"),
    (_("Invoices"), Invoice, ["number"], "invoicing.view_invoicing"),
    (_("Payments"), Payment, ["number", "reference"], "receivables.view_receivables"),
    (_("Bank statements"), BankStatement, ["number"], "reconciliation.view_reconciliation"),
    (_("Matches"), Match, ["number"], "reconciliation.view_reconciliation"),
    (_("Customers"), Customer, ["code", "name"], "masters.view_masters"),
    (_("Items"), Item, ["code", "name", "barcode"], "masters.view_masters"),
]


@dataclass(frozen=True)
class Found:
    """One answer: of which kind, its name, where it is, whom it is about, its state."""

    kind: str | Promise
    name: str
    url: str
    is_exact: bool
    about: str = ""
    badge: Badge | None = None


def search(text: str, user: Actor) -> list[Found]:
    """What text may mean among all this user may see."""
    words = plain(text)
    if len(words) < SHORTEST:
        return []
    return [
        found
        for kind, model, fields, right in PLACES
        if user.has_perm(right)
        for found in _look(kind, model, fields, words)
    ]


def _look(kind: str | Promise, model: Any, fields: list[str], words: str) -> Iterator[Found]:
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__icontains": words})
    rows = model.objects.filter(condition).order_by("-pk")
    has_customer = "customer" in {field.name for field in model._meta.fields}
    if has_customer:
        rows = rows.select_related("customer")
    for row in rows[:MOST_PER_KIND]:
        exact = code_key(words) in {code_key(str(getattr(row, field))) for field in fields}
        about = str(row.customer.name) if has_customer and row.customer else ""
        badge = state_badge(row) if isinstance(row, Document) else None
        yield Found(kind, str(row), page_url(row) or "", exact, about, badge)
