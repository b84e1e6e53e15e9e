"""Tables for people to take away. Text never becomes a formula; figures stay figures."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils import timezone

_CHUNK_ROWS = 500
_FORMULA_STARTS = "=+-@"
#: Excel keeps 15 digits of a number; longer ones are written as text so that none is lost.
_EXCEL_DIGITS = 15
_XLSX_TEXT_LIMIT = 32_767


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula (a leading apostrophe marks it as text).

    Looks through blanks, control characters and full-width forms, as spreadsheets do.
    """
    if text[:1].isalnum() and text[:1].isascii() and "\0" not in text:
        return text  # nearly every text there is
    text = text.replace("\0", "")
    start = unicodedata.normalize("NFKC", text.lstrip()[:1])
    if (start in _FORMULA_STARTS and start) or text[:1] in ("\t", "\r", "\n"):
        return f"'{text}"
    return text


def write_csv(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> Iterator[bytes]:
    """Rows under a header as CSV: UTF-8 with BOM (Excel needs it), comma, CRLF, in chunks.

    Decimals are plain digits with a point, dates ISO, times local, None empty.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([guarded(column) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_cell(value) for value in row])
        if number % _CHUNK_ROWS == 0:
            yield _drained(buffer)
    yield _drained(buffer)


def write_xlsx(
    rows: Iterable[Sequence[Any]], columns: Sequence[str], title: str = ""
) -> Iterator[bytes]:
    """Rows under a bold, frozen header as a one-sheet XLSX, in chunks; figures are numbers."""
    target = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(_sheet_name(title))
    cells = _XlsxCells(book, sheet)
    for index, column in enumerate(columns):
        sheet.write_string(0, index, guarded(column), cells.bold)
        sheet.set_column(index, index, max(12, min(len(column) + 4, 40)))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            cells.write(number, index, value)
    book.close()
    target.seek(0)
    while chunk := target.read(64 * 1024):
        yield chunk


class _XlsxCells:
    """Writes values by their type, with one number format per count of decimals."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self.sheet = sheet
        self.bold = book.add_format({"bold": True})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._numbers = {
            places: book.add_format(
                {"num_format": "#,##0" + ("." + "0" * places if places else "")}
            )
            for places in range(9)
        }

    def write(self, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            self.sheet.write_boolean(row, column, value)
        elif isinstance(value, Decimal | int):
            self._write_number(row, column, Decimal(value))
        elif isinstance(value, datetime):
            self.sheet.write_datetime(row, column, _local(value), self._moment)
        elif isinstance(value, date):
            self.sheet.write_datetime(row, column, value, self._date)
        else:
            self.sheet.write_string(row, column, guarded(str(value))[:_XLSX_TEXT_LIMIT])

    def _write_number(self, row: int, column: int, number: Decimal) -> None:
        if len(number.normalize().as_tuple().digits) > _EXCEL_DIGITS:
            self.sheet.write_string(row, column, f"{number:f}")
            return
        places = min(8, max(0, -int(number.as_tuple().exponent)))
        self.sheet.write_number(row, column, number, self._numbers[places])


def _csv_cell(value: Any) -> str:
    written = _WRITTEN.get(type(value))
    return written(value) if written else guarded(str(value))


def _local(moment: datetime) -> datetime:
    """Spreadsheets know no zones: the reader's wall clock."""
    return timezone.localtime(moment).replace(tzinfo=None) if moment.tzinfo else moment


#: How a value is written in a CSV file, by its exact type; any other is text.
_WRITTEN: dict[type, Callable[[Any], str]] = {
    str: guarded,
    type(None): lambda _nothing: "",
    bool: lambda flag: "true" if flag else "false",
    int: str,
    Decimal: lambda number: f"{number:f}",
    datetime: lambda moment: _local(moment).isoformat(" ", "seconds"),
    date: date.isoformat,
}


def _drained(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return content


def _sheet_name(title: str) -> str:
    """Excel allows 31 characters, none of []:*?/\\, and no apostrophe at either end."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip(" '") or "Sheet1"
