"""What a new order starts from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from o2c.core.compiled import compiled
from o2c.core.errors import RuleViolation
from o2c.masters.models import Address, Company, Customer, ExchangeRate, Warehouse
from o2c.masters.queries import MasterMissing
from orders.models import Order, OrderState


class UnknownCustomer(RuleViolation):
    """There is no such customer, or it no longer buys."""


@dataclass(frozen=True)
class Buyer:
    """A customer with all an order takes from it and from the company.

    At hand on `customer`: terms, price list, tax profile, bill-to, payer, active addresses.
    `exchange_rate` is the base currency for one unit of `currency`. `twin` is the number of an
    order with the same reference, or empty. Tolerances: 10 means 10 %.
    """

    customer: Customer
    currency: str
    exchange_rate: Decimal
    default_warehouse_id: int | None
    over_delivery_percent: Decimal
    under_delivery_percent: Decimal
    twin: str


def load_buyer(
    customer_id: int,
    on_date: date,
    currency: str = "",
    reference_key: str = "",
    *,
    but_not: int | None = None,
    older_only: bool = False,
) -> Buyer:
    """Who buys on a day, in its own or the given currency.

    `but_not` is the order that is no twin of itself; with `older_only`, nor is one that came after
    it. Raises UnknownCustomer or MasterMissing.
    """
    buyers = _buyers(
        customer_id, on_date, currency or None, reference_key, but_not, older_only=older_only
    )
    found: Any = next(iter(buyers), None)
    if found is None:
        raise UnknownCustomer(_("The customer is unknown or no longer buys."), field="customer")
    if found.base_currency is None:
        raise MasterMissing(_("The company is not set up yet."))
    currency = currency or found.currency
    rate_known = Decimal(1) if currency == found.base_currency else found.rate
    if rate_known is None:
        raise MasterMissing(
            _("There is no exchange rate for %(currency)s on or before %(day)s.")
            % {"currency": currency, "day": on_date.isoformat()}
        )
    # Where Django keeps what it has prefetched: `addresses.all()` asks no more.
    found._prefetched_objects_cache = {"addresses": _addresses(customer_id)}
    return Buyer(
        customer=found,
        currency=currency,
        exchange_rate=rate_known,
        default_warehouse_id=found.warehouse,
        over_delivery_percent=found.over_delivery,
        under_delivery_percent=found.under_delivery,
        twin=found.twin or "",
    )


@compiled
def _addresses(customer_id: int) -> QuerySet[Address]:
    return Address.objects.filter(customer=customer_id, active=True).order_by("pk")


@compiled
def _buyers(
    customer_id: int,
    on_date: date,
    currency: str | None,
    reference_key: str,
    but_not: int | None,
    *,
    older_only: bool,
) -> QuerySet[Customer]:
    rate = ExchangeRate.objects.filter(
        currency=OuterRef("currency") if currency is None else currency, date__lte=on_date
    ).order_by("-date")
    company = Company.objects.all()
    warehouses = Warehouse.objects.filter(active=True).order_by("pk")
    customers: QuerySet[Customer] = Customer._default_manager.filter(pk=customer_id, active=True)
    return customers.select_related(
        "terms", "price_list", "tax_profile", "bill_to", "payer"
    ).annotate(
        base_currency=Subquery(company.values("base_currency")[:1]),
        over_delivery=Subquery(company.values("over_delivery_percent")[:1]),
        under_delivery=Subquery(company.values("under_delivery_percent")[:1]),
        rate=Subquery(rate.values("rate")[:1]),
        warehouse=Subquery(warehouses.values("pk")[:1]),
        twin=Subquery(_twins(reference_key, but_not, older_only).values("number")[:1]),
    )


def _twins(reference_key: str, but_not: int | None, older_only: bool) -> QuerySet[Order]:
    """The customer's living orders with this reference, newest first."""
    older = {"pk__lt": but_not} if older_only else {}
    return (
        Order.objects.filter(customer=OuterRef("pk"), reference_key=reference_key, **older)
        .exclude(reference_key="")
        .exclude(pk=but_not)
        .exclude(state=OrderState.CANCELLED)
        .order_by("-pk")
    )
