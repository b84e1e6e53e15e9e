"""What the measured cycles stand on: customers with credit, priced goods on stock, bank accounts.

It is added to whatever company is in the database, and found again by its codes.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from credit.commands import open_account, set_limit
from o2c.core import clock
from o2c.core.actors import SystemActor
from o2c.ledger.commands import install_chart
from o2c.masters.commands import import_masters, install_company, install_reference_data
from o2c.masters.models import BankAccount, Company, Customer, Item, Location, Warehouse
from o2c.rehearsal.replay.bank import payer_iban
from o2c.stock.commands import Receipt, receive_goods

ACTOR = SystemActor("benchmark")
CURRENCY, CODE = "EUR", "BENCH"
CUSTOMERS, ITEMS, LOCATIONS, BANK_ACCOUNTS = 40, 200, 20, 4
PRICE, COST = Decimal("10.00"), Decimal("6.00")  # net, per piece
ON_STOCK = Decimal(1_000_000)  # pieces of each item
LIMIT = Decimal(100_000_000)  # nobody is ever held


@dataclass(frozen=True)
class World:
    """Whom to sell to, what, from where; `bank_accounts` gives each worker one of its own."""

    warehouse_id: int
    customers: dict[int, str]  # id -> name
    items: list[str]  # codes
    bank_accounts: list[BankAccount]


class WorldRefused(Exception):
    """The masters were refused by the import; the message says why."""


def world() -> World:
    """Make what is missing, and return it."""
    if not Warehouse.objects.filter(code=CODE).exists():
        _company()
        _goods()
        _customers()
    return World(
        warehouse_id=Warehouse.objects.get(code=CODE).pk,
        customers=dict(_coded(Customer).values_list("pk", "name")),
        items=list(_coded(Item).values_list("code", flat=True)),
        bank_accounts=list(_coded(BankAccount)),
    )


def _coded(model: Any) -> Any:
    return model.objects.filter(code__startswith=f"{CODE}-").order_by("code")


def _codes(count: int) -> list[str]:
    return [f"{CODE}-{number:03d}" for number in range(count)]


def _company() -> None:
    if not Company.objects.exists():
        install_company(
            name="Benchmark Trading", country="DE", base_currency=CURRENCY, city="Hamburg",
            street="Speicherstraße 1", postcode="20457", vat_id="DE136695976", actor=ACTOR,
        )  # fmt: skip
    install_reference_data(actor=ACTOR)
    install_chart(actor=ACTOR)
    _take(
        "bank-accounts",
        ["code", "name", "iban", "currency"],
        [[code, f"Account {code}", payer_iban(code), CURRENCY] for code in _codes(BANK_ACCOUNTS)],
    )


def _goods() -> None:
    _take("warehouses", ["code", "name", "country"], [[CODE, "Benchmark warehouse", "DE"]])
    _take(
        "locations",
        ["warehouse", "code", "kind", "walk_order"],
        [[CODE, f"B-{nr:02d}", "storage", nr] for nr in range(LOCATIONS)],
    )
    _take(
        "items",
        ["code", "name", "kind", "unit", "standard_cost", "weight_kg"],
        [[code, f"Item {code}", "stocked", "H87", COST, "0.250"] for code in _codes(ITEMS)],
    )
    _take("price-lists", ["code", "name", "currency"], [[CODE, "Benchmark prices", CURRENCY]])
    _take(
        "prices",
        ["price_list", "item", "min_quantity", "price"],
        [[CODE, code, 0, PRICE] for code in _codes(ITEMS)],
    )
    warehouse = Warehouse.objects.get(code=CODE)
    places = list(Location.objects.filter(warehouse=warehouse).order_by("walk_order"))
    receipts = [
        Receipt(item.pk, places[nr % LOCATIONS].pk, ON_STOCK, COST)
        for nr, item in enumerate(_coded(Item))
    ]
    receive_goods(warehouse.pk, receipts, reference=CODE, actor=ACTOR)


def _customers() -> None:
    codes = _codes(CUSTOMERS)
    _take(
        "customers",
        ["code", "name", "currency", "terms", "price_list", "tax_profile", "billing_policy",
         "po_policy", "invoice_channel"],
        [[code, f"Customer {code}", CURRENCY, "NET30", CODE, "DOMESTIC", "dispatched", "allow",
          "none"] for code in codes],
    )  # fmt: skip
    _take(
        "addresses",
        ["customer", "code", "name", "street", "postcode", "city", "country", "default"],
        [[code, "MAIN", f"Customer {code}", "Osterstraße 1", "20259", "Hamburg", "DE", "yes"]
         for code in codes],
    )  # fmt: skip
    for customer in _coded(Customer):
        account = open_account(customer.pk, first_order_cleared=True, actor=ACTOR)
        set_limit(
            account.pk, amount=LIMIT, valid_from=clock.today(), reason="benchmark", actor=ACTOR
        )


def _take(kind: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Import rows as the file a person would upload. Raises WorldRefused."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(rows)
    result = import_masters(kind, f"{kind}.csv", file.getvalue().encode(), actor=ACTOR)
    if result.refused:
        first = result.shown_errors[0]
        raise WorldRefused(f"{kind}, row {first.row}, {first.field}: {first.message}")
