"""Reading the retail file: sales, cancellations, stock corrections, and rows that are broken.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
An InvoiceNo with a leading C is a cancellation (negative quantities); an invoice whose quantities
are negative and whose prices are zero is a stock correction. Prices are net, in pounds.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

COLUMNS = [
    *("InvoiceNo", "StockCode", "Description", "Quantity"),
    *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
]
CURRENCY = "GBP"
LONDON = ZoneInfo("Europe/London")
#: codes of charges that no warehouse holds
SERVICES = {"POST", "M", "DOT", "D", "C2", "BANK CHARGES", "AMAZONFEE", "S"}


class UnreadableFile(ValueError):
    """The file is not a retail file at all."""


@dataclass(frozen=True)
class Row:
    """One line of the file. Price net per unit in pounds; the number counts from the header."""

    number: int
    invoice: str
    item: str
    description: str
    quantity: Decimal
    at: datetime
    price: Decimal
    customer: str
    country: str

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price

    @property
    def is_service(self) -> bool:
        return self.item in SERVICES or self.item.startswith("gift_")


@dataclass(frozen=True)
class BrokenRow:
    """A row that could not be taken, and why."""

    number: int
    reason: str


@dataclass
class Deed:
    """All rows of one InvoiceNo."""

    number: str
    rows: list[Row] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return min(row.at for row in self.rows)

    @property
    def customer(self) -> str:
        """The customer's code; buyers without one share an account per country."""
        first = self.rows[0]
        return first.customer or f"GUEST-{first.country}"

    @property
    def country(self) -> str:
        return self.rows[0].country

    @property
    def total(self) -> Decimal:
        return sum((row.amount for row in self.rows), Decimal(0))


@dataclass
class Business:
    """What the file tells: in the order it tells it."""

    sales: list[Deed] = field(default_factory=list)
    cancellations: list[Deed] = field(default_factory=list)
    corrections: list[Deed] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    rows: int = 0
    numbers: frozenset[str] = frozenset()  # of all sales of the file, beyond a limit too

    @property
    def ordered(self) -> Decimal:
        return sum((deed.total for deed in self.sales), Decimal(0))

    @property
    def cancelled(self) -> Decimal:
        return -sum((deed.total for deed in self.cancellations), Decimal(0))


def moment(at: datetime) -> datetime:
    """A time of the file, which is local to London."""
    return at.replace(tzinfo=LONDON).astimezone(UTC)


def read_business(path: Path, limit: int | None = None) -> Business:
    """Read the file at path; with limit only the first sales and what happened until the last.

    Broken rows are listed, and the rest goes on. Raises UnreadableFile when it has other columns.
    """
    business = Business()
    deeds: dict[str, Deed] = {}
    for row in _rows(path, business):
        deeds.setdefault(row.invoice, Deed(row.invoice)).rows.append(row)
    for deed in deeds.values():
        if deed.number.upper().startswith("C"):
            business.cancellations.append(deed)
        elif all(row.quantity < 0 and row.price == 0 for row in deed.rows):
            business.corrections.append(deed)
        else:
            business.sales.append(deed)
    business.sales.sort(key=lambda deed: (deed.at, deed.number))
    business.numbers = frozenset(deed.number for deed in business.sales)
    if limit is not None and 0 < limit < len(business.sales):
        business.sales = business.sales[:limit]
        end = business.sales[-1].at
        business.cancellations = [d for d in business.cancellations if d.at <= end]
        business.corrections = [d for d in business.corrections if d.at <= end]
    return business


def _rows(path: Path, business: Business) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise UnreadableFile(f"{path.name} has no column {', '.join(missing)}.")
        for number, raw in enumerate(reader, 2):
            business.rows += 1
            try:
                yield _row(number, raw)
            except ValueError as error:
                business.broken.append(BrokenRow(number, str(error)))


def _row(number: int, raw: dict[str, str]) -> Row:
    """Raises ValueError naming field and value."""
    values = {name: (raw.get(name) or "").strip() for name in COLUMNS}
    for name in ("InvoiceNo", "StockCode"):
        if not values[name]:
            raise ValueError(f"{name} is empty")
    quantity = _decimal(values, "Quantity")
    if quantity == 0 or quantity != quantity.to_integral_value():
        raise ValueError(f"Quantity “{values['Quantity']}” is not a whole number other than 0")
    price = _decimal(values, "UnitPrice")
    if price < 0:
        raise ValueError(f"UnitPrice “{values['UnitPrice']}” is negative")
    is_cancellation = values["InvoiceNo"].upper().startswith("C")
    if is_cancellation and quantity > 0:
        raise ValueError(f"Quantity “{values['Quantity']}” of a cancellation is not negative")
    if not is_cancellation and quantity < 0 and price != 0:
        raise ValueError(f"Quantity “{values['Quantity']}” of a sale is negative")
    return Row(
        number=number,
        invoice=values["InvoiceNo"],
        item=values["StockCode"],
        description=values["Description"] or values["StockCode"],
        quantity=quantity,
        at=_moment(values["InvoiceDate"]),
        price=price,
        customer=values["CustomerID"],
        country=values["Country"] or "Unspecified",
    )


def _decimal(values: dict[str, str], name: str) -> Decimal:
    try:
        value = Decimal(values[name])
    except InvalidOperation:
        raise ValueError(f"{name} “{values[name]}” is not a number") from None
    if not value.is_finite():
        raise ValueError(f"{name} “{values[name]}” is not a number")
    return value


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"InvoiceDate “{text}” is not a date") from None
