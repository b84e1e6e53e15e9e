"""Any file as a sheet: what it is decides its content, not its name."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from o2c.tabular import delimited, workbook
from o2c.tabular.sheets import FileRefused, Row, Sheet, is_blank

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
#: Blank rows and cells cost time too; a bomb is made of them.
_MAX_CELLS = 10_000_000


def read_sheet(file_name: str, data: bytes) -> Sheet:
    """Read a CSV or XLSX file of at most 20 MB, 100,000 rows and 200 columns.

    The first row that is not empty is the header. Raises FileRefused.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused(
            _("The file has %(size)s MB; at most %(limit)s MB can be read.")
            % {"size": len(data) // 1024 // 1024 + 1, "limit": MAX_BYTES // 1024 // 1024}
        )
    if workbook.looks_like_one(data):
        rows, notes, unanswered = workbook.rows_of(data)
    else:
        rows, notes = delimited.rows_of(data)
        unanswered = set()
    filled = _filled(rows)
    header = next(filled, None)
    if header is None:
        raise FileRefused(_("The file is empty."))
    titles = ["" if cell is None else str(cell).strip() for cell in header.cells]
    return Sheet(file_name, titles, list(filled), notes, unanswered)


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows that hold anything; refuse what is too large while reading."""
    filled = cells = 0
    for row in rows:
        if any(not is_blank(cell) for cell in row.cells[MAX_COLUMNS:]):
            raise FileRefused(
                _("Row %(row)s has more than %(limit)s columns.")
                % {"row": row.number, "limit": MAX_COLUMNS},
                row=row.number,
            )
        cells += len(row.cells) + 1
        blank = all(is_blank(cell) for cell in row.cells)
        filled += not blank
        if filled > MAX_ROWS + 1 or cells > _MAX_CELLS or row.number > 2 * MAX_ROWS:
            raise FileRefused(
                _("The file has more than %(limit)s rows. Split it.") % {"limit": f"{MAX_ROWS:,}"}
            )
        if not blank:
            yield row
