"""The lines of a long document, a hundred at a time: browser and reader take no more at once.

Lines of many links come fifty at a time. The next, and all of up to a thousand, are one click away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from django.db import models
from django.http import HttpRequest

M = TypeVar("M")
Row = TypeVar("Row", bound=models.Model)

AT_ONCE = 100
MOST = 1000  # lines that are shown together on demand; beyond that a page takes seconds
ALL = "all"


@dataclass(frozen=True)
class Excerpt:
    """Which lines of a document the page at `url` shows: `first` to `last`, counted from 1.

    `name` is what the lines are called in the address, for pages with several lists.
    """

    first: int
    last: int
    total: int
    url: str
    name: str = "lines"
    at_once: int = AT_ONCE

    @property
    def span(self) -> slice:
        """These lines, out of all in their order."""
        return slice(self.first - 1, self.last)

    @property
    def is_long(self) -> bool:
        """Whether there is anything to leaf through."""
        return self.total > self.at_once

    @property
    def is_part(self) -> bool:
        return self.last - self.first + 1 < self.total

    @property
    def previous_url(self) -> str:
        return self._at(max(1, self.first - self.at_once)) if self.first > 1 else ""

    @property
    def next_url(self) -> str:
        return self._at(self.last + 1) if self.last < self.total else ""

    @property
    def all_url(self) -> str:
        return self._at(ALL) if self.is_part and self.total <= MOST else ""

    @property
    def parts_url(self) -> str:
        """Back to so many at a time."""
        return "" if self.is_part else self._at(1)

    def _at(self, place: int | str) -> str:
        joint = "&" if "?" in self.url else "?"
        return f"{self.url}{joint}{self.name}={place}#{self.name}"


@dataclass(frozen=True)
class Part(Generic[M]):
    """The rows of one list that a page shows, and the way to the others."""

    rows: Sequence[M]
    excerpt: Excerpt

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> M:
        return self.rows[place]


@overload
def part_of(
    request: HttpRequest, rows: "models.QuerySet[Row]", *, name: str = ..., url: str = ...
) -> Part[Row]: ...
@overload
def part_of(
    request: HttpRequest, rows: Sequence[M], *, name: str = ..., url: str = ...
) -> Part[M]: ...
def part_of(
    request: HttpRequest,
    rows: Any,
    *,
    name: str = "lines",
    url: str = "",
) -> Part[Any]:
    """The hundred rows that the address asks for by `name`.

    `url` is the page's own address, if its list is not reached by the path alone (as in a tab).
    """
    url = url or request.path
    if name not in request.GET:
        first = list(rows[: AT_ONCE + 1])
        total = len(first) if len(first) <= AT_ONCE else _count(rows)
        return Part(first[:AT_ONCE], Excerpt(1, min(total, AT_ONCE), total, url, name))
    excerpt = excerpt_of(request, _count(rows), url, name)
    return Part(list(rows[excerpt.span]), excerpt)


def _count(rows: Any) -> int:
    return rows.count() if isinstance(rows, models.QuerySet) else len(rows)


def excerpt_of(
    request: HttpRequest, total: int, url: str, name: str = "lines", at_once: int = AT_ONCE
) -> Excerpt:
    """What `?lines=` asks for of `total` lines: a line's place to begin at, or all of them.

    What is no place among them means the first. `at_once` lines are shown together.
    """
    asked = request.GET.get(name, "")
    if total <= at_once or (asked == ALL and total <= MOST):
        return Excerpt(1, total, total, url, name, at_once)
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 9
    first = int(asked) if is_number and 1 <= int(asked) <= total else 1
    return Excerpt(first, min(first + at_once - 1, total), total, url, name, at_once)
