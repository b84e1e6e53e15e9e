"""Day one: the company, its masters from files, stock on the shelves, limits, how it reminds."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from credit.commands import classify_account, open_account, set_authority, set_limit
from o2c.core.actors import SystemActor
from o2c.ledger.commands import amend_account, install_chart
from o2c.ledger.models import Account, AccountKind
from o2c.masters.commands import (
    import_masters,
    install_company,
    install_reference_data,
)
from o2c.masters.models import Customer, Item, Location, Warehouse
from o2c.rehearsal.demo.catalogue import Article, articles, prices
from o2c.rehearsal.demo.people import Staff
from o2c.stock.commands import Receipt, receive_goods
from receivables.commands import OpeningItem, install_reminders, take_over_items

FOUNDER = SystemActor("demo")
DATA = Path(__file__).parent / "data"
FILES = [
    *("item-categories", "terms", "terms-lines", "warehouses", "carriers", "carrier-services"),
    *("bank-accounts",),
]
CUSTOMER_FILES = ["customers", "addresses", "contacts"]
POUND_RATES = ["1.1588", "1.1642", "1.1561", "1.1609"]  # EUR for a pound, every third week
#: never on stock in Lübeck: what is ordered of it waits
SCARCE = ("GFB-20", "LFL-40", "DMR-30")
SHELVES = 30  # storage places in Lübeck
OTHER_PLACES = ("receiving", "shipping", "quarantine", "scrap")
KNOWN_SINCE = timedelta(days=400)
#: Customers who are new: their first order waits for the credit manager.
NEW_CUSTOMERS = ("C1027", "C1037")
#: Limits in the customer's currency; the others get DEFAULT_LIMIT.
LIMITS = {"C1002": 60000, "C1004": 40000, "C1011": 2500, "C1013": 45000, "C1019": 6000}
DEFAULT_LIMIT = 20000
CEILING = Decimal(50000)  # in EUR: above it nobody in this house decides
#: Customers whose orders are held once something is so many days late.
OVERDUE_DAYS = {"C1007": 30, "C1017": 21, "C1033": 30}


class DataRefused(Exception):
    """A file of the demo was refused by the import; the message says why."""


def found(first_day: date, staff: Staff, volume: int = 1) -> None:
    """Everything that must be there before the first order."""
    install_company(
        name="Nordlicht Haushaltswaren", legal_name="Nordlicht Haushaltswaren GmbH",
        street="An der Obertrave 16", postcode="23552", city="Lübeck", country="DE",
        vat_id="DE956255352", registration="Amtsgericht Lübeck, HRB 20471",
        email="kontor@nordlicht.example", phone="+49 451 5550 100", website="nordlicht.example",
        base_currency="EUR", actor=FOUNDER,
    )  # fmt: skip
    install_reference_data(actor=FOUNDER)
    for name in FILES:
        _import(name, (DATA / f"{name}.csv").read_bytes())
    install_chart(actor=FOUNDER)
    _rates(first_day)
    _shelves()
    _goods(first_day)
    for name in CUSTOMER_FILES:
        _import(name, (DATA / f"{name}.csv").read_bytes())
    _fill_shelves(staff, volume)
    _grant_credit(first_day, staff, volume)
    install_reminders(actor=FOUNDER)
    _take_over_old_debts(first_day, staff)


def _rates(first_day: date) -> None:
    rows = [
        ["GBP", first_day + timedelta(days=21 * nr - 7), rate, "ECB"]
        for nr, rate in enumerate(POUND_RATES)
    ]
    _take("exchange-rates", ["currency", "date", "rate", "source"], rows)


def _shelves() -> None:
    """Storage in walking order, and the places where goods come in, go out, or wait."""
    rows: list[list[object]] = []
    for code, count in (("HL", SHELVES), ("M", SHELVES // 2)):
        rows += [[code, _place(nr), "storage", 10 * (nr + 1)] for nr in range(count)]
        rows += [[code, kind.upper(), kind, 0] for kind in OTHER_PLACES]
    _take("locations", ["warehouse", "code", "kind", "walk_order"], rows)


def _place(number: int) -> str:
    """Five places to an aisle: A-01 to A-05, then B-01."""
    return f"{'ABCDEF'[number // 5]}-{number % 5 + 1:02d}"


def _goods(first_day: date) -> None:
    catalogue = list(articles())
    _take(
        "items",
        ["code", "name", "category", "kind", "unit", "barcode", "weight_kg", "standard_cost",
         "tax_class"],
        [[a.code, a.name, a.category, a.kind, a.unit, a.barcode, a.weight, a.cost, a.tax_class]
         for a in catalogue],
    )  # fmt: skip
    by_six = [a for a in catalogue if a.category in ("GLASS", "TABLEWARE")]
    _take("item-units", ["item", "unit", "factor"], [[a.code, "XBX", 6] for a in by_six])
    lists = {"EUR": "WHOLESALE-EUR", "GBP": "WHOLESALE-GBP"}
    _take(
        "price-lists",
        ["code", "name", "currency"],
        [[code, f"Wholesale {currency}", currency] for currency, code in lists.items()],
    )
    _take(
        "prices",
        ["price_list", "item", "min_quantity", "price"],
        [[code, a.code, pieces, price]
         for currency, code in lists.items()
         for a in catalogue
         for pieces, price in prices(a, currency)],
    )  # fmt: skip


def _fill_shelves(staff: Staff, volume: int) -> None:
    """One delivery per warehouse. The scarce goods lie in München only."""
    random = Random(1)
    items = dict(Item.objects.filter(kind="stocked").values_list("code", "pk"))
    goods = [article for article in articles() if article.code in items]
    for warehouse in Warehouse.objects.order_by("code"):
        places = list(
            Location.objects.filter(warehouse=warehouse, kind="storage").order_by("walk_order")
        )
        lines = [
            Receipt(
                items[article.code],
                places[nr * len(places) // len(goods)].pk,
                _amount(article, random) * volume,
                article.cost,
            )
            for nr, article in enumerate(goods)
            if not (warehouse.code == "HL" and article.code in SCARCE)
        ]
        receive_goods(warehouse.pk, lines, reference="Opening stock", actor=staff["pablo"])


def _amount(article: Article, random: Random) -> Decimal:
    """The cheaper, the more of it."""
    return Decimal(random.randrange(12, 20) * (12 if article.price > 40 else 48))


def _grant_credit(first_day: date, staff: Staff, volume: int) -> None:
    set_authority("credit manager", CEILING, actor=FOUNDER)
    chris = staff["chris"]
    for customer in Customer.objects.filter(payer=None).order_by("code"):
        account = open_account(
            customer.pk, first_order_cleared=customer.code not in NEW_CUSTOMERS, actor=chris
        )
        set_limit(
            account.pk,
            amount=Decimal(LIMITS.get(customer.code, DEFAULT_LIMIT)) * volume,
            valid_from=first_day - KNOWN_SINCE,
            reason="Limit of the old books",
            actor=FOUNDER,
        )
        if customer.code in OVERDUE_DAYS:
            days = OVERDUE_DAYS[customer.code]
            classify_account(account.pk, risk_class="high", overdue_days_allowed=days, actor=chris)


def _take_over_old_debts(first_day: date, staff: Staff) -> None:
    """What two customers owed before these books began."""
    equity = amend_account(
        Account(code="3000", name="Opening balances", kind=AccountKind.EQUITY), actor=FOUNDER
    )
    ids = dict(Customer.objects.filter(code__in=["C1017", "C1021"]).values_list("code", "pk"))
    old = [("C1017", "R-20417", "1284.60", 40), ("C1021", "R-20466", "389.90", 21)]
    take_over_items(
        [
            OpeningItem(
                customer_id=ids[code],
                document_number=number,
                currency="EUR",
                amount=Decimal(amount),
                document_date=first_day - timedelta(days=age + 30),
                due_date=first_day - timedelta(days=age),
                posting_date=first_day,
            )
            for code, number, amount, age in old
        ],
        account_id=equity.pk,
        actor=staff["corinna"],
    )


def _take(kind: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Import rows as the file a person would upload."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(rows)
    _import(kind, file.getvalue().encode())


def _import(kind: str, data: bytes) -> None:
    result = import_masters(kind, f"{kind}.csv", data, actor=FOUNDER)
    if result.refused:
        first = result.shown_errors[0]
        raise DataRefused(f"{kind}, row {first.row}, {first.field}: {first.message}")
