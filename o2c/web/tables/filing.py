"""Cells of a file made from plain values: rows as model instances cost more than all else."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from o2c.web.tables.paths import field_at

Cells = Callable[..., Sequence[Any]]


@dataclass(frozen=True)
class Filing:
    """The cells of a column in a file from the values at `paths`: what `cells` makes of them.

    Without `cells` the values are the cells.
    """

    paths: Sequence[str]
    cells: Cells | None = None


def filing_of(model: type[models.Model], *paths: str) -> Filing | None:
    """The values at paths; None where a row stands at one of them, not a value."""
    fields = [field_at(model, path) for path in paths]
    if any(field is not None and field.is_relation for field in fields):
        return None
    return Filing(paths)


def choice_filing(model: type[models.Model], path: str) -> Filing:
    """One cell with the words of a field that has choices."""
    words = {value: str(label) for value, label in field_at(model, path).flatchoices}
    return Filing([path], lambda raw: [words.get(raw, raw)])


def cells_of_rows(
    queryset: models.QuerySet[Any], filings: Sequence[Filing], at_once: int
) -> Iterator[list[Any]] | None:
    """The cells of every row of queryset, `at_once` of them in memory.

    None when a path is neither a column nor an annotation, but something rows compute.
    """
    try:
        values = queryset.values_list(*(path for filing in filings for path in filing.paths))
    except FieldError:
        return None
    parts = _parts(filings)
    return (_cells(record, parts) for record in values.iterator(chunk_size=at_once))


def _parts(filings: Sequence[Filing]) -> list[tuple[Cells | None, slice]]:
    """Which values of a record make which cells; those that stand as they are, together."""
    parts, start = [], 0
    for cells, group in groupby(filings, key=lambda filing: filing.cells):
        end = start + sum(len(filing.paths) for filing in group)
        parts.append((cells, slice(start, end)))
        start = end
    return parts


def _cells(record: tuple[Any, ...], parts: Sequence[tuple[Cells | None, slice]]) -> list[Any]:
    made: list[Any] = []
    for cells, span in parts:
        made += cells(*record[span]) if cells else record[span]
    return made
