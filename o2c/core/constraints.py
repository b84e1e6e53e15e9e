"""What the database refuses, in words. No screen shows the name of a constraint."""

from typing import NamedTuple

from django.db import IntegrityError
from django.utils.functional import Promise

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
