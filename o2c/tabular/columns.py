"""What a column may hold. A column turns a raw cell into a value, or says what would be right."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.day_checks import day_fault
from o2c.core.days import DayKind
from o2c.core.money import NotADecimal, parse_decimal
from o2c.tabular.sheets import INVISIBLE, Cell

_SHOWN = 60


@dataclass(frozen=True)
class RowError:
    """One thing wrong with one cell: where it stands, what stands there, what would be right.

    `field` is empty when the row as a whole is wrong; `row` is 0 when the file is.
    """

    row: int
    field: str
    value: str
    message: str

    def __str__(self) -> str:
        place = [_("row %(row)s") % {"row": self.row}] if self.row else []
        if self.field:
            place.append(self.field)
        if self.value:
            place.append(f"“{self.value}”")
        return f"{', '.join(place)}: {self.message}" if place else self.message


class CellRefused(ValueError):
    """The cell does not fit its column; the text says what would."""


@dataclass(frozen=True, kw_only=True)
class Column(ABC):
    """A column by its name in the header; `aliases` are other names people use for it.

    An empty cell becomes `empty`; a `required` column must be in the file and filled in every row.
    """

    name: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    empty: Any = ""
    help: str | Promise = ""

    @abstractmethod
    def value(self, cell: Cell) -> Any:
        """The typed value of a filled cell. Raises CellRefused."""

    def read(self, cell: Cell) -> Any:
        """The typed value of any cell. Raises CellRefused."""
        text = cell.strip(INVISIBLE) if isinstance(cell, str) else cell
        if text is None or text == "":
            if self.required:
                raise CellRefused(_("This column must be filled in."))
            return self.empty
        return self.value(text)


@dataclass(frozen=True, kw_only=True)
class Text(Column):
    """Words. Line breaks and tabs become blanks unless `multiline`."""

    max_length: int = 200
    multiline: bool = False
    pattern: str = ""
    right: str | Promise = ""

    def value(self, cell: Cell) -> str:
        text = shown(cell)
        if not self.multiline:
            text = " ".join(text.split())
        text = "".join(c for c in text if c.isprintable() or c == "\n")
        if len(text) > self.max_length:
            raise CellRefused(
                _("At most %(limit)s characters; there are %(length)s.")
                % {"limit": self.max_length, "length": len(text)}
            )
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise CellRefused(str(self.right))
        return text


_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Code(Text):
    """A code or number that is a name, not a quantity: leading zeros count, digits are kept."""

    max_length: int = 40

    def value(self, cell: Cell) -> str:
        if isinstance(cell, Decimal) and len(cell.as_tuple().digits) >= 15:
            raise CellRefused(_("Excel has lost digits of this number. Format the cell as text."))
        text = super().value(cell)
        if "+" in text and _SCIENTIFIC.fullmatch(text):
            raise CellRefused(
                _("A spreadsheet shortened this number. Format the cell as text, enter it anew.")
            )
        return text


@dataclass(frozen=True, kw_only=True)
class Number(Column):
    """A decimal: plain digits with at most `decimals` behind the mark."""

    decimals: int = 2
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimal_mark: str = "."
    empty: Any = None

    def value(self, cell: Cell) -> Decimal:
        number = self._number(cell)
        if self.minimum is not None and number < self.minimum:
            raise CellRefused(_("At least %(limit)s.") % {"limit": f"{self.minimum:f}"})
        if self.maximum is not None and number > self.maximum:
            raise CellRefused(_("At most %(limit)s.") % {"limit": f"{self.maximum:f}"})
        return number

    def _number(self, cell: Cell) -> Decimal:
        if isinstance(cell, datetime | time | bool):
            raise CellRefused(_("This is not a number."))
        text = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
        mark = "." if isinstance(cell, Decimal) else self.decimal_mark
        try:
            return parse_decimal(text, decimals=self.decimals, decimal_mark=mark)
        except NotADecimal as error:
            if error.code == "decimals":
                raise CellRefused(
                    _("At most %(limit)s decimals.") % {"limit": self.decimals}
                ) from None
            raise CellRefused(
                _("This is not a plain number. Write it like %(example)s.")
                % {"example": f"1234{self.decimal_mark}5" if self.decimals else "1234"}
            ) from None


@dataclass(frozen=True, kw_only=True)
class Whole(Number):
    """A whole number, 0 or more unless `minimum` says otherwise."""

    decimals: int = 0
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = Decimal(32_767)

    def value(self, cell: Cell) -> Any:
        return int(super().value(cell))


@dataclass(frozen=True, kw_only=True)
class Day(Column):
    """A date within the limits of its kind: ISO in text, or a date cell of a worksheet."""

    kind: DayKind
    empty: Any = None

    def value(self, cell: Cell) -> date:
        if isinstance(cell, datetime):
            day = cell.date()
        elif isinstance(cell, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            try:
                day = date.fromisoformat(cell)
            except ValueError:
                raise CellRefused(_("There is no such day.")) from None
        else:
            raise CellRefused(_("Write dates as year-month-day, such as 2026-03-31."))
        if fault := day_fault(self.kind, day, clock.today()):
            raise CellRefused(fault)
        return day


@dataclass(frozen=True, kw_only=True)
class Choice(Column):
    """One of a few words; `choices` maps the word in the file to the value."""

    choices: Mapping[str, Any]

    def value(self, cell: Cell) -> Any:
        word = shown(cell).strip().lower()
        if word in self.choices:
            return self.choices[word]
        raise CellRefused(_("One of: %(choices)s.") % {"choices": ", ".join(self.choices)})


@dataclass(frozen=True, kw_only=True)
class Flag(Choice):
    """Yes or no."""

    choices: Mapping[str, Any] = None  # type: ignore[assignment]  # set below
    empty: Any = False

    def __post_init__(self) -> None:
        yes, no = ("yes", "true", "1", "y", "x"), ("no", "false", "0", "n")
        words = {**dict.fromkeys(yes, True), **dict.fromkeys(no, False)}
        object.__setattr__(self, "choices", words)

    def value(self, cell: Cell) -> bool:
        return cell if isinstance(cell, bool) else bool(super().value(cell))


def shown(cell: Cell) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)


def shortened(cell: Cell) -> str:
    """A cell for an error message: one line, not longer than a line."""
    text = " ".join(shown(cell).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
