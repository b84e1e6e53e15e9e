"""Paths: how a cell's value is found from a row, along `__` as in the ORM."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import ForeignObjectRel


def follow(row: Any, path: str) -> Any:
    """Walk a `__` path of attributes, or keys, from row; None as soon as a link is missing."""
    for name in path.split("__"):
        if row is None:
            return None
        row = row.get(name) if isinstance(row, Mapping) else getattr(row, name)
    return row


def foreign_keys_on(model: type[models.Model], path: str) -> str:
    """The part of path that walks foreign keys: `customer` of `customer__name`."""
    walked: list[str] = []
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            break
        if not field.is_relation or isinstance(field, ForeignObjectRel) or not field.many_to_one:
            break
        walked.append(name)
        model = field.related_model  # type: ignore[assignment]  # concrete by now
    return "__".join(walked)


def field_at(model: type[models.Model], path: str) -> Any:
    """The field at the end of path; None where an annotation stands."""
    field = None
    for name in path.split("__"):
        try:
            field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        model = field.related_model or model
    return field
