"""The audit tab: which commercial field went from what to what, by whom, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst

from o2c.web.formats import CODES, UNKNOWN, actor_text, value_text


@dataclass(frozen=True)
class FieldChange:
    """One field of one change, as text."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One saved version: `kind` is created, changed or deleted."""

    kind: str
    who: str
    at: datetime
    reason: str
    fields: list[FieldChange]


def history_of(document: models.Model) -> models.QuerySet[Any]:
    """The saved versions of document, newest first."""
    return document.history.order_by("-history_id")  # type: ignore[attr-defined,no-any-return]


def changes_of(document: models.Model, rows: Sequence[Any]) -> list[Change]:
    """What these versions of document, which follow each other, changed. A query per key shown."""
    if not rows:
        return []
    before_all = history_of(document).filter(history_id__lt=rows[-1].history_id).first()
    older = [*rows[1:], before_all]
    changes = [_change(row, before) for row, before in zip(rows, older, strict=True)]
    return [change for change in changes if change.fields or change.kind != "changed"]


def _change(row: Any, before: Any) -> Change:
    kind = {"+": "created", "~": "changed", "-": "deleted"}[row.history_type]
    return Change(
        kind=kind,
        who=actor_text(row.history_user_id or ""),
        at=row.history_date,
        reason=row.history_change_reason or "",
        fields=_differences(row, before) if before is not None and kind == "changed" else [],
    )


def _differences(row: Any, before: Any) -> list[FieldChange]:
    found = []
    for field in row.tracked_fields:
        old, new = getattr(before, field.attname), getattr(row, field.attname)
        if old != new and field.name not in ("version", "id"):
            found.append(
                FieldChange(capfirst(str(field.verbose_name)), _text(field, old), _text(field, new))
            )
    return found


def _text(field: Any, value: Any) -> str:
    if value is None or value == "":
        return UNKNOWN
    if field.is_relation:
        other = field.related_model._base_manager.filter(pk=value).first()
        return str(other) if other is not None else f"#{value}"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    read = CODES.get(field.name)
    return read(value) if read else value_text(value)
