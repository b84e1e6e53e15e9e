"""The lines of a long document, a hundred at a time: browser and reader take no more at once.

The next hundred, and all of up to a thousand, are one click away.
"""

from dataclasses import dataclass

from django.http import HttpRequest

AT_ONCE = 100
MOST = 1000  # lines that are shown together on demand; beyond that a page takes seconds
ALL = "all"


@dataclass(frozen=True)
class Excerpt:
    """Which lines of a document the page at `url` shows: `first` to `last`, counted from 1."""

    first: int
    last: int
    total: int
    url: str

    @property
    def span(self) -> slice:
        """These lines, out of all in their order."""
        return slice(self.first - 1, self.last)

    @property
    def is_long(self) -> bool:
        """Whether there is anything to leaf through."""
        return self.total > AT_ONCE

    @property
    def is_part(self) -> bool:
        return self.last - self.first + 1 < self.total

    @property
    def previous_url(self) -> str:
        return self._at(max(1, self.first - AT_ONCE)) if self.first > 1 else ""

    @property
    def next_url(self) -> str:
        return self._at(self.last + 1) if self.last < self.total else ""

    @property
    def all_url(self) -> str:
        return self._at(ALL) if self.is_part and self.total <= MOST else ""

    @property
    def parts_url(self) -> str:
        """Back to a hundred at a time."""
        return "" if self.is_part else self._at(1)

    def _at(self, place: int | str) -> str:
        return f"{self.url}?lines={place}#lines"


def excerpt_of(request: HttpRequest, total: int, url: str) -> Excerpt:
    """What `?lines=` asks for of `total` lines: a line's place to begin at, or all of them.

    What is no place among them means the first.
    """
    asked = request.GET.get("lines", "")
    if total <= AT_ONCE or (asked == ALL and total <= MOST):
        return Excerpt(1, total, total, url)
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 9
    first = int(asked) if is_number and 1 <= int(asked) <= total else 1
    return Excerpt(first, min(first + AT_ONCE - 1, total), total, url)
