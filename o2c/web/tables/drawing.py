"""What `web/_table.html` draws, the same for the rows of a list and of a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

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
