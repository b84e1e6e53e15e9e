"""A file as rows of raw cells, whatever it is."""

from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import NamedTuple

from django.utils.functional import Promise

from o2c.core.errors import RuleViolation

#: What a raw cell can be. CSV knows text only; XLSX numbers arrive as exact decimals.
Cell = str | Decimal | datetime | time | bool | None


class FileRefused(RuleViolation):
    """The file as a whole cannot be read; `row` says where, when it is one place."""

    def __init__(self, message: str | Promise, *, row: int | None = None) -> None:
        super().__init__(message, field="file", row=row)


class Row(NamedTuple):
    """`number` is the line of a CSV file or the row of a worksheet, as the user sees it."""

    number: int
    cells: list[Cell]


@dataclass
class Sheet:
    """The header and the rows of a file, with remarks on how it was read.

    `unanswered` are rows of an XLSX file where a formula has no stored result.
    """

    file_name: str
    header: list[str]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    unanswered: set[int] = field(default_factory=set)


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing in a cell that a person would see."""
    return cell is None or (isinstance(cell, str) and not cell.strip(INVISIBLE))


#: Blanks of every width, and characters without any.
INVISIBLE = " \t\r\n\f\v\u00a0\u2000\u2001\u2002\u2003\u2007\u2009\u200a\u202f\u3000" + (
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
)


def holds_invisible(cell: Cell) -> bool:
    """Whether a cell holds control, zero-width or direction characters, which can deceive."""
    return isinstance(cell, str) and any(not c.isprintable() and not c.isspace() for c in cell)
