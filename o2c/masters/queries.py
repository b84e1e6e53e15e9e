"""What other areas ask the masters. Each says how many statements it costs."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FilteredRelation, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from o2c.core.errors import RuleViolation
from o2c.masters.models import (
    Address,
    Company,
    Customer,
    CustomerItem,
    ExchangeRate,
    Item,
    ItemUnit,
    PaymentTerms,
    PriceList,
    PriceListItem,
    TaxProfile,
    TaxRule,
    valid_on,
)
from o2c.masters.models.tax import TAXED_CATEGORIES
from o2c.masters.rules import terms as terms_rules
from o2c.masters.rules.prices import PriceBreak


class MasterMissing(RuleViolation):
    """A master that the work at hand needs has not been entered yet."""


def company() -> Company:
    """Our company and its policies. One statement. Raises MasterMissing before it is set up."""
    try:
        return Company.objects.get()
    except Company.DoesNotExist:
        raise MasterMissing(_("The company is not set up yet.")) from None


def rate_on(currency: str, on_date: date) -> Decimal:
    """Base currency for one unit of currency: the latest rate on or before the day.

    One statement; exactly 1 for the base currency. Raises MasterMissing when there is no rate.
    """
    latest = (
        ExchangeRate.objects.filter(currency=currency, date__lte=on_date)
        .order_by("-date")
        .values("rate")[:1]
    )
    found = Company.objects.values_list("base_currency", Subquery(latest)).first()
    if found is None:
        raise MasterMissing(_("The company is not set up yet."))
    base_currency, rate = found
    if currency == base_currency:
        return Decimal(1)
    if rate is None:
        raise MasterMissing(
            _("There is no exchange rate for %(currency)s on or before %(day)s.")
            % {"currency": currency, "day": on_date.isoformat()}
        )
    return Decimal(rate)


def load_customer(pk: int) -> Customer:
    """A customer with terms, price list, tax profile, parties and addresses at hand.

    Three statements; one more for each of bill-to and payer that is another customer.
    Raises Customer.DoesNotExist.
    """
    active = Prefetch("addresses", queryset=Address.objects.filter(active=True).order_by("pk"))
    parties = [
        Prefetch(f"{party}__addresses", queryset=active.queryset) for party in ("bill_to", "payer")
    ]
    return (
        Customer.objects.select_related("terms", "price_list", "tax_profile", "bill_to", "payer")
        .prefetch_related(active, "terms__lines", *parties)
        .get(pk=pk)
    )


def terms_plan(terms_id: int) -> terms_rules.Terms:
    """Payment terms as plain values for `rules.terms.due_schedule`. Two statements."""
    return PaymentTerms.objects.prefetch_related("lines").get(pk=terms_id).plan()


def prices_for(
    buyer: Customer | PriceList, item_ids: Collection[int], on_date: date
) -> dict[int, list[PriceBreak]]:
    """Every price break of these items valid on the day: the buyer's contract, then its list.

    Prices are per stock unit in the customer's (or the list's) currency. Items without any price
    are missing from the answer. One statement. `rules.prices.price_for` picks the one that counts.
    """
    entries = PriceListItem.objects.filter(
        valid_on(on_date), item_id__in=item_ids, price_list__active=True
    )
    if isinstance(buyer, PriceList):
        entries = entries.filter(price_list=buyer)
    else:
        contract = Q(price_list__customer=buyer)
        general = Q(price_list=buyer.price_list_id, price_list__customer=None)
        entries = entries.filter(contract | general, price_list__currency=buyer.currency)
    answer: dict[int, list[PriceBreak]] = {}
    for entry in entries.select_related("price_list").order_by("min_quantity"):
        answer.setdefault(entry.item_id, []).append(
            PriceBreak(
                min_quantity=entry.min_quantity,
                price=entry.price,
                discount_percent=entry.discount_percent,
                source=entry.price_list.code,
                contract=entry.price_list.customer_id is not None,
                tax_included=entry.price_list.tax_included,
            )
        )
    return answer


class TaxCodeRate(NamedTuple):
    """A tax code as it stands on a day; percent 19 means 19 %."""

    code: str
    category: str
    percent: Decimal
    tax_code_id: int
    exemption_code: str
    exemption_reason: str


def tax_codes_for(
    profile: TaxProfile | int, items: Iterable[Item], on_date: date
) -> dict[str, TaxCodeRate]:
    """The tax of every tax class under a profile on a day. One statement.

    Raises MasterMissing, naming the item, when an item's class has no rule or its code no rate.
    """
    profile_id = profile.pk if isinstance(profile, TaxProfile) else profile
    rates = FilteredRelation("tax_code__rates", condition=valid_on_rates(on_date))
    rows = (
        TaxRule.objects.filter(profile=profile_id)
        .select_related("tax_code")
        .annotate(rate=rates, percent=F("rate__percent"))
    )
    answer = {}
    for rule in rows:
        code = rule.tax_code
        percent = rule.percent if code.category in TAXED_CATEGORIES else Decimal(0)
        if percent is not None:
            answer[rule.tax_class] = TaxCodeRate(
                code.code,
                code.category,
                percent,
                code.pk,
                code.exemption_code,
                code.exemption_reason,
            )
    for item in items:
        if item.tax_class not in answer:
            raise MasterMissing(
                _("Item %(item)s: no tax is defined for “%(class)s” on %(day)s.")
                % {
                    "item": item.code,
                    "class": item.get_tax_class_display(),
                    "day": on_date.isoformat(),
                }
            )
    return answer


def valid_on_rates(on_date: date) -> Q:
    """The tax rates valid on a day, seen from a rule."""
    path = "tax_code__rates__"
    started = Q(**{f"{path}valid_from": None}) | Q(**{f"{path}valid_from__lte": on_date})
    return started & (Q(**{f"{path}valid_to": None}) | Q(**{f"{path}valid_to__gte": on_date}))


def items_by_code(
    codes: Collection[str], customer: Customer | int | None = None, *, active_only: bool = True
) -> dict[str, Item]:
    """The item each code means; unknown codes are missing. Items come with their unit.

    A code is, in this order: the customer's own code, our code, our code in other capitals, the
    item's barcode, the barcode of a packaging unit (then `packed_in` says which). One statement.
    """
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    customer_id = customer.pk if isinstance(customer, Customer) else customer
    theirs = CustomerItem.objects.filter(customer=customer_id)
    packed = ItemUnit.objects.filter(barcode__in=wanted)
    of_item = packed.filter(item=OuterRef("pk")).order_by("pk")
    matching = (
        Item.objects.filter(code__in=wanted)
        .values("pk")
        .union(
            Item.objects.alias(upper=Upper("code"))
            .filter(upper__in={code.upper() for code in wanted})
            .values("pk"),
            Item.objects.filter(barcode__in=wanted).values("pk"),
            packed.values("item"),
            theirs.filter(code__in=wanted).values("item"),
            all=True,
        )
    )
    items = (
        Item.objects.filter(pk__in=matching, **({"active": True} if active_only else {}))
        .select_related("unit")
        .annotate(
            customer_code=Subquery(theirs.filter(item=OuterRef("pk")).values("code")[:1]),
            packing_barcodes=ArraySubquery(of_item.values("barcode")),
            packing_units=ArraySubquery(of_item.values("unit__code")),
        )
        .order_by("pk")
    )
    return _by_preference(wanted, items)


def _by_preference(wanted: set[str], items: Iterable[Any]) -> dict[str, Item]:
    by_route: list[dict[str, Item]] = [{}, {}, {}, {}, {}]
    for item in items:
        spellings = (
            [item.customer_code],
            [item.code],
            [item.code.upper()],
            [item.barcode],
            item.packing_barcodes,
        )
        for route, names in zip(by_route, spellings, strict=True):
            for name in names:
                if name:
                    route.setdefault(name, item)
    answer = {}
    for code in wanted:
        spelt = (code, code, code.upper(), code, code)
        found = [route[name] for route, name in zip(by_route, spelt, strict=True) if name in route]
        if found:
            answer[code] = found[0]
    return answer


def packed_in(item: Any, code: str) -> str:
    """The packaging unit that a code of `items_by_code` orders; empty when it is the item's own."""
    if code in (item.customer_code, item.code, item.barcode) or code.upper() == item.code.upper():
        return ""
    units = dict(zip(item.packing_barcodes, item.packing_units, strict=True))
    return str(units.get(code, ""))


class ScannedUnit(NamedTuple):
    """What a scanned barcode stands for: an item, in stock units per scan."""

    item: Item
    factor: Decimal


def scanned(barcode: str) -> ScannedUnit | None:
    """The item a barcode belongs to, and how many stock units one scan counts.

    At most two statements.
    """
    item = Item.objects.filter(barcode=barcode).select_related("unit").first()
    if item:
        return ScannedUnit(item, Decimal(1))
    packed = ItemUnit.objects.filter(barcode=barcode).select_related("item__unit").first()
    return ScannedUnit(packed.item, packed.factor) if packed else None


class OtherUnit(NamedTuple):
    """A unit an item is sold in beside its stock unit: `factor` stock units are one of it."""

    unit_id: int
    factor: Decimal


def other_units(item_ids: Collection[int]) -> dict[tuple[int, str], OtherUnit]:
    """The other units of items, by item and unit code. One statement."""
    rows = ItemUnit.objects.filter(item_id__in=item_ids).values_list(
        "item_id", "unit__code", "unit_id", "factor"
    )
    return {(item_id, code): OtherUnit(unit_id, factor) for item_id, code, unit_id, factor in rows}
