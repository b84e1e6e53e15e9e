"""State badges: a word, an icon and a tone, never colour alone.

Most states need nothing: the vocabulary below knows the usual words of the trade. A state that
deserves another look says so where it is declared:

    class OrderState(models.TextChoices):
        ON_HOLD = "on_hold", _("On hold")

        tones = tones(on_hold="attention pause")
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise

#: state value -> "tone icon"; icons are Lucide names.
VOCABULARY = {
    "accepted": "success circle-check",
    "active": "success circle-check",
    "announced": "info megaphone",
    "applied": "success link",
    "approved": "success shield-check",
    "broken": "danger calendar-x",
    "cancelled": "neutral ban",
    "closed": "neutral lock",
    "confirmed": "info check",
    "consumed": "neutral check",
    "counted": "success list-checks",
    "credited": "neutral rotate-ccw",
    "dead": "danger octagon-x",
    "delivered": "success house",
    "discarded": "neutral trash-2",
    "dismissed": "neutral eye-off",
    "dispatched": "active truck",
    "done": "success check",
    "draft": "neutral pencil",
    "exact": "success equal",
    "expired": "neutral hourglass",
    "failed": "danger circle-x",
    "held": "attention pause",
    "ignored": "neutral eye-off",
    "imported": "info file-down",
    "in_fulfillment": "active package-open",
    "inactive": "neutral circle-off",
    "invoiced": "success receipt-text",
    "kept": "success calendar-check",
    "matched": "success link",
    "new": "info circle-dot",
    "none": "neutral minus",
    "on_account": "info wallet",
    "on_hold": "attention pause",
    "open": "info circle-dot",
    "owed": "info hourglass",
    "packed": "info package",
    "packing": "active package-open",
    "paid": "success circle-check",
    "parked": "attention circle-alert",
    "part_applied": "active contrast",
    "part_paid": "active contrast",
    "pending": "attention pause",
    "picked": "success square-check",
    "picking": "active hand",
    "planned": "info list",
    "possible": "attention circle-question-mark",
    "posted": "success stamp",
    "proposed": "attention circle-question-mark",
    "queued": "neutral ellipsis",
    "received": "success package-check",
    "reconciled": "success badge-check",
    "rejected": "danger shield-x",
    "released": "info circle-arrow-right",
    "requested": "attention hourglass",
    "resolved": "success circle-check",
    "returned": "attention undo-2",
    "reversed": "neutral undo-2",
    "sending": "active send",
    "sent": "info mail-check",
    "shipped": "success truck",
    "stopped": "danger octagon-x",
    "strong": "info equal-approximately",
    "submitted": "attention inbox",
    "superseded": "neutral history",
    "unassigned": "attention circle-question-mark",
    "uncertain": "attention circle-question-mark",
    "undone": "neutral undo-2",
    "withdrawn": "neutral undo-2",
    "written_off": "neutral scissors",
}


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
    own: dict[str, str] = getattr(states, "tones", {})
    tone, _, icon = own.get(value, VOCABULARY.get(value, "neutral circle")).partition(" ")
    return Badge(label or value, tone, icon)


def state_badge(row: models.Model, field: str = "state") -> Badge:
    """The badge of the state row is in."""
    declared = row._meta.get_field(field)
    label = getattr(row, f"get_{field}_display")()
    return badge_of(getattr(declared, "states", None), getattr(row, field), label)
