"""Verbs as the web sees them: which a thing offers to this reader, and what blocks them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.forms import BaseForm
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from o2c.core.actors import Actor
from o2c.core.errors import TransitionRefused
from o2c.core.models import Document
from o2c.core.roles import roles_with
from o2c.core.states import StepInfo, snake_case
from o2c.core.transitions import OpenStep, open_steps, refuse_blocked
from o2c.web.links import page_url


@dataclass(frozen=True)
class Action:
    """A verb of a thing: the command behind it and how it is asked for.

    The verb is the key in the ACTIONS dict. On a document it is normally the name of a @step,
    which brings label, right, states and conditions. A verb that is no step (say, *amend*) names
    its `label`, `permission` (default `<app>.<verb>_<noun>`), the `states` it is offered in and
    its `conditions` (made by @condition). What is no document (an open item, a message) has no
    steps, so each of its verbs names label and `permission`, and with `applies` (a @condition,
    too) when it is offered at all.

    `form` asks for the command's arguments; its `arguments()` become keywords. `confirm` is the
    sentence of a confirmation page, for what cannot be undone: text, or a function of the thing.
    `danger` verbs are red and never primary; `minor` ones are never primary either. The first
    other verb on offer is the next action. `done` is what the reader is told, and `then` where
    the reader goes on, by default to a new document the command made, else back to the page.
    `asked` reads keywords of the form from the address (`?packages=3`).
    """

    command: Callable[..., Any]
    form: type[BaseForm] | None = None
    label: str | Promise = ""
    icon: str = ""
    confirm: str | Promise | Callable[[Any], str] = ""
    permission: str = ""
    states: Collection[str] = ()
    conditions: Sequence[Callable[[Any], bool]] = ()
    applies: Callable[[Any], bool] | None = None
    danger: bool = False
    minor: bool = False
    initial: Callable[[Any], dict[str, Any]] | None = None
    template: str = "web/act.html"
    done: str | Promise = ""
    then: Callable[[Any], str] | None = None
    asked: Callable[[QueryDict], dict[str, Any]] | None = None

    def question(self, thing: Any) -> str:
        """What the confirmation page says; empty when there is none."""
        return str(self.confirm(thing) if callable(self.confirm) else self.confirm)

    @property
    def asks_first(self) -> bool:
        """Whether a page comes before the command runs."""
        return self.form is not None or bool(self.confirm)


@dataclass(frozen=True)
class Offer:
    """A verb on the page: a button, a link to its form, or a blocked button with its reasons."""

    verb: str
    label: str
    icon: str
    url: str
    asks_first: bool
    danger: bool
    minor: bool
    meaning: str
    reasons: Sequence[str]

    @property
    def is_blocked(self) -> bool:
        return bool(self.reasons)


def offers(
    thing: models.Model, actor: Actor, actions: Mapping[str, Action], *, at: str = ""
) -> list[Offer]:
    """The verbs to show, in the order of actions.

    A verb the actor may never do, or that does not leave the present state, is not shown; one
    that is only blocked now is shown with every reason. `at` is the address of the page the verbs
    stand on, by default the thing's own.
    """
    leaving = open_steps(thing, actor) if isinstance(thing, Document) else []
    steps = {step.verb: step for step in leaving}
    shown = []
    for verb, action in actions.items():
        if verb in steps_of(thing):
            step = steps.get(verb)
        else:
            step = _own_step(thing, verb, action, actor)
        if step is not None:
            shown.append(_offer(thing, action, step, at or page_url(thing)))
    return shown


def steps_of(thing: models.Model) -> dict[str, StepInfo]:
    """The declared steps by verb; none where there is no state machine."""
    return thing.steps() if isinstance(thing, Document) else {}


def next_offer(shown: Sequence[Offer]) -> Offer | None:
    """The one primary button."""
    return next((offer for offer in shown if not offer.danger and not offer.minor), None)


def action_right(thing: models.Model, verb: str, action: Action) -> str:
    """The right verb needs. Raises ImproperlyConfigured when nobody named it."""
    if action.permission:
        return action.permission
    if isinstance(thing, Document):
        return thing.permission(verb)
    raise ImproperlyConfigured(f"{_name(thing, verb)} is no step: Action(..., permission=) is due")


def action_label(thing: models.Model, verb: str, action: Action) -> str:
    """The words on the button. Raises ImproperlyConfigured when nobody gave any."""
    declared = steps_of(thing).get(verb)
    label = action.label or (declared.label if declared else "")
    if not label:
        raise ImproperlyConfigured(f"{_name(thing, verb)} is no step: Action(..., label=) is due")
    return str(label)


def _name(thing: models.Model, verb: str) -> str:
    return f"{snake_case(type(thing).__name__)}.{verb}"


def _own_step(thing: models.Model, verb: str, action: Action, actor: Actor) -> OpenStep | None:
    """The same facts for a verb that is no transition."""
    if _out_of_place(thing, action) is not None:
        return None
    if not actor.has_perm(action_right(thing, verb, action)):
        return None
    return OpenStep(verb, action_label(thing, verb, action), "", _reasons(thing, action))


def _out_of_place(thing: Any, action: Action) -> str | None:
    """Why a verb that is no transition is not even offered; None when it is."""
    if action.states and thing.state not in action.states:
        return _("It is %(state)s.") % {"state": thing.get_state_display()}
    if action.applies is not None and not action.applies(thing):
        return str(action.applies.sentence)  # type: ignore[attr-defined]
    return None


def _reasons(thing: Any, action: Action) -> list[str]:
    """The sentence of each of action's own conditions that does not hold."""
    return [str(check.sentence) for check in action.conditions if not check(thing)]  # type: ignore[attr-defined]


def blocked_by(thing: models.Model, verb: str, action: Action) -> TransitionRefused | None:
    """Why verb is not possible on thing now, whoever asks; None when nothing is in the way."""
    try:
        if isinstance(thing, Document) and verb in thing.steps():
            refuse_blocked(thing, verb)
        elif (reason := _out_of_place(thing, action)) is not None:
            raise TransitionRefused(reason, [])
        elif reasons := _reasons(thing, action):
            raise TransitionRefused(" ".join(reasons), reasons)
    except TransitionRefused as refusal:
        return refusal
    return None


def _offer(thing: models.Model, action: Action, step: OpenStep, at: str) -> Offer:
    return Offer(
        verb=step.verb,
        label=action_label(thing, step.verb, action),
        icon=action.icon,
        url=f"{at}{step.verb}/",
        asks_first=action.asks_first,
        danger=action.danger,
        minor=action.minor,
        meaning=step.meaning,
        reasons=step.reasons,
    )


def steps_of_others(document: Document, actor: Actor, actions: Mapping[str, Action]) -> list[str]:
    """What other people can do next, with their roles: `Dispatch (Shipping clerk)`.

    Detours (minor and danger verbs) and what only the flow does are left out.
    """
    leaving = {t.name for t in document.transitions() if t.source == document.state}
    rights = {
        verb: action_right(document, verb, action)
        for verb, action in actions.items()
        if verb in leaving and not action.minor and not action.danger
    }
    theirs = {verb: right for verb, right in rights.items() if not actor.has_perm(right)}
    holders = roles_with(*theirs.values()) if theirs else {}
    return [
        _("%(verb)s (%(roles)s)")
        % {
            "verb": action_label(document, verb, actions[verb]),
            "roles": ", ".join(map(capfirst, holders[right])),
        }
        for verb, right in theirs.items()
        if right in holders
    ]


def missing_right(verb_label: str) -> str:
    """The sentence for a verb that is not the reader's."""
    return _("You do not have the right to do “%s”.") % verb_label
