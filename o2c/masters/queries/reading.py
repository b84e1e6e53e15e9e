"""What other areas ask the masters: prices, taxes, rates, the company."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    Case,
    F,
    FilteredRelation,
    ForeignKey,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext as _

from o2c.core.compiled import compiled
from o2c.core.errors import RuleViolation
from o2c.masters.models import (
    Address,
    AddressKind,
    Company,
    Customer,
    ExchangeRate,
    Item,
    PaymentTerms,
    PaymentTermsLine,
    PriceList,
    PriceListItem,
    Recorded,
    SupplyKind,
    TaxRule,
    valid_on,
)
from o2c.masters.models.tax import TAXED_CATEGORIES
from o2c.masters.rules.prices import PriceBreak
from o2c.masters.rules.supply import Trade, supply_of

_Master = TypeVar("_Master", bound=Recorded)


class MasterMissing(RuleViolation):
    """A master that the work at hand needs has not been entered yet."""


def company() -> Company:
    """Our company and its policies. Raises MasterMissing before it is set up."""
    found = _companies()
    if not found:
        raise MasterMissing(_("The company is not set up yet."))
    return found[0]


@compiled
def _companies() -> QuerySet[Company]:
    return Company.objects.all()


def rows_of(model: type[_Master]) -> QuerySet[_Master]:
    """The rows of a kind of master with all they name at hand."""
    named = [field.name for field in model._meta.fields if isinstance(field, ForeignKey)]
    return model._default_manager.select_related(*named)


def parts_of(owner: Recorded, model: type[_Master], link: str, most: int) -> list[_Master]:
    """The first rows of a kind that name owner by their field link."""
    return list(rows_of(model).filter(**{link: owner}).order_by("pk")[:most])


def lines_of(terms: PaymentTerms) -> QuerySet[PaymentTermsLine]:
    """How payment terms split an invoice, in order."""
    return terms.lines.order_by("sequence")


def rate_on(currency: str, on_date: date) -> Decimal:
    """Base currency for one unit of currency: the latest rate on or before the day.

    Exactly 1 for the base currency. Raises MasterMissing when there is no rate.
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


def prices_for(
    buyer: Customer | PriceList, item_ids: Collection[int], on_date: date
) -> dict[int, list[PriceBreak]]:
    """Every price break of these items valid on the day: the buyer's contract, then its list.

    Prices are per stock unit in the customer's (or the list's) currency. Items without any price
    are missing from the answer. `rules.prices.price_for` picks the one that counts.
    """
    if isinstance(buyer, PriceList):
        entries = _prices_of_list(item_ids, on_date, buyer.pk)
    else:
        entries = _prices_of_buyer(item_ids, on_date, buyer.pk, buyer.price_list_id, buyer.currency)
    answer: dict[int, list[PriceBreak]] = {}
    for entry in entries:
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


@compiled
def _prices_of_list(
    item_ids: Collection[int], on_date: date, price_list_id: int
) -> QuerySet[PriceListItem]:
    return _prices(item_ids, on_date).filter(price_list=price_list_id)


@compiled
def _prices_of_buyer(
    item_ids: Collection[int],
    on_date: date,
    customer_id: int,
    price_list_id: int | None,
    currency: str,
) -> QuerySet[PriceListItem]:
    contract = Q(price_list__customer=customer_id)
    general = Q(price_list=price_list_id, price_list__customer=None)
    return _prices(item_ids, on_date).filter(contract | general, price_list__currency=currency)


def _prices(item_ids: Collection[int], on_date: date) -> QuerySet[PriceListItem]:
    valid = PriceListItem.objects.filter(valid_on(on_date), item_id__in=item_ids)
    return (
        valid.filter(price_list__active=True).select_related("price_list").order_by("min_quantity")
    )


class TaxCodeRate(NamedTuple):
    """A tax code as it stands on a day, with why it applies; percent 19 means 19 %.

    `profile` is the code of the tax profile; `trade` says between which countries, and is None
    where the profile does not ask.
    """

    code: str
    category: str
    percent: Decimal
    tax_code_id: int
    exemption_code: str
    exemption_reason: str
    profile: str
    trade: Trade | None


@dataclass(frozen=True)
class Taxes:
    """What one buyer pays on supplies of one day to one country."""

    day: date
    ship_to: str
    rules: Sequence[dict[str, Any]]

    def of(self, item: Item) -> TaxCodeRate:
        """The tax of an item. Raises MasterMissing, naming it, where none is defined."""
        own = next((rule for rule in self.rules if rule["own"]), None)
        if own is None or not own["supply"]:
            rules, trade = [rule for rule in self.rules if rule["own"]], None
        else:
            trade = self._trade(own)
            kind = supply_of(trade, self.day, is_service=not item.is_stocked)
            rules = [rule for rule in self.rules if rule["supply"] == kind]
            if not rules:
                raise self._no_profile(item, kind)
        for rule in rules:
            untaxed = rule["category"] not in TAXED_CATEGORIES
            if rule["tax_class"] == item.tax_class and (untaxed or rule["percent"]):
                return _tax_code_rate(rule, Decimal(0 if untaxed else rule["percent"]), trade)
        raise MasterMissing(
            _("Item %(item)s: no tax is defined for “%(class)s” on %(day)s.")
            % {
                "item": item.code,
                "class": item.get_tax_class_display(),
                "day": self.day.isoformat(),
            }
        )

    def _trade(self, own: dict[str, Any]) -> Trade:
        ship_to = self.ship_to or own["bill_to"] or own["seller"]
        return Trade(
            own["seller"],
            own["bill_to"] or ship_to,
            ship_to,
            own["vat_id"],
            own["supply"] in (SupplyKind.INTRA_COMMUNITY, SupplyKind.REVERSE_CHARGE),
        )

    def _no_profile(self, item: Item, kind: str) -> MasterMissing:
        return MasterMissing(
            _("Item %(item)s: there is no tax profile for the supply “%(kind)s”.")
            % {"item": item.code, "kind": SupplyKind(kind).label}
        )


def taxes_for(bill_to_id: int, ship_to: str, day: date) -> Taxes:
    """What this party pays on supplies of a day to a country.

    An empty `ship_to` stands for the country of the bill.
    """
    return Taxes(day, ship_to, [row["found"] for row in _read_tax_rules(bill_to_id, day)])


def tax_rules_for(bill_to_id: int, day: date) -> QuerySet[Any, Any]:
    """The rules that may apply to supplies of a day: `found` is a row for `Taxes`.

    Those of the party's own profile and of every profile that is taken by the kind of supply.
    """
    party = Customer.objects.filter(pk=bill_to_id)
    own = Subquery(party.values("tax_profile")[:1])
    return (
        TaxRule.objects.annotate(
            rate=FilteredRelation("tax_code__rates", condition=valid_on_rates(day))
        )
        .filter(Q(profile=own) | ~Q(profile__supply="") & Q(profile__active=True))
        .order_by("pk")
        .values(
            found=JSONObject(
                **{name: F(f"tax_code__{name}") for name in _CODE_FIELDS},
                tax_code=F("tax_code"),
                tax_class=F("tax_class"),
                percent=Cast("rate__percent", TextField()),
                profile=F("profile__code"),
                supply=F("profile__supply"),
                own=Case(When(profile=own, then=Value(True)), default=Value(False)),
                seller=Subquery(Company.objects.values("country")[:1]),
                bill_to=Subquery(billing_addresses(bill_to_id).values("country")[:1]),
                vat_id=Subquery(party.values("vat_id")[:1]),
            )
        )
    )


_read_tax_rules = compiled(tax_rules_for)


def billing_addresses(customer_id: int) -> QuerySet[Address]:
    """The addresses a bill may go to, best first: the default billing address, else another."""
    billing_first = Case(When(kind=AddressKind.SHIP_TO, then=Value(1)), default=Value(0))
    default_first = Case(When(is_default=True, then=Value(0)), default=Value(1))
    return Address.objects.filter(active=True, customer=customer_id).order_by(
        billing_first, default_first, "pk"
    )


_CODE_FIELDS = ("code", "category", "exemption_code", "exemption_reason")


def _tax_code_rate(rule: dict[str, Any], percent: Decimal, trade: Trade | None) -> TaxCodeRate:
    return TaxCodeRate(
        rule["code"],
        rule["category"],
        percent,
        rule["tax_code"],
        rule["exemption_code"],
        rule["exemption_reason"],
        rule["profile"],
        trade,
    )


def valid_on_rates(on_date: date) -> Q:
    """The tax rates valid on a day, seen from a rule."""
    path = "tax_code__rates__"
    started = Q(**{f"{path}valid_from": None}) | Q(**{f"{path}valid_from__lte": on_date})
    return started & (Q(**{f"{path}valid_to": None}) | Q(**{f"{path}valid_to__gte": on_date}))
