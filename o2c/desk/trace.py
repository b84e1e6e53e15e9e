"""From order to cash for one order: every document along the way, in the order of the process.

A document knows its order; a payment, a match or a statement line knows it through what it
settles. The same nodes are drawn on each of their pages.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from credit.models import CreditCheck
from fulfillment.models import PickList
from invoicing.models import Invoice
from o2c.web import ChainNode, chain_node
from orders.models import Order, OrderState
from receivables.models import Allocation, Payment
from reconciliation.models import Match
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
    """Every document of one order along the process. Eight statements at most."""
    yield from Order.objects.filter(pk=order_id)
    for model in (CreditCheck, PickList, Shipment):
        yield from model.objects.filter(order_id=order_id).order_by("pk")[:MOST_PER_KIND]
    yield from Invoice.objects.filter(order_id=order_id, kind="invoice").order_by("pk")[
        :MOST_PER_KIND
    ]
    yield from Return.objects.filter(shipment__order_id=order_id).order_by("pk")[:MOST_PER_KIND]
    yield from Invoice.objects.filter(order_id=order_id, kind="credit_note").order_by("pk")[
        :MOST_PER_KIND
    ]
    used = Allocation.objects.filter(open_item__order_id=order_id, payment__isnull=False)
    payments = Payment.objects.filter(pk__in=used.values("payment_id")).order_by("pk")
    found = list(payments[:MOST_PER_KIND])
    yield from found
    yield from Match.objects.filter(bank_line__payment__in=found, state="applied").order_by("pk")


def _order_of(document: Any) -> int | None:
    if isinstance(document, Order):
        return document.pk
    if isinstance(document, Return):
        return document.shipment.order_id
    if isinstance(document, Payment):
        return _first_order({"payment_id": document.pk})
    if isinstance(document, Match):
        payment_id = document.bank_line.payment_id
        return _first_order({"payment_id": payment_id}) if payment_id else None
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
    more: dict[str, Any] = {"icon": icon, "current": current, "status": _status(document)}
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


def _status(document: Any) -> str:
    if document.state in BLOCKED:
        return "blocked"
    if document.state in ENDED_WITHOUT_EFFECT:
        return "failed"
    if document.state in WAITING:
        return "planned"
    return "done"


def stages_reached(order: Order, documents: Iterable[Any]) -> list[str]:
    """The stages an order has been through, by name; for stories and tests."""
    reached = [type(document)._meta.app_label for document in documents]
    if order.state == OrderState.RECONCILED:
        reached.append("reconciliation")
    return list(dict.fromkeys(reached))
