"""Rows of a sheet as typed records. All errors are collected; none stops the reading."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from o2c.tabular.columns import CellRefused, Column, RowError, shortened
from o2c.tabular.sheets import FileRefused, Row, Sheet, holds_invisible, is_blank


class Record(NamedTuple):
    """One row: its number in the file, and a value for every column the file has."""

    row: int
    values: Mapping[str, Any]


@dataclass
class Records:
    """What could be read of a sheet, what could not, and remarks on how.

    `broken` are the rows with errors, with the values that could be read: good for finding more
    that is wrong with them, so that one try shows all of it.
    """

    records: list[Record] = field(default_factory=list)
    broken: list[Record] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_records(sheet: Sheet, columns: Sequence[Column]) -> Records:
    """Read every row of sheet by columns. A row with any error is in `errors`, not in `records`.

    Columns are found by name in any order, whatever the capitals, blanks or hyphens. Optional
    columns that the file lacks are missing from the values. Raises FileRefused when a required
    column is missing, one comes twice, or there are no rows.
    """
    places, ignored = _find(sheet.header, columns)
    if not sheet.rows:
        raise FileRefused(_("The file has a header but no rows."))
    result = Records(notes=_notes(sheet, ignored))
    for row in sheet.rows:
        values, errors = _read_row(row, places)
        shifted = _overflow(row, len(sheet.header))
        errors += shifted
        if row.number in sheet.unanswered:
            errors.append(
                RowError(
                    row.number, "", "", _("A formula has no stored result. Save it from Excel.")
                )
            )
        if errors:
            result.errors += errors
            if not shifted:
                result.broken.append(Record(row.number, values))
        else:
            result.records.append(Record(row.number, values))
    return result


def _notes(sheet: Sheet, ignored: Sequence[str]) -> list[str]:
    notes = list(sheet.notes)
    if ignored:
        notes.append(_("Columns not used: %(names)s.") % {"names": ", ".join(ignored)})
    deceptive = [
        row.number for row in sheet.rows if any(holds_invisible(cell) for cell in row.cells)
    ]
    if deceptive:
        notes.append(
            _("Invisible characters were removed, first in row %(row)s.") % {"row": deceptive[0]}
        )
    return notes


def _find(
    header: Sequence[str], columns: Sequence[Column]
) -> tuple[list[tuple[int, Column]], list[str]]:
    by_name = {_plain(name): c for c in columns for name in (c.name, *c.aliases)}
    places: dict[str, tuple[int, Column]] = {}
    ignored = []
    for index, title in enumerate(header):
        column = by_name.get(_plain(title))
        if column is None:
            ignored += [title] if title else []
        elif column.name in places:
            raise FileRefused(_("The column “%(name)s” comes twice.") % {"name": column.name})
        else:
            places[column.name] = (index, column)
    missing = [c.name for c in columns if c.required and c.name not in places]
    if missing:
        raise FileRefused(
            _("Missing columns: %(missing)s. The file has: %(present)s.")
            % {
                "missing": ", ".join(missing),
                "present": ", ".join(title for title in header if title)[:300],
            }
        )
    return list(places.values()), ignored


def _plain(title: str) -> str:
    return re.sub(r"[\s_\-./]+", "_", title.strip().casefold()).strip("_")


def _read_row(
    row: Row, places: Sequence[tuple[int, Column]]
) -> tuple[dict[str, Any], list[RowError]]:
    values, errors = {}, []
    for index, column in places:
        cell = row.cells[index] if index < len(row.cells) else None
        try:
            values[column.name] = column.read(cell)
        except CellRefused as refusal:
            errors.append(RowError(row.number, column.name, shortened(cell), str(refusal)))
    return values, errors


def _overflow(row: Row, width: int) -> list[RowError]:
    """A row longer than the header has shifted: which value belongs where is anybody's guess."""
    extra = [cell for cell in row.cells[width:] if not is_blank(cell)]
    if not extra:
        return []
    message = _("The row has more cells than the header. Is a quote or a separator missing?")
    return [RowError(row.number, "", shortened(extra[0]), message)]
