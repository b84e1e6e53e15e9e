"""The vocabulary of a state machine: state field, step, condition, number.

A document declares what *may* happen to it with these; the door (`o2c.core.transitions`) is the
only one that lets it happen.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import nonmember
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat, Greatest, Length, LPad
from django.utils.functional import Promise
from django_fsm import FSMField, FSMFieldDescriptor, State
from django_fsm import transition as fsm_transition

#: neutral: not started or ended without effect; info: valid, waiting for the process; active:
#: somebody works on it; attention: a person must act; success: finished well; danger: failed,
#: late, broken; dispute: contested.
TONES = ("neutral", "info", "active", "attention", "success", "danger", "dispute")


class _StateDescriptor(FSMFieldDescriptor):
    """Refuses assignment, except while Document.refresh_from_db reads the row again.

    The library lifts the protection on the class for that, which another thread could see and a
    failing read would leave lifted; we lift it on the one instance.
    """

    def __set__(self, instance: Any, value: Any) -> None:
        known = self.field.name in instance.__dict__
        if self.field.protected and known and not instance.__dict__.get("_rereading"):
            raise AttributeError(f"{self.field.name} changes through the door only")
        self.field.set_proxy(instance, value)
        self.field.set_state(instance, value)


class StateField(FSMField):
    """A protected state with the words it may hold."""

    descriptor_class = _StateDescriptor

    def __init__(
        self, states: type[models.TextChoices] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        self.states = states  # the vocabulary, for badges; migrations know the choices only
        if states is not None:
            kwargs["choices"] = states.choices
        kwargs["protected"] = True
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("db_index", True)
        super().__init__(*args, **kwargs)

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False, **kwargs: Any
    ) -> None:
        """In a migration's models the state is plain text.

        The library has each copy of the field listen to every model that is made after it, and
        migrations make thousands: that doubled the time of `migrate`.
        """
        if cls.__module__ == "__fake__":
            models.CharField.contribute_to_class(self, cls, name, private_only, **kwargs)
        else:
            super().contribute_to_class(cls, name, private_only=private_only, **kwargs)


def tones(**states: str) -> Any:
    """Declare "tone icon" by state value inside a TextChoices class, without making a member."""
    for state, look in states.items():
        tone, _, icon = look.partition(" ")
        assert tone in TONES, f"{state}: no tone “{tone}”"
        assert icon, f"{state}: no icon"
    return nonmember(states)


def state_known(states: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """The CHECK that keeps words outside the vocabulary out of the column."""
    return models.CheckConstraint(condition=models.Q(state__in=states.values), name=name)


def snake_case(name: str) -> str:
    """`PickList` -> `pick_list`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True)
class Amount:
    """The words for a fact that is an amount in its event's currency."""

    words: str | Promise


@dataclass(frozen=True)
class StepInfo:
    """What a document's class says about one verb."""

    verb: str
    event: str
    past: str | Promise
    label: str | Promise
    meaning: str
    target: str | State | None


def step(
    source: str | Sequence[str],
    target: str | State | None,
    *,
    label: str | Promise,
    event: str,
    past: str | Promise,
    conditions: Sequence[Callable[[Any], bool]] = (),
) -> Callable[[Callable[..., Any]], Any]:
    """Declare a transition of `state`.

    The method's name is the verb; the right is `<app>.<verb>_<noun>`; the event is
    `<noun>.<event>`. `label` is the button, `past` what the timeline says when it is done. The
    body assigns fields at most; conditions look at the document in memory and never query.
    """

    def declare(method: Callable[..., Any]) -> Any:
        verb = method.__name__
        info = StepInfo(verb, event, past, label, (method.__doc__ or "").strip(), target)

        def permitted(document: Any, user: Any) -> bool:
            return bool(user.has_perm(document.permission(verb)))

        return fsm_transition(
            "state",
            source=list(source) if not isinstance(source, str) else source,
            target=target,
            conditions=list(conditions),
            permission=permitted,
            custom={"info": info},
        )(method)

    return declare


def condition(sentence: str | Promise) -> Callable[[Callable[[Any], bool]], Callable[[Any], bool]]:
    """Give a condition the sentence a user reads when it does not hold."""

    def name(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
        check.sentence = sentence  # type: ignore[attr-defined]
        return check

    return name


def number_from_id(prefix: str, digits: int = 6) -> models.GeneratedField:
    """A number such as SO-000042, made by the database from the row's id.

    Gaps are allowed here; documents the law wants without gaps draw theirs by
    `o2c.core.numbering.draw_number`.
    """
    digits_of_id = Cast(F("id"), models.TextField())
    return models.GeneratedField(
        expression=Concat(
            Value(f"{prefix}-"),
            LPad(digits_of_id, Greatest(Length(digits_of_id), Value(digits)), Value("0")),
        ),
        output_field=models.CharField(max_length=32),
        db_persist=True,
        unique=True,
    )
