"""From order to cash for one order: every document along the way, in the order of the process.

A document knows its order; a payment, a match or a statement line knows it through what it
settles. The same nodes are drawn on each of their pages.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from credit.models import CreditCheck
from fulfillment.models import PickList
from invoicing.models import Invoice, InvoiceKind
from o2c.web import ChainNode, chain_node
from o2c.web.badges import badge_of
from o2c.web.showing import view_right
from orders.models import Order, OrderState
from receivables.models import Allocation, Payment
from reconciliation.models import Match, MatchState
from shipping.models import Return, Shipment

#: What each document is on the way, and its icon.
KINDS = {
    Order: (_("Order"), "file-text"),
    CreditCheck: (_("Credit"), "shield-check"),
    PickList: (_("Pick"), "list-checks"),
    Shipment: (_("Shipment"), "truck"),
    Return: (_("Return"), "undo-2"),
    Invoice: (_("Invoice"), "receipt-text"),
    Payment: (_("Payment"), "banknote"),
    Match: (_("Bank"), "landmark"),
}
#: The stops every order is on its way to; returns and credit notes are detours.
WAY = [Order, CreditCheck, PickList, Shipment, Invoice, Payment, Match]
ENDED = {OrderState.CANCELLED, OrderState.RECONCILED}
ENDED_WITHOUT_EFFECT = {"cancelled", "rejected", "withdrawn", "undone", "dismissed", "reversed"}
WAITING = {"draft", "planned", "submitted", "proposed", "announced", "picking", "picked"}
BLOCKED = {"on_hold", "held"}
MOST_PER_KIND = 12
#: Where the credit notes stand in `_by_kind`.
CREDIT_NOTES = 6


def chain(document: Any) -> Sequence[ChainNode]:
    """The documents before and after this one, then the stops to come.

    Nothing for what belongs to no order.
    """
    order_id = _order_of(document)
    if order_id is None:
        return ()
    found = list(documents_of(order_id))
    here = (type(document), document.pk)
    return [_node(one, current=(type(one), one.pk) == here) for one in found] + _to_come(found)


def _to_come(found: Sequence[Any]) -> list[ChainNode]:
    """The stops after the furthest one that was reached."""
    if found[0].state in ENDED:
        return []
    reached = max(WAY.index(type(one)) for one in found if type(one) in WAY)
    return [ChainNode(KINDS[m][0], icon=KINDS[m][1], status="planned") for m in WAY[reached + 1 :]]


def documents_of(order_id: int) -> Iterator[Any]:
    """Every document of one order along the process."""
    is_paid = False
    for documents in _by_kind(order_id):
        if documents.model is Match and not is_paid:
            continue  # what matched no payment matched nothing of the order
        found = list(documents.order_by("pk")[:MOST_PER_KIND])
        is_paid |= documents.model is Payment and bool(found)
        yield from found


def _by_kind(order_id: int) -> list["models.QuerySet[Any]"]:
    """What an order has of each kind, in the order of the process."""
    invoices = Invoice.objects.filter(order_id=order_id)
    used = Allocation.objects.filter(open_item__order_id=order_id, payment__isnull=False)
    payments = Payment.objects.filter(pk__in=used.values("payment_id"))
    return [
        Order.objects.filter(pk=order_id),
        *(model.objects.filter(order_id=order_id) for model in (CreditCheck, PickList, Shipment)),
        invoices.filter(kind=InvoiceKind.INVOICE),
        Return.objects.filter(shipment__order_id=order_id),
        invoices.filter(kind=InvoiceKind.CREDIT_NOTE),
        payments,
        Match.objects.filter(
            bank_line__in=payments.exclude(bank_line_id=None).values("bank_line_id"),
            state=MatchState.APPLIED,
        ),
    ]


def next_stop(document: Any) -> ChainNode | None:
    """What waits for somebody after document: the latest such stop, else the first to come.

    A payment or a match is followed to its order.
    """
    order_id = _order_of(document)
    if order_id is None:
        return None
    kinds = _by_kind(order_id)
    rows = sorted(_rows_of(kinds))
    own = next(place for place, pk, *_rest in rows if _is_at(document, kinds[place], pk))
    waiting = [row for row in rows if row[0] > own and _status(row[3]) in ("planned", "blocked")]
    if waiting:
        place, pk, number, state = waiting[-1]
        return _stop(kinds[place].model, place, pk, number, state)
    if rows[0][3] in ENDED:
        return None
    reached = max(WAY.index(kinds[row[0]].model) for row in rows if kinds[row[0]].model in WAY)
    return next((ChainNode(KINDS[model][0]) for model in WAY[reached + 1 :]), None)


def _rows_of(kinds: Sequence["models.QuerySet[Any]"]) -> Iterator[tuple[int, int, str, str]]:
    """Place, key, number and state of every document."""
    place = models.IntegerField()
    first, *others = [
        documents.order_by().values_list(models.Value(at, place), "pk", "number", "state")
        for at, documents in enumerate(kinds)
    ]
    yield from first.union(*others, all=True)


def _is_at(document: Any, kind: "models.QuerySet[Any]", pk: int) -> bool:
    return (kind.model, pk) == (type(document), document.pk)


def _stop(model: Any, place: int, pk: int, number: str, state: str) -> ChainNode:
    kind = _("Credit note") if place == CREDIT_NOTES else KINDS[model][0]
    states = model._meta.get_field("state").states
    return ChainNode(
        kind,
        number=number or f"{kind} #{pk}",
        url=model(pk=pk).get_absolute_url(),
        badge=badge_of(states, state),
        right=view_right(model),
    )


def _order_of(document: Any) -> int | None:
    if isinstance(document, Order):
        return document.pk
    if isinstance(document, Return):
        return document.shipment.order_id
    if isinstance(document, Payment):
        return _first_order({"payment_id": document.pk})
    if isinstance(document, Match):
        if document.state != MatchState.APPLIED:
            return None
        return _first_order({"payment__bank_line_id": document.bank_line_id})
    return getattr(document, "order_id", None) if type(document) in KINDS else None


def _first_order(source: dict[str, int]) -> int | None:
    """The order of the first item a payment settles; most settle one."""
    return (
        Allocation.objects.filter(**source, open_item__order__isnull=False)
        .order_by("pk")
        .values_list("open_item__order_id", flat=True)
        .first()
    )


def _node(document: Any, *, current: bool) -> ChainNode:
    kind, icon = KINDS[type(document)]
    more: dict[str, Any] = {"icon": icon, "current": current, "status": _status(document.state)}
    if isinstance(document, Invoice):
        if document.kind == "credit_note":
            more["icon"], kind = "rotate-ccw", _("Credit note")
        more |= {"day": document.invoice_date, "amount": document.gross}
        more["currency"] = document.currency
    elif isinstance(document, Order):
        more |= {"day": document.order_date, "amount": document.gross}
        more["currency"] = document.currency
    elif isinstance(document, Payment):
        money: Any = document.amount  # the field's descriptor makes it Money
        more |= {"day": document.value_date, "amount": money.amount}
        more["currency"] = str(money.currency)
    return chain_node(document, kind, **more)


def _status(state: str) -> str:
    if state in BLOCKED:
        return "blocked"
    if state in ENDED_WITHOUT_EFFECT:
        return "failed"
    return "planned" if state in WAITING else "done"
