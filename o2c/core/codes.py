"""Codes as people type them: each keeps its spelling, and capitals do not tell two apart.

`code_key` is what Python compares, `Upper` what the database indexes.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.migrations import RunPython
from django.db.models import Count, Model, Q, QuerySet, UniqueConstraint
from django.db.models.functions import Upper

from o2c.core.expressions import IsOneOf
from o2c.core.number_keys import code_key

M = TypeVar("M", bound=Model)


def once(
    name: str, *owner: str, field: str = "code", sentence: Any, where: Q | None = None
) -> UniqueConstraint:
    """No two rows (of one owner) have a code in `field` that differs in capitals only."""
    return UniqueConstraint(
        *owner, Upper(field), name=name, condition=where, violation_error_message=sentence
    )


def with_codes(rows: QuerySet[M], codes: Iterable[str], field: str = "code") -> QuerySet[M]:
    """The rows that one of these codes stands for, whichever its capitals."""
    keys = {code_key(code) for code in codes if code}
    return rows.filter(IsOneOf(Upper(field), keys)) if keys else rows.none()


class TwinsOnRecord(Exception):
    """Codes that were told apart by capitals so far, which a migration makes impossible."""


def refuse_twins(
    app: str, model: str, field: str = "code", *owner: str, of_one_row: bool = True
) -> RunPython:
    """A step before `once` in a migration, which names the codes a person has to change first.

    With `of_one_row` False one spelling may stand in several rows, as a lot at several places.
    """
    counted = Count("pk") if of_one_row else Count(field, distinct=True)

    def check(apps: Any, _schema_editor: Any) -> None:
        rows = apps.get_model(app, model).objects.exclude(**{field: ""})
        keys = rows.values(*owner, key=Upper(field)).annotate(rows=counted)
        twins = sorted({found["key"] for found in keys.filter(rows__gt=1)})
        if twins:
            raise TwinsOnRecord(
                f"{app}.{model}: these codes stand here in several capitals: "
                f"{', '.join(twins[:20])}. Rename all but one of each, then migrate again."
            )

    return RunPython(check, RunPython.noop)
