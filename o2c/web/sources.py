"""Documents known by type and key, such as ("shipping.shipment", 7): their numbers and links.

The books and the outbox know the documents of later stages by these two only. However many are
asked for, of however many kinds, they are read together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Value
from django.utils.text import capfirst

from o2c.web.links import link_to
from o2c.web.tables.columns import Column
from o2c.web.tables.paths import follow

Source = tuple[str, int]


@dataclass(frozen=True)
class Name:
    """What a document is called, and a row with no more than the key of its page."""

    words: str
    row: models.Model | None = None

    @property
    def link(self) -> str:
        """The words, leading to the page when the reader may see it."""
        return self.words if self.row is None else link_to(self.row, self.words)


def names_of(sources: Iterable[Source]) -> dict[Source, Name]:
    """The name of every source."""
    wanted = set(sources)
    found = {source: Name(_bare_words(*source)) for source in wanted}
    rows = [_numbers(label, wanted) for label in sorted({label for label, _key in wanted})]
    known = [part for part in rows if part is not None]
    if known:
        for label, key, number, page in reduce(lambda one, two: one.union(two, all=True), known):
            page_row = _page_model(apps.get_model(label))(pk=page)
            found[label, key] = Name(number or found[label, key].words, page_row)
    return found


def name_of(source_type: str, source_id: int) -> Name:
    """The name of one source."""
    return names_of([(source_type, source_id)])[source_type, source_id]


def _numbers(label: str, wanted: set[Source]) -> Any:
    """(type, key, number, key of the page) of the wanted rows of one kind; None: no such kind.

    A model says where its number stands by `known_by` (`number` by default), and by `part_of`
    that its page is another's: an order line is found on its order.
    """
    try:
        model = apps.get_model(label)
        page, number = getattr(model, "part_of", "pk"), getattr(model, "known_by", "number")
        model._meta.get_field(number.partition("__")[0])
    except (LookupError, ValueError, FieldDoesNotExist):
        return None
    keys = [key for one, key in wanted if one == label]
    rows = model._base_manager.filter(pk__in=keys).order_by()
    return rows.values_list(Value(label), "pk", F(number), F(page))


def _page_model(model: type[models.Model]) -> type[models.Model]:
    part_of = getattr(model, "part_of", "")
    return model._meta.get_field(part_of).related_model if part_of else model  # type: ignore[return-value]


def _bare_words(source_type: str, source_id: int) -> str:
    """`Shipment 7`, for what has no number or is no more; the bare type where it is unknown."""
    try:
        kind = capfirst(str(apps.get_model(source_type)._meta.verbose_name))
    except (LookupError, ValueError):
        kind = source_type
    return f"{kind} {source_id}"


class SourceColumn(Column):
    """The document behind a row: at path `source`, `_type` and `_id` behind it, stand its keys."""

    def __init__(self, key: str, label: Any, *, source: str = "source", **kwargs: Any) -> None:
        super().__init__(key, label, sort=False, **kwargs)
        self.source = source

    def read_ahead(self, rows: Any) -> None:
        names = names_of(self._keys(row) for row in rows)
        for row in rows:
            row.source_name = names[self._keys(row)]

    def filing(self, model: Any) -> None:
        """Its names are read ahead for rows."""

    def _keys(self, row: Any) -> Source:
        return follow(row, f"{self.source}_type"), follow(row, f"{self.source}_id")

    def raw(self, row: Any) -> str:
        return str(row.source_name.words)

    def show(self, row: Any, table: Any) -> str:
        return str(row.source_name.link)
