"""Reading the retail file: sales, cancellations, stock corrections, and rows that are broken.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
An InvoiceNo with a leading C is a cancellation (negative quantities); an invoice whose quantities
are negative and whose prices are zero is a stock correction. Prices are net, in pounds.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from o2c.core.money import NotADecimal, line_net, parse_decimal

COLUMNS = [
    *("InvoiceNo", "StockCode", "Description", "Quantity"),
    *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
]
CURRENCY = "GBP"
LONDON = ZoneInfo("Europe/London")
YEARS = range(2000, 2100)
CODES = ("InvoiceNo", "StockCode", "CustomerID")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _./-]{0,29}")
LARGEST_QUANTITY = 9_999_999
LARGEST_AMOUNT = 999_999_999  # of a row, in pounds
#: as the shop writes them; what it leaves open is sold at home
COUNTRIES = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR",
    "Canada": "CA", "Channel Islands": "JE", "Cyprus": "CY", "Czech Republic": "CZ",
    "Denmark": "DK", "EIRE": "IE", "European Community": "BE", "Finland": "FI", "France": "FR",
    "Germany": "DE", "Greece": "GR", "Hong Kong": "HK", "Iceland": "IS", "Israel": "IL",
    "Italy": "IT", "Japan": "JP", "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT",
    "Netherlands": "NL", "Norway": "NO", "Poland": "PL", "Portugal": "PT", "RSA": "ZA",
    "Saudi Arabia": "SA", "Singapore": "SG", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH",
    "UK": "GB", "USA": "US", "United Arab Emirates": "AE", "United Kingdom": "GB",
    "Unspecified": "GB",
}  # fmt: skip
#: codes of charges that no warehouse holds
SERVICES = {"POST", "M", "DOT", "D", "C2", "BANK CHARGES", "AMAZONFEE", "S"}


class UnreadableFile(ValueError):
    """The file is not a retail file at all."""


@dataclass(frozen=True)
class Row:
    """One line of the file. Price net per unit in pounds, amount to the penny as orders have it.

    The number is that of its line in the file.
    """

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
        return line_net(self.quantity, self.price, Decimal(0), CURRENCY)

    @property
    def is_service(self) -> bool:
        return self.item in SERVICES or self.item.startswith("gift_")


@dataclass(frozen=True)
class BrokenRow:
    """A row that could not be taken, and why."""

    number: int
    reason: str


@dataclass
class Bill:
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

    sales: list[Bill] = field(default_factory=list)
    cancellations: list[Bill] = field(default_factory=list)
    corrections: list[Bill] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    rows: int = 0
    numbers: frozenset[str] = frozenset()  # of all sales of the file, beyond a limit too

    @property
    def ordered(self) -> Decimal:
        return sum((bill.total for bill in self.sales), Decimal(0))

    @property
    def cancelled(self) -> Decimal:
        return -sum((bill.total for bill in self.cancellations), Decimal(0))


def moment(at: datetime) -> datetime:
    """A time of the file, which is local to London."""
    return at.replace(tzinfo=LONDON).astimezone(UTC)


def read_business(path: Path, limit: int | None = None) -> Business:
    """Read the file at path; with limit only the first sales and what happened until the last.

    Broken rows are listed, and the rest goes on. Raises UnreadableFile when it has other columns.
    """
    business = Business()
    bills: dict[str, Bill] = {}
    for row in _rows(path, business):
        bill = bills.setdefault(row.invoice, Bill(row.invoice))
        if bill.rows and bill.rows[0].customer != row.customer:
            reason = (
                f"CustomerID “{row.customer}” is not the “{bill.rows[0].customer}” of its invoice"
            )
            business.broken.append(BrokenRow(row.number, reason))
        else:
            bill.rows.append(row)
    for bill in bills.values():
        _leave_out_negatives(bill, business)
        if bill.number.upper().startswith("C"):
            business.cancellations.append(bill)
        elif all(row.quantity < 0 and row.price == 0 for row in bill.rows):
            business.corrections.append(bill)
        else:
            business.sales.append(bill)
    business.broken.sort(key=lambda row: row.number)
    business.sales.sort(key=lambda bill: (bill.at, bill.number))
    business.numbers = frozenset(bill.number for bill in business.sales)
    if limit is not None and 0 < limit < len(business.sales):
        business.sales = business.sales[:limit]
        end = business.sales[-1].at
        business.cancellations = [d for d in business.cancellations if d.at <= end]
        business.corrections = [d for d in business.corrections if d.at <= end]
    return business


def _leave_out_negatives(bill: Bill, business: Business) -> None:
    """Gifts that come back are a stock correction of their own, no line of a sale."""
    if bill.number.upper().startswith("C") or all(row.quantity < 0 for row in bill.rows):
        return
    business.broken += [
        BrokenRow(row.number, f"Quantity “{row.quantity}” of a sale is negative")
        for row in bill.rows
        if row.quantity < 0
    ]
    bill.rows = [row for row in bill.rows if row.quantity > 0]


def _rows(path: Path, business: Business) -> Iterator[Row]:
    """Each row that can be taken, numbered by the line it begins on."""
    # What is no UTF-8 becomes a character that no field may hold: its row is broken, not the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        header = _header(path, reader)
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader, None)
                if cells is None:
                    return
                if not any(cells):
                    continue
                business.rows += 1
                yield _row(number, header, cells)
            except (ValueError, csv.Error) as error:
                business.broken.append(BrokenRow(number, str(error)))


def _header(path: Path, rows: Iterator[list[str]]) -> Sequence[str]:
    try:
        titles = [title.strip() for title in next(rows, [])]
    except csv.Error:  # a line without end: no table
        titles = []
    missing = [name for name in COLUMNS if name not in titles]
    if missing:
        raise UnreadableFile(f"{path.name} has no column {', '.join(missing)}.")
    twice = [name for name in COLUMNS if titles.count(name) > 1]
    if twice:
        raise UnreadableFile(f"{path.name} has column {', '.join(twice)} twice.")
    return titles


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    """Raises ValueError naming field and value."""
    if len(cells) < len(header) or any(cells[len(header) :]):
        raise ValueError(f"it has {len(cells)} cells where the header has {len(header)}")
    row = dict(zip(header, (" ".join(cell.split()) for cell in cells), strict=False))
    values = {name: row[name] for name in COLUMNS}
    _refuse_unreadable(values)
    quantity, price = _figures(values)
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
        country=_country(values["Country"]),
    )


def _refuse_unreadable(values: dict[str, str]) -> None:
    for name, value in values.items():
        if not value.isprintable():
            raise ValueError(f"{name} holds a character that is not UTF-8 text")
    for name in CODES:
        if not values[name] and name != "CustomerID":
            raise ValueError(f"{name} is empty")
        if values[name] and not CODE.fullmatch(values[name]):
            raise ValueError(
                f"{name} “{values[name]:.40}” is no code of at most 30 letters and digits"
            )


def _figures(values: dict[str, str]) -> tuple[Decimal, Decimal]:
    """Quantity and price, within what an order can hold."""
    quantity = _decimal(values, "Quantity")
    if quantity == 0 or quantity != quantity.to_integral_value():
        raise ValueError(f"Quantity “{values['Quantity']}” is not a whole number other than 0")
    if abs(quantity) > LARGEST_QUANTITY:
        raise ValueError(f"Quantity “{values['Quantity']:.40}” is more than {LARGEST_QUANTITY:,}")
    price = _decimal(values, "UnitPrice", decimals=6)
    if price < 0:
        raise ValueError(f"UnitPrice “{values['UnitPrice']}” is negative")
    if abs(quantity) * price > LARGEST_AMOUNT:
        raise ValueError(
            f"UnitPrice “{values['UnitPrice']:.40}” makes more than {LARGEST_AMOUNT:,}"
        )
    return quantity, price


def _decimal(values: dict[str, str], name: str, decimals: int | None = None) -> Decimal:
    try:
        return parse_decimal(values[name], decimals=decimals)
    except NotADecimal as error:
        if error.code == "decimals":
            problem = f"has more than {decimals} decimals"
        else:
            problem = "is not a number"
        raise ValueError(f"{name} “{values[name]:.40}” {problem}") from None


def _country(text: str) -> str:
    name = text or "Unspecified"
    if name not in COUNTRIES:
        raise ValueError(f"Country “{name:.40}” is unknown")
    return name


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"InvoiceDate “{text:.40}” is not a date") from None
    if at.tzinfo is not None:
        raise ValueError(f"InvoiceDate “{text:.40}” has a time zone")
    if at.year not in YEARS:
        raise ValueError(f"InvoiceDate “{text:.40}” lies outside {YEARS[0]} to {YEARS[-1]}")
    return at
