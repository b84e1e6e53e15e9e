"""What `web/_table.html` draws, the same for the rows of a list and of a document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from o2c.web.formats import UNKNOWN
from o2c.web.tables.columns import Column


@dataclass(frozen=True)
class Heading:
    """One column's head: its words, the link to sort by it, and how it is sorted now."""

    column: Column
    label: str | Promise
    sort_url: str = ""
    direction: str = ""  # "ascending", "descending" or ""

    @property
    def icon(self) -> str:
        return "arrow-down" if self.direction == "descending" else "arrow-up"


@dataclass(frozen=True)
class FootRow:
    """A row of sums: its words over `span` columns, then each further column with its figures."""

    label: str
    span: int
    cells: Sequence[tuple[Column, Sequence[Any]]]

    @property
    def is_several(self) -> bool:
        """Whether its figures need their columns' names on a card, which has no heads."""
        return sum("num" in column.css for column, figures in self.cells if figures) > 1


def body_of(grid: Any) -> SafeString:
    """The rows of a table (a Listing or a DetailTable) as HTML.

    Drawn here, as a template takes several times as long for the hundreds of cells of a page.
    """
    cells = [_Cell(heading, grid) for heading in grid.headings]
    return mark_safe("".join(part for row in grid.rows for part in _row(row, cells, grid.table)))


def _row(row: Any, cells: Sequence["_Cell"], table: Any) -> Iterator[str]:
    yield "<tr data-row>"
    for cell in cells:
        shown = conditional_escape(cell.column.show(row, table))
        yield cell.empty if shown == UNKNOWN else cell.start
        yield shown
        yield cell.end
    yield "</tr>\n"


class _Cell:
    """What stands around the cells of one column: the name of a row, or a figure with its label."""

    def __init__(self, heading: Heading, grid: Any) -> None:
        self.column = heading.column
        if self.column is grid.row_header:
            self.start = self.empty = format_html('<th scope="row" class="{}">', self.column.css)
            self.end = "</th>\n"
            return
        tag = '<td class="{}" data-label="{}"{}>'
        self.start = format_html(tag, self.column.css, heading.label, "")
        self.empty = format_html(tag, self.column.css, heading.label, mark_safe(" data-empty"))
        self.end = "</td>\n"
