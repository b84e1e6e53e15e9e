"""XLSX, treated as what it is: a zip archive of XML from outside.

Everything is bounded before it is unpacked, document type definitions are refused before any
parser sees them, macros and passwords are refused, and only stored values are read.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from o2c.tabular.sheets import Cell, FileRefused, Row

MAX_PARTS = 1_000
MAX_UNPACKED = 120 * 1024 * 1024
MAX_RATIO = 200
#: A part that small may be compressed as well as it likes.
_SMALL = 1024 * 1024
#: Excel itself keeps no more digits of a number.
_DIGITS = 15

_ZIP, _OLE = b"PK", bytes.fromhex("d0cf11e0a1b11ae1")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(rb"^\s*(?:<!doctype\s+html|<html|<table)", re.IGNORECASE)
FORMULAS = gettext_lazy("Formulas are read as the results stored with them.")
_REMARKS = [
    (
        re.compile(rb'<(?:row|col)\s[^>]*hidden="(?:1|true)"'),
        gettext_lazy("Hidden rows and columns are read too."),
    ),
    (re.compile(rb"<mergeCell\s"), gettext_lazy("Merged cells count as their first cell.")),
    (re.compile(rb"<f[\s>/]"), FORMULAS),
]
_DAMAGE = (InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, zipfile.BadZipFile)


def looks_like_one(data: bytes) -> bool:
    """Whether data is a workbook or one of its impostors, as opposed to text."""
    return data.startswith((_ZIP, _OLE)) or bool(_HTML.match(data[:200]))


def rows_of(data: bytes) -> tuple[Iterator[Row], list[str], set[int]]:
    """The rows of the first visible sheet, remarks, and rows with a formula lacking its result.

    Raises FileRefused.
    """
    if data.startswith(_OLE):
        raise FileRefused(
            _("This is an old Excel file or has a password. Save it as .xlsx without one.")
        )
    if not data.startswith(_ZIP):
        raise FileRefused(_("This is a web page under an Excel name. Save it as .xlsx or .csv."))
    found = _inspect(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except _DAMAGE as error:
        raise FileRefused(_("The Excel file is damaged and cannot be opened.")) from error
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise FileRefused(_("The Excel file has no visible sheet."))
    remarks = [str(remark) for remark in found]
    if len(book.worksheets) > 1:
        others = ", ".join(s.title for s in book.worksheets if s is not visible[0])
        remarks.append(
            _("Only the sheet “%(sheet)s” is read, not %(others)s.")
            % {"sheet": visible[0].title, "others": others}
        )
    has_formulas = FORMULAS in found
    unanswered = _unanswered_formulas(data, visible[0].title) if has_formulas else set()
    return _rows(visible[0]), remarks, unanswered


def _inspect(data: bytes) -> list[Promise]:
    """Refuse bombs, macros, encryption and DTDs; return what a reader should be told."""
    found = set()
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise FileRefused(_("The Excel file is damaged and cannot be opened.")) from None
    with archive:
        _refuse_bomb(archive.infolist())
        for part in archive.infolist():
            content = _content(archive, part)
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in _UTF16:
                raise FileRefused(_("The Excel file contains a document type definition."))
            if part.filename.startswith("xl/worksheets/"):
                found |= {remark for pattern, remark in _REMARKS if pattern.search(content)}
    return [remark for _pattern, remark in _REMARKS if remark in found]


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise FileRefused(_("This is an archive, not an Excel file."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused(_("The Excel file contains macros. Save it as .xlsx."))
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused(_("The Excel file has a password. Save it without one."))
    swollen = any(
        part.file_size > _SMALL and part.file_size > MAX_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    unpacked = sum(part.file_size for part in parts)
    if swollen or len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED:
        raise FileRefused(_("The Excel file is too large once unpacked."))
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise FileRefused(_("The Excel file is damaged and cannot be opened."))


def _content(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A part unpacked; the declared size, already bounded, also bounds what is read."""
    try:
        with archive.open(part) as stream:
            return stream.read(part.file_size + 1)
    # A RuntimeError: encrypted, or packed in a way nobody here can unpack.
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        raise FileRefused(_("The Excel file is damaged and cannot be opened.")) from error


def _unanswered_formulas(data: bytes, title: str) -> set[int]:
    """Rows where a formula stands without a result, as programs that do not calculate write it."""
    formulas = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)[title]
    results = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    rows = set()
    pairs = zip(formulas.iter_rows(), results[title].iter_rows(values_only=True), strict=True)
    for number, (cells, values) in enumerate(pairs, start=1):
        for cell, value in zip(cells, values, strict=True):
            if cell.data_type == "f" and value is None:
                rows.add(number)
    return rows


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # what the file says about its own size is not believed
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield Row(number, [_cell(value) for value in values])
    except _DAMAGE as error:
        raise FileRefused(_("The Excel file is damaged and cannot be opened.")) from error


def _cell(value: Any) -> Cell:
    """openpyxl's value as ours. Binary fractions are rounded to what Excel shows of them."""
    if value is None or isinstance(value, bool | str | datetime | time):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, timedelta):
        return str(value)
    return Decimal(f"{value:.{_DIGITS}g}")
