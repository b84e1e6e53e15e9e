"""State badges: a word, an icon and a tone, never colour alone.

Each vocabulary of states says how its words look, where it is declared; icons are Lucide names:

    class OrderState(models.TextChoices):
        ON_HOLD = "on_hold", _("On hold")

        tones = tones(on_hold="attention pause")

A `StateField` knows its vocabulary; a model names those of its other columns in `looks`. A
document whose state alone says too little has a `shown_state`: (its TextChoices, the value).
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise


@dataclass(frozen=True)
class Badge:
    """What the eye gets of a state: `label` in the reader's language, one tone, one icon."""

    label: str | Promise
    tone: str = "neutral"
    icon: str = "circle"
    meaning: str | Promise = ""


def badge_of(states: Any, value: str, label: str | Promise = "") -> Badge:
    """The badge of value; `states` is its TextChoices class, None when only the label is known."""
    if states is not None and value in states.values:
        label = label or states(value).label
    looks: dict[str, str] = getattr(states, "tones", {})
    tone, _, icon = looks.get(value, "neutral circle").partition(" ")
    return Badge(label or value, tone, icon)


def state_badge(row: models.Model, field: str = "state") -> Badge:
    """The badge of the state row is in."""
    if field == "state" and (shown := getattr(row, "shown_state", None)):
        return badge_of(*shown)
    states = getattr(row._meta.get_field(field), "states", None)
    states = states or getattr(row, "looks", {}).get(field)
    label = getattr(row, f"get_{field}_display")()
    return badge_of(states, getattr(row, field), label)
