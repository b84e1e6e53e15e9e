"""The one door for masters: every change checked, with its author and reason on record."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from psycopg.errors import ForeignKeyViolation

from o2c.core.actors import Actor, require
from o2c.core.commands import attempt, command, hold, lock, lock_where
from o2c.core.errors import RuleViolation, StaleVersion, refuse_if
from o2c.masters.commands.checks import (
    constraint_problem,
    contradictions,
    field_problems,
    normalise,
    terms_problems,
)
from o2c.masters.models import PaymentTerms, PaymentTermsLine, Recorded

M = TypeVar("M", bound=Recorded)


@command
def amend_master(instance: M, *, reason: str = "", actor: Actor) -> M:
    """Store a new or changed master with its history. Needs the model's add or change right.

    `instance.version` is that of the row as it was opened; a newer one in the database raises
    StaleVersion. What differs in nothing from the row is not written. Raises RuleViolations
    naming every wrong field. Lines of payment terms depend on each other: use `define_terms`.
    """
    assert not isinstance(instance, PaymentTermsLine), "use define_terms"
    return _amend(instance, reason, actor)


def _amend(instance: M, reason: str, actor: Actor, *, by_its_parts: bool = False) -> M:
    """Store a master; one that is changed `by_its_parts` gets a new version in any case."""
    adding = instance._state.adding
    require(actor, right(type(instance), "add" if adding else "change"))
    current = None if adding else _refuse_stale(instance)
    refuse_if(_all_problems(instance))
    is_other = by_its_parts or current is None or current is instance
    if current is not None and not is_other and values_of(instance) == values_of(current):
        return instance
    if not adding:
        instance.version += 1
    _save(instance, reason)
    return instance


@command
def remove_master(instance: Recorded, *, reason: str = "", actor: Actor) -> None:
    """Delete a master that nothing refers to; otherwise it can only be switched off.

    Needs the model's delete right. Raises RuleViolation naming what refers to it.
    """
    require(actor, right(type(instance), "delete"))
    held = lock(type(instance), instance.pk)
    held._change_reason = reason[:200]  # type: ignore[attr-defined]  # read by the history
    try:
        with _checked_at_once():
            held.delete()
    except ProtectedError as error:
        names = {str(row._meta.verbose_name_plural) for row in error.protected_objects}
        raise _still_used(instance, names) from error
    except IntegrityError as error:
        raise _still_used(instance, {_referring(error)}) from error


@command
def define_terms(
    terms: PaymentTerms, lines: Sequence[dict[str, Any]], *, reason: str = "", actor: Actor
) -> PaymentTerms:
    """Store payment terms with exactly these lines, in this order; equal ones stay as they are.

    A line is a dict of PaymentTermsLine fields without `terms` and `sequence`. Raises
    RuleViolations when the lines cannot split every invoice.
    """
    with attempt():
        old_lines = _lines_of(terms)
        new_lines = [
            PaymentTermsLine(sequence=sequence, **line)
            for sequence, line in enumerate(lines, start=1)
        ]
        stay = list(map(_content_of, old_lines)) == list(map(_content_of, new_lines))
        _amend(terms, reason, actor, by_its_parts=not stay)
        for line in new_lines:
            line.terms = terms
        if stay and old_lines:
            refuse_if(terms_problems(terms.plan_with([line.part() for line in new_lines])))
            return terms
        for old in old_lines:
            old._change_reason = reason[:200]  # type: ignore[attr-defined]  # read by the history
            old.delete()
        problems = [problem for line in new_lines for problem in _field_problems(line)]
        plan = terms.plan_with([line.part() for line in new_lines])
        refuse_if(problems or terms_problems(plan))
        for line in new_lines:
            _save(line, reason)
    return terms


def right(model: type[Recorded], verb: str) -> str:
    """The permission to `add`, `change` or `delete` rows of a master."""
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def values_of(instance: Recorded) -> dict[str, Any]:
    """Every value by its column, as the database has it, foreign keys as keys."""
    return {f.attname: getattr(instance, f.attname) for f in instance._meta.concrete_fields}


def _lines_of(terms: PaymentTerms) -> list[PaymentTermsLine]:
    """The lines of stored terms, locked with them, in their order."""
    if terms._state.adding:
        return []
    lock(PaymentTerms, terms.pk)
    return sorted(lock_where(PaymentTermsLine, terms=terms), key=lambda line: line.sequence)


def _content_of(line: PaymentTermsLine) -> dict[str, Any]:
    return {**values_of(line), "id": None, "terms_id": None, "version": None}


def _refuse_stale(instance: M) -> M:
    """The row as it is now, locked. Raises StaleVersion."""
    current = lock(type(instance), instance.pk)
    if current.version != instance.version:
        raise StaleVersion(
            _("%(what)s was changed by somebody else since you opened it. Look at it again.")
            % {"what": instance}
        )
    return current


def _all_problems(instance: Recorded) -> list[RuleViolation]:
    problems = normalise(instance)
    problems += _field_problems(instance, but_not=[problem.field for problem in problems])
    return problems or contradictions([instance])[0]


def _field_problems(instance: Recorded, but_not: Iterable[str | None] = ()) -> list[RuleViolation]:
    """What its columns and constraints say, those about the fields `but_not` left out."""
    try:
        instance.full_clean(exclude=[name for name in but_not if name])
    except ValidationError as error:
        return field_problems(error)
    return []


def _save(instance: Recorded, reason: str) -> None:
    instance._change_reason = reason[:200]  # type: ignore[attr-defined]  # read by the history
    try:
        with _checked_at_once():
            instance.save()
    except IntegrityError as error:
        if isinstance(error.__cause__, ForeignKeyViolation):  # others name it by its code
            raise RuleViolation(
                _("The code stays: it is used by %(users)s.") % {"users": _referring(error)},
                field="code",
            ) from error
        # somebody else was faster than the check
        raise constraint_problem(error, type(instance)) from error
    hold(instance)


@contextmanager
def _checked_at_once() -> Iterator[None]:
    """An attempt at whose end the keys are checked that the database would check at commit."""
    with attempt():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _still_used(instance: Recorded, users: set[str]) -> RuleViolation:
    return RuleViolation(
        _("%(what)s is used by %(users)s. Switch it off instead.")
        % {"what": instance, "users": ", ".join(sorted(users))}
    )


def _referring(error: IntegrityError) -> str:
    """What the rows are called that hold on to a row by a key. Re-raises what is a bug."""
    cause = error.__cause__
    if not isinstance(cause, ForeignKeyViolation):
        raise error
    models = {model._meta.db_table: model for model in apps.get_models()}
    return str(models[cause.diag.table_name or ""]._meta.verbose_name_plural)
