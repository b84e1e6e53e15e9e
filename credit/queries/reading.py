"""What the pages of credit show besides the documents themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from credit.models import CreditAccount, CreditCheck
from credit.queries.authority import authority_of
from credit.queries.sentences import part_labels
from o2c.core.actors import Actor
from o2c.core.formats import money_text
from o2c.masters.queries import company
from orders.models import Order
from orders.models.order import GRANTED

_LATEST = 10


@dataclass(frozen=True)
class WaterfallLine:
    """One part of an exposure: its words, its amount, whether it counts, and the sum so far."""

    label: str
    amount: Decimal
    counts: bool
    total: Decimal


def waterfall_lines(parts: Sequence[Mapping[str, Any]]) -> list[WaterfallLine]:
    """A stored waterfall, ready to show; parts of nothing are left out."""
    labels, total, lines = part_labels(), Decimal(0), []
    for part in parts:
        amount = Decimal(part["amount"])
        total += amount if part["counts"] else 0
        if amount:
            lines.append(WaterfallLine(labels[part["part"]], amount, part["counts"], total))
    return lines


def authority_sentence(actor: Actor) -> str:
    """Up to how much the reader may decide. At most two statements."""
    known, ceiling = authority_of(actor)
    if not known:
        return _("You have no authority to approve credit.")
    if ceiling is None:
        return _("Your authority has no ceiling.")
    return _("Your authority ends at %(amount)s per order.") % {
        "amount": money_text(ceiling, company().base_currency)
    }


def exposed_orders(customer_id: int) -> list[Order]:
    """The payer's orders that use credit and are not billed yet, newest first. One statement."""
    orders = Order.objects.filter(payer=customer_id, state__in=GRANTED).select_related("customer")
    return list(orders.newest_first()[: 5 * _LATEST])


def latest_checks(account: CreditAccount) -> QuerySet[CreditCheck]:
    """The last decisions about the payer's orders."""
    return (
        CreditCheck.objects.filter(account=account)
        .select_related("order")
        .order_by("-pk")[:_LATEST]
    )
