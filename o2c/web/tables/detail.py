"""The declaration of a table on a document's page: its lines, its moves, what it was paid with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from o2c.web.excerpts import Excerpt, Part
from o2c.web.tables.columns import Column
from o2c.web.tables.drawing import FootRow, Heading

#: Rows that a page shows in full length; more of them scroll under their heads.
_SHORT = 30


@dataclass(frozen=True)
class Sum:
    """A row below the others: its words, and figures under columns, by the columns' keys.

    A figure is shown as its column shows its own; a text stands as it is.
    """

    label: str | Promise
    figures: Mapping[str, Any] = field(default_factory=dict)


class DetailTable:
    """One table of a detail page. Subclass it and name the columns, as for a list.

    `title` heads it and names it to a screen reader. Without rows it says `empty`, or is not
    drawn at all. `names_row` is the key of the column that names a row, the first by default.
    `sums` adds a row with the sums of the columns that have a `total`. Columns of one currency
    (`AmountColumn`) name it in their heads, unless `names_currency` is off: it is the table's
    `currency`. What the table is `about`, its document, is there for cells that are templates.
    A `part_of` many rows brings its `excerpt` along.
    """

    title: ClassVar[str | Promise] = ""
    columns: ClassVar[Sequence[Column]] = ()
    empty: ClassVar[str | Promise] = ""
    names_row: ClassVar[str] = ""
    sums: ClassVar[bool] = False
    names_currency: ClassVar[bool] = True
    detail: ClassVar[str] = ""
    css = "cards"

    def __init__(
        self,
        rows: Iterable[Any],
        *,
        currency: str = "",
        below: Sequence[Sum] = (),
        excerpt: Excerpt | None = None,
        title: str | Promise = "",
        about: Any = None,
    ) -> None:
        self._given = rows
        self.currency = str(currency)
        self.below = below
        self.excerpt = rows.excerpt if isinstance(rows, Part) else excerpt
        self.about = about
        self.caption = title or type(self).title

    @cached_property
    def rows(self) -> Sequence[Any]:
        """The rows; read when the page shows them, not on another tab."""
        return list(self._given)

    @property
    def table(self) -> "DetailTable":
        """Itself: what a list page keeps in its declaration, this one carries."""
        return self

    @property
    def is_short(self) -> bool:
        """Whether it needs no region of its own to scroll in."""
        return len(self.rows) <= _SHORT

    def declared(self) -> Sequence[Column]:
        """All columns; for a kind of table whose columns depend on its rows to override."""
        return type(self).columns

    @cached_property
    def shown_columns(self) -> list[Column]:
        """The columns, without those that none of the rows fills and that may then be left out."""
        declared = self.declared()
        for column in declared if self.rows else ():
            column.read_ahead(self.rows)
        return [
            column
            for column in declared
            if not column.sparse or any(column.raw(row) for row in self.rows)
        ]

    @cached_property
    def row_header(self) -> Column:
        """The column whose cell names its row."""
        found = (column for column in self.shown_columns if column.key == self.names_row)
        return next(found, self.shown_columns[0])

    @cached_property
    def headings(self) -> list[Heading]:
        return [Heading(column, column.head(self)) for column in self.shown_columns]

    @cached_property
    def foot(self) -> list[FootRow]:
        """The rows below: what the page gave, then the sums of the rows."""
        rows = [self._foot_row(one) for one in self.below]
        if self.sums and len(self.rows) > 1:
            cells = [column.summed(self.rows, self) for column in self.shown_columns]
            rows.append(_spanned(_("Total"), self.shown_columns, cells))
        return rows

    def _foot_row(self, one: Sum) -> FootRow:
        cells = [
            [self._figure(column, one.figures[column.key])] if column.key in one.figures else []
            for column in self.shown_columns
        ]
        return _spanned(one.label, self.shown_columns, cells)

    def _figure(self, column: Column, figure: Any) -> str:
        return str(figure) if isinstance(figure, str | Promise) else column.below(figure, self)


def _spanned(
    label: str | Promise, columns: Sequence[Column], cells: Sequence[list[str]]
) -> FootRow:
    """The label over every column before the first figure, then a cell for each column."""
    first = next((at for at, parts in enumerate(cells) if parts), len(cells))
    span = max(first, 1)
    return FootRow(str(label), span, list(zip(columns, cells, strict=True))[span:])
