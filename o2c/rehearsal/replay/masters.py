"""The masters a replay needs, made by the product's own imports and commands."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from statistics import median_low
from typing import Any

from credit.commands import open_account, set_limit
from credit.models import CreditLimit
from o2c.core import clock
from o2c.core.actors import Actor
from o2c.ledger.commands import install_chart, open_period
from o2c.masters.commands import import_masters, install_company, install_reference_data
from o2c.masters.models import BankAccount, Company, Customer, Item, Location, TaxClass, Warehouse
from o2c.rehearsal.replay.bank import ACCOUNT_CODE, ACCOUNT_IBAN
from o2c.rehearsal.replay.reader import COUNTRIES, CURRENCY, Bill, Business, Row
from o2c.stock.commands import Receipt, receive_goods
from o2c.stock.models import Move, StockReceipt
from o2c.tabular.imports import ImportResult

Bar = Callable[[int], Callable[[str], None]]  # a progress bar for so many steps

WAREHOUSE = "REPLAY"
DELIVERY = "replay"  # the delivery note of all the goods
LOCATIONS = 24  # storage places that the items are spread over
ABROAD = "ABROAD"  # the tax profile of buyers abroad, of whom the file knows no VAT id
COST_SHARE = Decimal("0.55")  # what an item costs us of its usual price


@dataclass(frozen=True)
class World:
    """What the replayed orders stand on."""

    warehouse: Warehouse
    bank_account: BankAccount
    customers: dict[str, int]  # code -> id
    items: dict[str, int]  # code -> id
    locations: dict[str, int]  # item code -> where it lies


class ReplayRefused(Exception):
    """The file cannot be replayed here; the message says why."""


def prepare(business: Business, seed: int, actor: Actor, bar: Bar) -> World:
    """Create what is missing: company, customers with credit, items, a warehouse, a bank account.

    Runs again without harm: every import finds its rows by code, and who has a limit keeps it.
    Raises ReplayRefused when an import is refused.
    """
    if not Company.objects.exists():
        install_company(
            name="Replay Retail", country="GB", base_currency=CURRENCY, city="London",
            street="1 Gift Street", postcode="N1 1AA", vat_id="GB980780684", actor=actor,
        )  # fmt: skip
    install_reference_data(standard_percent=Decimal(20), actor=actor)
    install_chart(actor=actor)
    _take("tax-profiles", ["code", "name"], [[ABROAD, "Buyers abroad, untaxed"]], actor)
    _take(
        "tax-rules",
        ["profile", "tax_class", "tax_code"],
        [[ABROAD, tax_class, "EXPORT"] for tax_class in TaxClass.values],
        actor,
    )
    _take("exchange-rates", ["currency", "date", "rate"], _rates(business), actor)
    _take(
        "bank-accounts",
        ["code", "name", "iban", "currency"],
        [[ACCOUNT_CODE, "Replay current account", ACCOUNT_IBAN, CURRENCY]],
        actor,
    )
    _take("warehouses", ["code", "name", "country"], [[WAREHOUSE, "Replay warehouse", "GB"]], actor)
    _take(
        "locations",
        ["warehouse", "code", "kind", "walk_order"],
        [[WAREHOUSE, _place(nr), "storage", nr] for nr in range(LOCATIONS)],
        actor,
    )
    items = _items(business)
    _take(
        "items",
        ["code", "name", "kind", "unit", "standard_cost", "weight_kg"],
        _new(Item, items),
        actor,
    )
    bills = {code_of(bill): bill for bill in (*business.sales, *business.cancellations)}
    _take(
        "customers",
        ["code", "name", "currency", "terms", "tax_profile", "billing_policy", "po_policy",
         "invoice_channel"],
        _new(Customer, _customers(bills, seed)),
        actor,
    )  # fmt: skip
    _take(
        "addresses",
        ["customer", "code", "name", "street", "city", "country", "default"],
        [[code, "MAIN", f"Customer {code}", "High Street 1", bill.country[:100],
          COUNTRIES[bill.country], "yes"] for code, bill in bills.items()],
        actor,
    )  # fmt: skip
    customers = dict(Customer.objects.filter(code__in=bills).values_list("code", "pk"))
    _grant_credit(business, customers, seed, actor, bar)
    places = dict(Location.objects.filter(warehouse__code=WAREHOUSE).values_list("code", "pk"))
    return World(
        warehouse=Warehouse.objects.get(code=WAREHOUSE),
        bank_account=BankAccount.objects.get(code=ACCOUNT_CODE),
        customers=customers,
        items=dict(
            Item.objects.filter(code__in=[row[0] for row in items]).values_list("code", "pk")
        ),
        locations={row[0]: places[_place(nr % LOCATIONS)] for nr, row in enumerate(items)},
    )


def receive_stock(business: Business, world: World, actor: Actor) -> int:
    """Receive all that will be sold or written off, in one delivery. Returns the lines.

    Less what an earlier run received.
    """
    wanted: dict[str, Decimal] = {}
    for row in _rows(business):
        if not row.is_service and not row.invoice.upper().startswith("C"):
            wanted[item_code(row)] = wanted.get(item_code(row), Decimal(0)) + abs(row.quantity)
    earlier = StockReceipt.objects.filter(warehouse=world.warehouse, reference=DELIVERY)
    received = Move.objects.filter(
        source_type=StockReceipt.source_type(), source_id__in=earlier.values("pk")
    ).values_list("balance__item__code", "quantity")
    for code, quantity in received:
        wanted[code] = wanted.get(code, Decimal(0)) - quantity
    receipts = [
        Receipt(world.items[code], world.locations[code], quantity)
        for code, quantity in wanted.items()
        if quantity > 0
    ]
    if receipts:
        day = first_day(business)
        open_period(day, actor=actor)  # it is long over
        receive_goods(world.warehouse.pk, receipts, reference=DELIVERY, moved_on=day, actor=actor)
    return len(receipts)


def code_of(bill: Bill) -> str:
    """The customer's code, fit for a master."""
    return bill.customer.upper().replace(" ", "-")[:30]


def item_code(row: Row) -> str:
    """The item's code, fit for a master."""
    return row.item.upper().replace(" ", "-").replace("_", "-")


def _rows(business: Business) -> Iterable[Row]:
    for bill in (*business.sales, *business.cancellations, *business.corrections):
        yield from bill.rows


def _place(number: int) -> str:
    return f"R-{number:02d}"


def _items(business: Business) -> list[list[Any]]:
    """One row per item: the first name, and a cost below the price it is usually sold at."""
    names: dict[str, Row] = {}
    prices: dict[str, list[Decimal]] = defaultdict(list)
    for row in _rows(business):
        names.setdefault(item_code(row), row)
        prices[item_code(row)].append(row.price)
    return [
        [
            code,
            row.description[:200],
            "service" if row.is_service else "stocked",
            "H87",
            Decimal(0) if row.is_service else _cost(prices[code]),
            Decimal(0) if row.is_service else Decimal("0.250"),
        ]
        for code, row in sorted(names.items())
    ]


def _cost(prices: list[Decimal]) -> Decimal:
    """What we pay for a piece, in pounds, from the prices it was sold at; gifts do not count."""
    usual = median_low([price for price in prices if price] or [Decimal(0)])
    return (usual * COST_SHARE).quantize(Decimal("0.01"))


def _customers(bills: dict[str, Bill], seed: int) -> list[list[Any]]:
    random = Random(seed)
    rows = []
    for code, bill in sorted(bills.items()):
        domestic = COUNTRIES[bill.country] in {"GB", "JE"}
        billing = "delivered" if random.random() < 0.1 else "dispatched"
        rows.append(
            [code, f"Customer {code.title()}", CURRENCY, random.choice(["NET14", "NET30"]),
             "DOMESTIC" if domestic else ABROAD, billing, "allow", "none"]
        )  # fmt: skip
    return rows


def _grant_credit(
    business: Business, customers: dict[str, int], seed: int, actor: Actor, bar: Bar
) -> None:
    """A limit per customer: most have room for all they buy, one in twenty has not."""
    random = Random(seed + 1)
    bought: dict[str, Decimal] = dict.fromkeys(customers, Decimal(0))
    for bill in business.sales:
        bought[code_of(bill)] += bill.total
    limited = CreditLimit.objects.filter(account__customer__in=customers.values())
    served = set(limited.values_list("account__customer__code", flat=True))
    tick = bar(len(bought))
    for code, total in sorted(bought.items()):
        share = Decimal("0.6" if random.random() < 0.05 else "1.5")
        if code not in served:
            account = open_account(customers[code], first_order_cleared=True, actor=actor)
            set_limit(
                account.pk,
                amount=(total * share).quantize(Decimal(1)) + 100,
                valid_from=first_day(business),
                reason="replay",
                actor=actor,
            )
        tick(f"customer {code}")


def first_day(business: Business) -> date:
    """The day the file begins."""
    bills = (*business.sales, *business.cancellations, *business.corrections)
    return min((bill.at.date() for bill in bills), default=clock.today())


def _rates(business: Business) -> list[list[Any]]:
    """Pounds in the company's currency, where that is another: one rate is enough for a month."""
    base = Company.objects.get().base_currency
    if base == CURRENCY or not business.sales:
        return []
    return [[CURRENCY, first_day(business), Decimal("1.15")]]


def _new(master: type[Item] | type[Customer], rows: list[list[Any]]) -> list[list[Any]]:
    """The rows whose code is not here yet: what an earlier run made stays as it is."""
    here = set(master.objects.values_list("code", flat=True))
    return [row for row in rows if row[0] not in here]


def _take(kind: str, columns: list[str], rows: list[list[Any]], actor: Actor) -> None:
    """Import rows as a person would: as a file."""
    if not rows:
        return
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(rows)
    result: ImportResult = import_masters(
        kind, f"{kind}.csv", file.getvalue().encode(), dry_run=False, actor=actor
    )
    if result.refused:
        first = result.shown_errors[0]
        raise ReplayRefused(f"{kind}, row {first.row}, {first.field}: {first.message}")
