"""A table answering one request: filters, tab, sort, page, counts, totals.

Everything it shows is in the query string, so every view of a list is a link. What the query
string gets wrong is left out and said in `notes`, never an error.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from o2c.web.tables.columns import Column
from o2c.web.tables.drawing import FootRow, Heading
from o2c.web.tables.filing import cells_of_rows
from o2c.web.tables.filters import Asked, Filter, SearchFilter
from o2c.web.tables.keyset import Keyset
from o2c.web.tables.paths import foreign_keys_on
from o2c.web.tables.searching import keys_of
from o2c.web.tables.table import Tab, Table
from o2c.web.tables.totals import Totals, page_totals, sum_all

#: Beyond this, lists say "10,000+" and sum the page only: counting a million rows helps nobody.
COUNT_CAP = 10_000

#: How many rows an export holds in memory.
_AT_ONCE = 2000
_PAGE_SIZES = (25, 50, 100, 200)
_OWN_PARAMETERS = {"tab", "sort", "columns", "after", "before", "size", "export"}


@dataclass(frozen=True)
class FilterChip:
    """One filter as the bar draws it."""

    filter: Filter
    label: str
    asked: Asked
    clear_url: str

    @property
    def is_on(self) -> bool:
        return self.asked.condition is not None


@dataclass(frozen=True)
class TabLink:
    """One tab as the strip draws it."""

    label: str | Promise
    url: str
    count: str
    is_current: bool


class Listing:
    """What the list page shows for these parameters."""

    css = "listing"

    def __init__(
        self, table: type[Table], queryset: models.QuerySet[Any], params: QueryDict
    ) -> None:
        self.table = table
        self.params = params
        self.notes: list[str] = []
        self.everything = queryset
        self.columns = self._chosen_columns()
        self.chips = [self._chip(filter_) for filter_ in table.filters]
        self.tab = self._chosen_tab()
        self.sort = self._chosen_sort()
        self.size = self._chosen_size()
        self._note_unknown_parameters()

    # ------------------------------------------------------------------ what was asked

    def _chosen_columns(self) -> list[Column]:
        default = [column for column in self.table.columns if not column.optional]
        wanted = [key for text in self.params.getlist("columns") for key in text.split(",") if key]
        if not wanted:
            return default
        for key in wanted:
            if self.table.column(key) is None:
                self.notes.append(_("There is no column “%s” here.") % key[:40])
        # The identifier stays first, so that a row can always be opened.
        first, *rest = self.table.columns
        return [first] + [column for column in rest if column.key in wanted]

    def _chip(self, filter_: Filter) -> FilterChip:
        asked = filter_.read(self.params, self.table.model)
        self.notes += asked.problems
        clear_url = self.url(**dict.fromkeys(filter_.parameters))
        return FilterChip(filter_, filter_.label(self.table.model), asked, clear_url)

    def _chosen_tab(self) -> Tab | None:
        if not self.table.tabs:
            return None
        key = self.params.get("tab", "")
        for tab in self.table.tabs:
            if tab.key == key:
                return tab
        if key:
            self.notes.append(_("There is no tab “%s” here.") % key[:40])
        return self.table.tabs[0]

    def _chosen_sort(self) -> str:
        asked = self.params.get("sort", "")
        column = self.table.column(asked.removeprefix("-"))
        if column is not None and column.sort_path:
            return asked
        if asked:
            self.notes.append(_("This list cannot be sorted by “%s”.") % asked[:40])
        return self.table.default_sort

    def _chosen_size(self) -> int:
        asked = self.params.get("size", "")
        if asked in map(str, _PAGE_SIZES):
            return int(asked)
        if asked:
            self.notes.append(_("A page has 25, 50, 100 or 200 rows."))
        return self.table.page_size

    def _note_unknown_parameters(self) -> None:
        known = _OWN_PARAMETERS | {name for f in self.table.filters for name in f.parameters}
        unknown = [name[:40] for name in self.params if name not in known]
        if unknown:
            self.notes.append(
                _("The address asked for something unknown, which was ignored: %s.")
                % ", ".join(unknown[:5])
            )

    # ------------------------------------------------------------------ rows

    @cached_property
    def filtered(self) -> models.QuerySet[Any]:
        """Everything behind this view of the list, all pages, without tab."""
        queryset = self.everything
        for chip in self.chips:
            if chip.asked.condition is not None:
                queryset = queryset.filter(chip.asked.condition)
        return self._searched_once(queryset) if self._is_searched else queryset

    @property
    def _is_searched(self) -> bool:
        return any(chip.is_on and isinstance(chip.filter, SearchFilter) for chip in self.chips)

    def _searched_once(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The same rows by key where they are few: tabs, page and sums need no further search."""
        keys = keys_of(queryset)
        return queryset if keys is None else self.everything.filter(pk__in=keys)

    @cached_property
    def matching(self) -> models.QuerySet[Any]:
        """Everything behind this view of the list, all pages, in the tab."""
        return self.tab.narrow(self.filtered) if self.tab else self.filtered

    @cached_property
    def ordered(self) -> models.QuerySet[Any]:
        """`matching` in the asked order, with the columns' foreign keys in the same statement."""
        walked = {foreign_keys_on(self.table.model, column.key) for column in self.columns}
        queryset = self.matching.order_by(*self.keyset.order)
        return queryset.select_related(*walked - {""}) if walked - {""} else queryset

    @cached_property
    def keyset(self) -> Keyset:
        """The order of the rows, and how to start a page inside it."""
        key = self.sort.removeprefix("-")
        column = self.table.column(key)
        path = column.sort_path if column else key
        return Keyset(self.everything, path, descending=self.sort.startswith("-"))

    @cached_property
    def page(self) -> "Page":
        """The rows of this page, with what their cells need."""
        page = self._read_page()
        self._read_ahead(page.rows)
        return page

    def _read_ahead(self, rows: Sequence[Any]) -> None:
        for column in self.columns if rows else ():
            column.read_ahead(rows)

    def _read_page(self) -> "Page":
        for direction in ("after", "before"):
            anchor = self.params.get(direction, "")
            if not anchor:
                continue
            condition = self.keyset.beyond(anchor, backwards=direction == "before")
            if condition is None:
                self.notes.append(_("The row this page began at is gone; this is the first page."))
                break
            return self._read_beyond(condition, backwards=direction == "before")
        rows = list(self.ordered[: self.size + 1])
        return Page(rows[: self.size], has_previous=False, has_next=len(rows) > self.size)

    def _read_beyond(self, condition: models.Q, *, backwards: bool) -> "Page":
        queryset = self.ordered.filter(condition)
        if backwards:
            queryset = queryset.reverse()
        rows = list(queryset[: self.size + 1])
        more, rows = len(rows) > self.size, rows[: self.size]
        if backwards:
            return Page(rows[::-1], has_previous=more, has_next=True)
        return Page(rows, has_previous=True, has_next=more)

    def file_rows(self) -> Iterator[list[Any]]:
        """Every matching row in order as the cells of a file, with the columns of the screen."""
        filings = [column.filing(self.table.model) for column in self.columns]
        if None not in filings:
            queryset = self.matching.order_by(*self.keyset.order)
            plain = cells_of_rows(queryset, filings, _AT_ONCE)  # type: ignore[arg-type]  # no None
            if plain is not None:
                return plain
        return (
            [cell for column in self.columns for cell in column.exported(row)]
            for row in self.all_rows()
        )

    def all_rows(self) -> Iterator[Any]:
        """Every matching row in order."""
        rows = self.ordered.iterator(chunk_size=_AT_ONCE)
        while chunk := list(islice(rows, _AT_ONCE)):
            self._read_ahead(chunk)
            yield from chunk

    # ------------------------------------------------------------------ figures

    @cached_property
    def counts(self) -> list[int]:
        """Rows per tab, or of the one view there is; each counted up to one beyond the cap."""
        tabs = [tab.narrow(self.filtered) for tab in self.table.tabs]
        return _count_capped(tabs or [self.matching])

    @property
    def count(self) -> int:
        """Rows of this view."""
        return self.counts[self.table.tabs.index(self.tab) if self.tab else 0]

    @property
    def count_text(self) -> str:
        return _capped_text(self.count)

    @cached_property
    def totals(self) -> Totals:
        """Sums of the money columns: of all matching rows, or of the page if they are too many."""
        if self.count <= COUNT_CAP:
            return sum_all(self.columns, self.matching)
        return page_totals(self.columns, self.page.rows)

    # ------------------------------------------------------------------ what web/_table.html draws

    @property
    def caption(self) -> str | Promise:
        return self.table.title

    @property
    def row_header(self) -> Column:
        """The column whose cell names its row."""
        return self.columns[0]

    @property
    def rows(self) -> Sequence[Any]:
        return self.page.rows

    @cached_property
    def foot(self) -> list[FootRow]:
        """The row of sums, where anything is summed."""
        if not self.totals:
            return []
        label = _("This page") if self.totals.of_page_only else _("Total")
        cells = [(column, self.totals.lines(column)) for column in self.columns[1:]]
        return [FootRow(label, 1, cells)]

    # ------------------------------------------------------------------ links

    def url(self, **changes: Any) -> str:
        """This view with some parameters changed (None removes one); always from its first page."""
        params = self.params.copy()
        for name in ("after", "before", "export"):
            params.pop(name, None)
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params.setlist(name, value if isinstance(value, list) else [str(value)])
        kept = [(name, text) for name, texts in params.lists() for text in texts if text]
        return "?" + urlencode(kept)

    @property
    def tab_links(self) -> list[TabLink]:
        return [
            TabLink(tab.label, self.url(tab=tab.key), _capped_text(count), tab is self.tab)
            for tab, count in zip(self.table.tabs, self.counts, strict=False)
        ]

    @cached_property
    def headings(self) -> list[Heading]:
        now = self.sort.removeprefix("-")
        return [self._heading(column, is_sorted=column.key == now) for column in self.columns]

    def _heading(self, column: Column, *, is_sorted: bool) -> Heading:
        if not column.sort_path:
            return Heading(column, column.label)
        descending = self.sort.startswith("-")
        other = column.key if is_sorted and descending else f"-{column.key}"
        first = column.key  # a column begins ascending
        direction = ("descending" if descending else "ascending") if is_sorted else ""
        return Heading(
            column, column.label, self.url(sort=other if is_sorted else first), direction
        )

    @property
    def next_url(self) -> str:
        return self.url(after=self.page.rows[-1].pk) if self.page.has_next else ""

    @property
    def previous_url(self) -> str:
        return self.url(before=self.page.rows[0].pk) if self.page.has_previous else ""

    @property
    def first_url(self) -> str:
        return self.url() if self.page.has_previous else ""

    @property
    def csv_url(self) -> str:
        return self.url(export="csv")

    @property
    def xlsx_url(self) -> str:
        return self.url(export="xlsx")

    @property
    def size_links(self) -> list[tuple[int, str]]:
        """The page sizes with their links; the present one has none."""
        return [(size, "" if size == self.size else self.url(size=size)) for size in _PAGE_SIZES]

    @property
    def has_others(self) -> bool:
        """Whether another tab has rows where this one has none."""
        return any(self.counts)

    @property
    def is_narrowed(self) -> bool:
        return any(chip.is_on for chip in self.chips)

    @property
    def clear_url(self) -> str:
        """This tab and order without any filter."""
        return self.url(**{name: None for f in self.table.filters for name in f.parameters})


@dataclass(frozen=True)
class Page:
    """Rows between two links."""

    rows: Sequence[Any]
    has_previous: bool
    has_next: bool


def _capped_text(count: int) -> str:
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


def _count_capped(querysets: Sequence[models.QuerySet[Any]]) -> list[int]:
    """Count several querysets together, none of them further than the cap."""
    parts: list[str] = []
    arguments: list[Any] = []
    for queryset in querysets:
        capped = queryset.order_by().values("pk")[: COUNT_CAP + 1]
        try:
            sql, params = capped.query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")
        arguments += params
    with connections[querysets[0].db].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", arguments)
        return list(cursor.fetchone())
