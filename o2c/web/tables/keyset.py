"""Keyset paging: a page begins beyond a row, so page 10,000 costs what page 1 costs."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import OrderBy


class Keyset:
    """The order `path`, then primary key, of a queryset, both in one direction, nulls last."""

    def __init__(self, queryset: models.QuerySet[Any], path: str, *, descending: bool) -> None:
        self.queryset = queryset
        self.path = path
        self.descending = descending
        self.has_nulls = path != "pk" and _can_be_null(queryset.model, path)

    @property
    def order(self) -> list[OrderBy]:
        """What to hand to order_by()."""
        # Without nulls a plain ORDER BY lets a plain index serve it.
        first = OrderBy(F(self.path), descending=self.descending, nulls_last=self.has_nulls or None)
        tie_break = OrderBy(F("pk"), descending=self.descending)
        return [tie_break] if self.path == "pk" else [first, tie_break]

    def beyond(self, anchor: str, *, backwards: bool) -> Q | None:
        """The rows after (or before) the row whose primary key is anchor; None when it is gone."""
        if not (anchor.isascii() and anchor.isdigit()):
            return None
        found = self.queryset.order_by().filter(pk=int(anchor)).values_list(self.path, "pk").first()
        if found is None:
            return None
        value, pk = found
        greater = self.descending == backwards
        step = "gt" if greater else "lt"
        if self.path == "pk":
            return Q(**{f"pk__{step}": pk})
        return self._beyond_value(value, Q(**{f"pk__{step}": pk}), step, backwards)

    def _beyond_value(self, value: Any, tie: Q, step: str, backwards: bool) -> Q:
        is_null = Q(**{f"{self.path}__isnull": True})
        if value is None:
            within = is_null & tie
            return within | Q(**{f"{self.path}__isnull": False}) if backwards else within
        # The first condition is implied by the second and lets the index find the place.
        beyond = Q(**{f"{self.path}__{step}e": value}) & (
            Q(**{f"{self.path}__{step}": value}) | tie
        )
        return beyond | is_null if self.has_nulls and not backwards else beyond


def _can_be_null(model: type[models.Model], path: str) -> bool:
    """Whether path can be null on a row: any nullable link on the way, or an annotation."""
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        if field.is_relation and field.related_model is not None:
            model = field.related_model
    return False
