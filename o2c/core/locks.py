"""Row locks, always in the same order, and one object per row.

A model says its `lock_rank`; rows of a lower rank are locked first, within a rank by primary key.
A row that the command (or one that called it) holds comes back as the same object without a
statement, whatever the rank.
"""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from o2c.core.compiled import compiled
from o2c.core.errors import RuleViolation
from o2c.core.work import assert_in_command, take_rank

M = TypeVar("M", bound=models.Model)


class NotFound(RuleViolation):
    """The row is not there (any more)."""

    status = 404


def lock(model: type[M], pk: int, *, related: Collection[str] = ()) -> M:
    """Lock one row and return it as it is now. Raises NotFound."""
    row = lock_all(model, [pk], related=related).get(pk)
    if row is None:
        raise NotFound(
            _("%(what)s %(pk)s does not exist.")
            % {"what": model._meta.verbose_name.capitalize(), "pk": pk}  # type: ignore[union-attr]
        )
    return row


def lock_all(model: type[M], pks: Iterable[int], *, related: Collection[str] = ()) -> dict[int, M]:
    """Lock the rows of these primary keys; return those that exist, by key."""
    work = assert_in_command()
    wanted = sorted(set(pks))
    missing = [pk for pk in wanted if (model, pk) not in work.held]
    if missing:
        _fetch(model, {"pk__in": missing}, related)
    return {pk: work.held[model, pk] for pk in wanted if (model, pk) in work.held}


def lock_where(
    model: type[M],
    *,
    related: Collection[str] = (),
    parents: Collection[str] = (),
    **conditions: Any,
) -> list[M]:
    """Lock the rows these conditions select and return them by primary key.

    `parents` are relations to rows of the same rank that are locked along with them. The same
    conditions asked again within the command give the same list.
    """
    work = assert_in_command()
    key = (model, tuple(sorted((name, _frozen(value)) for name, value in conditions.items())))
    if key not in work.held_sets:
        work.held_sets[key] = _fetch(model, conditions, related, parents)
    return work.held_sets[key]


def lock_fresh(rows: "models.QuerySet[M]") -> list[M]:
    """Lock the rows of a queryset and read them anew, those that the command holds as well.

    For tables whose counters are kept by triggers, where an object in memory may lag behind its
    row.
    """
    assert_in_command()
    out_of_turn = take_rank(rows.model.lock_rank)  # type: ignore[attr-defined]
    rows = rows.order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",), nowait=out_of_turn))


def lock_now(rows: "models.QuerySet[M]") -> M | None:
    """Lock the one row of a queryset out of turn, without waiting; None when there is none.

    For what follows from rows of a higher rank: waiting for it could deadlock, so who would have
    to wait gets Busy and tries again.
    """
    row = rows.select_for_update(nowait=True, no_key=True, of=("self",)).first()
    return row if row is None else hold(row)


def _fetch(
    model: type[M],
    conditions: dict[str, Any],
    related: Collection[str],
    parents: Collection[str] = (),
) -> list[M]:
    work = assert_in_command()
    out_of_turn = take_rank(model.lock_rank)  # type: ignore[attr-defined]
    locked: list[M] = _locked(
        *conditions.values(),
        model=model,
        conditions=tuple(conditions),
        related=tuple(related),
        parents=tuple(parents),
        nowait=out_of_turn,
    )
    for row in locked:
        for name in parents:
            parent = getattr(row, name)
            setattr(row, name, work.held.setdefault((type(parent), parent.pk), parent))
    return [work.held.setdefault((model, row.pk), row) for row in locked]


@compiled
def _locked(
    *values: Any,
    model: type[models.Model],
    conditions: tuple[str, ...],
    related: tuple[str, ...],
    parents: tuple[str, ...],
    nowait: bool,
) -> "models.QuerySet[Any]":
    rows = model._default_manager.filter(**dict(zip(conditions, values, strict=True)))
    if related or parents:
        rows = rows.select_related(*related, *parents)
    return rows.order_by("pk").select_for_update(no_key=True, of=("self", *parents), nowait=nowait)


def hold(row: M) -> M:
    """Count a row that this command has just written as locked by it, which it is."""
    assert_in_command().held[type(row), row.pk] = row
    return row


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | set | tuple) else value
