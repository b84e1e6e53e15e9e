"""What the database refuses, in words. No screen shows the name of a constraint."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, models
from django.db.models.constraints import BaseConstraint
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from o2c.core.errors import RuleViolation


class Guard(NamedTuple):
    """A rule that a trigger keeps: what it says, and the field it is about."""

    sentence: str | Promise
    field: str | None


#: By the name of the constraint that the trigger raises.
GUARDS: dict[str, Guard] = {}


def guard(name: str, sentence: str | Promise, field: str | None = None) -> None:
    """Give the sentence of a rule that a trigger keeps, by the constraint it raises."""
    GUARDS[name] = Guard(sentence, field)


def constraint_name(error: IntegrityError) -> str:
    """The constraint by which the database refused; empty when it does not say."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def guarded(error: IntegrityError) -> RuleViolation | None:
    """The refusal of a trigger in words; None when something else refused."""
    found = GUARDS.get(constraint_name(error))
    return RuleViolation(str(found.sentence), field=found.field) if found else None


@contextmanager
def in_words() -> Iterator[None]:
    """Raise the refusal of a trigger as a RuleViolation; what else is refused stays a bug."""
    try:
        yield
    except IntegrityError as error:
        raise guarded(error) or error from error


def sentence_of(constraint: BaseConstraint, model: type[models.Model]) -> str:
    """What a constraint says: its own words, or words made of the fields it is about."""
    if constraint.violation_error_message != BaseConstraint.default_violation_error_message:
        return str(constraint.get_violation_error_message())
    names = _labels(constraint, model)
    if isinstance(constraint, models.UniqueConstraint | ExclusionConstraint):
        words = {"what": model._meta.verbose_name, "fields": names}
        return _("Another %(what)s has the same: %(fields)s.") % words
    if len(_fields(constraint)) == 1:
        return _("%(field)s: this value is not possible.") % {"field": names}
    return _("%(fields)s: these values are not possible together.") % {"fields": names}


def field_of(constraint: BaseConstraint) -> str | None:
    """The field beside which a refused value is named: the last of those that must differ."""
    if not isinstance(constraint, models.UniqueConstraint):
        return None
    differ = constraint.fields or [n for part in constraint.expressions for n in _named_in(part)]
    return differ[-1]


def sentence_by_name(name: str) -> str:
    """What the database's refusal by a constraint of this name says to a person."""
    if name in GUARDS:
        return str(GUARDS[name].sentence)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return sentence_of(constraint, model)
    return _("This contradicts what is on record, so nothing was changed.")


def _labels(constraint: BaseConstraint, model: type[models.Model]) -> str:
    """The fields of a constraint as people call them."""
    names: list[str] = []
    for name in _fields(constraint):
        try:
            label: Any = getattr(model._meta.get_field(name), "verbose_name", name)
        except FieldDoesNotExist:
            continue
        names.append(str(label))
    return capfirst(", ".join(names) or str(model._meta.verbose_name))


def _fields(constraint: BaseConstraint) -> list[str]:
    """The names of the fields a constraint speaks of, in order of appearance."""
    named = list(getattr(constraint, "fields", ()))
    parts = [getattr(constraint, "condition", None)] if not named else []
    if isinstance(constraint, ExclusionConstraint):
        parts += [part for part, _operator in constraint.expressions]
    else:
        parts += getattr(constraint, "expressions", ())
    return list(dict.fromkeys([*named, *(name for part in parts for name in _named_in(part))]))


def _named_in(part: Any) -> Iterator[str]:
    if isinstance(part, models.Q):
        for child in part.children:
            yield from _named_in(child)
    elif isinstance(part, tuple):
        yield str(part[0]).partition("__")[0]
        yield from _named_in(part[1])
    elif isinstance(part, models.F):
        yield str(part.name).partition("__")[0]  # type: ignore[attr-defined]  # not in the stubs
    elif isinstance(part, str):
        yield part
    elif hasattr(part, "get_source_expressions"):
        for source in part.get_source_expressions():
            yield from _named_in(source)
