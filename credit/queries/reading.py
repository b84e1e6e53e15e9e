"""What the pages of credit show besides the documents themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DecimalField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from credit.models import (
    CheckState,
    CreditAccount,
    CreditAuthority,
    CreditCheck,
    CreditLimit,
    LimitKind,
)
from credit.queries.authority import authority_of
from credit.queries.sentences import part_labels
from o2c.core import clock
from o2c.core.actors import Actor
from o2c.masters.queries import company
from o2c.web.formats import money_text
from orders.models import Order
from orders.models.states import GRANTED

_LATEST = 10
_AMOUNT = DecimalField(max_digits=19, decimal_places=4)


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
    """Up to how much the reader may decide."""
    known, ceiling = authority_of(actor)
    if not known:
        return _("You have no authority to approve credit.")
    if ceiling is None:
        return _("Your authority has no ceiling.")
    return _("Your authority ends at %(amount)s per order.") % {
        "amount": money_text(ceiling, company().base_currency)
    }


def checks() -> QuerySet[CreditCheck]:
    """Credit checks with their order and the payer at hand."""
    return CreditCheck.objects.select_related("order", "account__customer")


def authorities() -> QuerySet[CreditAuthority]:
    """Who may decide up to which amount, by role."""
    return CreditAuthority.objects.order_by("role")


def limits_of(account: CreditAccount) -> QuerySet[CreditLimit]:
    """Every limit an account had, has or will have, the latest first."""
    return account.limits.order_by("-valid_from", "kind")


def accounts() -> QuerySet[CreditAccount]:
    """Accounts with their payer, `limit_today` (None: no limit) and how many orders are `held`.

    The limit is that of `rules.effective_limit`, as SQL.
    """
    today = clock.today()
    valid = CreditLimit.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), account=OuterRef("pk"), valid_from__lte=today
    )

    def amount_of(kind: LimitKind) -> Subquery:
        return Subquery(valid.filter(kind=kind).values("amount")[:1], output_field=_AMOUNT)

    waiting = (  # counted on its own: a join would repeat the account's row in the totals
        CreditCheck.objects.filter(account=OuterRef("pk"), state=CheckState.HELD)
        .order_by()
        .values("account")
        .annotate(count=Count("pk"))
        .values("count")
    )
    insured = amount_of(LimitKind.INSURED)
    own = Coalesce(amount_of(LimitKind.TEMPORARY), amount_of(LimitKind.PERMANENT))
    return (
        CreditAccount.objects.select_related("customer")
        .alias(own_limit=own, insured_limit=insured)
        .annotate(
            limit_today=Coalesce(
                F("own_limit") + Coalesce("insured_limit", Decimal(0), output_field=_AMOUNT),
                "insured_limit",
                output_field=_AMOUNT,
            ),
            held=Coalesce(Subquery(waiting, output_field=IntegerField()), 0),
        )
    )


def exposed_orders(customer_id: int) -> list[Order]:
    """The payer's orders that use credit and are not billed yet, newest first."""
    orders = Order.objects.filter(payer=customer_id, state__in=GRANTED).select_related("customer")
    return list(orders.newest_first()[: 5 * _LATEST])


def payers_known_late() -> list[int]:
    """Customers whose account says that they owe something too late."""
    late = CreditAccount.objects.filter(overdue_amount__gt=0).order_by("customer_id")
    return list(late.values_list("customer_id", flat=True))


def latest_checks(account: CreditAccount) -> QuerySet[CreditCheck]:
    """The last decisions about the payer's orders."""
    return (
        CreditCheck.objects.filter(account=account)
        .select_related("order")
        .order_by("-pk")[:_LATEST]
    )
