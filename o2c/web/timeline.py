"""The timeline: the events of a document in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from o2c.core.models import Document, Event
from o2c.web.badges import Badge, badge_of
from o2c.web.formats import UNKNOWN, actor_text, date_text, moment_text, money_text, number_text

_MOST_EVENTS = 500

#: Words for the facts that many events carry; a fact without words here shows its own name.
FACT_WORDS: dict[str, str | Promise] = {
    "amount": _("Amount"),
    "before": _("Before"),
    "called_off": _("Called off"),
    "channel": _("Channel"),
    "currency": _("Currency"),
    "delivered_at": _("Delivered at"),
    "discount": _("Discount"),
    "exposure": _("Exposure"),
    "gross": _("Total"),
    "limit": _("Limit"),
    "line": _("Line"),
    "lines": _("Lines"),
    "number": _("Number"),
    "quantity": _("Quantity"),
    "reason": _("Reason"),
    "reference": _("Reference"),
    "rules": _("Rules"),
    "signed_by": _("Signed by"),
    "source": _("Source"),
    "tier": _("Certainty"),
    "tracking": _("Tracking"),
    "weight_kg": _("Weight, kg"),
}
#: Facts that are amounts in the event's currency.
_AMOUNTS = {"amount", "before", "exposure", "gross", "limit"}
#: Facts for the flow, not for readers.
_SILENT = {"billable"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})")
_FIGURE = re.compile(r"-?\d+\.\d+")
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")


@dataclass(frozen=True)
class Fact:
    """One detail of what happened; `old` is set when something changed."""

    label: str
    value: str
    old: str = ""


@dataclass(frozen=True)
class Happening:
    """One entry: what, who, when, the state it led to, and the facts."""

    verb: str
    actor: str
    at: datetime
    old_badge: Badge | None
    new_badge: Badge | None
    facts: list[Fact]


def happenings(document: Document) -> list[Happening]:
    """Everything that happened to document, newest first. One query."""
    events = Event.objects.filter(
        document_type=document._meta.label_lower, document_id=document.pk
    ).order_by("-pk")[:_MOST_EVENTS]
    field: Any = document._meta.get_field("state")  # type: ignore[misc]  # every document has it
    labels = dict(field.flatchoices)
    states = getattr(field, "states", None)

    def badge(state: str) -> Badge | None:
        return badge_of(states, state, labels.get(state, "")) if state else None

    verbs = event_verbs(type(document))
    return [
        Happening(
            verb=event_text(event.name, verbs),
            actor=actor_text(event.actor),
            at=event.recorded_at,
            old_badge=badge(event.old_state) if event.old_state != event.new_state else None,
            new_badge=badge(event.new_state) if event.old_state != event.new_state else None,
            facts=facts_of(event.facts, type(document), getattr(document, "currency", "")),
        )
        for event in events
    ]


def event_verbs(model: type[Document]) -> dict[str, str]:
    """Event name -> the label of the verb that makes it."""
    return {f"{model.noun}.{info.event}": str(info.label) for info in model.steps().values()}


def event_title(name: str) -> str:
    """`pick_list.picked` as `Pick list: picked`."""
    noun = name.partition(".")[0].replace("_", " ")
    return f"{capfirst(noun)}: {event_text(name).lower()}"


def event_text(name: str, verbs: Mapping[str, str] | None = None) -> str:
    """`order.captured` -> `Captured`, in the reader's language where a word is known."""
    past = name.rpartition(".")[2]
    known = EVENT_WORDS.get(past) or (verbs or {}).get(name)
    return str(known or capfirst(past.replace("_", " ")))


#: What happened, in the past tense; an event without a word here borrows its verb's label.
EVENT_WORDS: dict[str, str | Promise] = {
    "allocated": _("Allocated"),
    "amended": _("Amended"),
    "announced": _("Announced"),
    "applied": _("Applied"),
    "approved": _("Approved"),
    "blocked": _("Blocked"),
    "cancelled": _("Cancelled"),
    "captured": _("Captured"),
    "checked": _("Checked"),
    "confirmed": _("Confirmed"),
    "corrected": _("Corrected"),
    "counted": _("Counted"),
    "created": _("Created"),
    "delivered": _("Delivered"),
    "dispatched": _("Dispatched"),
    "disputed": _("Disputed"),
    "drafted": _("Drafted"),
    "fulfillment_started": _("Fulfillment started"),
    "held": _("Put on hold"),
    "ignored": _("Ignored"),
    "imported": _("Imported"),
    "invoiced": _("Invoiced"),
    "limit_set": _("Limit set"),
    "lost": _("Lost"),
    "matched": _("Matched"),
    "opened": _("Opened"),
    "packed": _("Packed"),
    "paid": _("Paid"),
    "picked": _("Picked"),
    "picking_started": _("Picking started"),
    "planned": _("Planned"),
    "posted": _("Posted"),
    "printed": _("Printed"),
    "proposed": _("Proposed"),
    "received": _("Received"),
    "reconciled": _("Reconciled"),
    "recorded": _("Recorded"),
    "refunded": _("Refunded"),
    "rejected": _("Rejected"),
    "released": _("Released"),
    "reminded": _("Reminded"),
    "rendered": _("PDF made"),
    "requested": _("Requested"),
    "resumed": _("Resumed"),
    "returned": _("Returned"),
    "reversed": _("Reversed"),
    "sent": _("Sent"),
    "shipped": _("Shipped"),
    "started": _("Started"),
    "submitted": _("Submitted"),
    "unblocked": _("Unblocked"),
    "undone": _("Undone"),
    "written_off": _("Written off"),
}


def facts_of(
    facts: dict[str, Any], model: type[models.Model] | None = None, currency: str = ""
) -> list[Fact]:
    """The facts in words. `{"changes": {"quantity": ["5", "7"]}}` reads as old -> new, and so does
    a list of changed lines.

    Amounts carry the currency that is among the facts, else the document's `currency`; a changed
    reference to another row, kept by its key, only says that it changed.
    """
    currency = str(facts.get("currency") or currency)
    told = []
    for name, value in facts.items():
        if name == "changes" and isinstance(value, dict):
            told += [_change(field, pair, model) for field, pair in value.items()]
        elif name == "changes" and isinstance(value, list):
            told += [_change_of_line(change) for change in value]
        elif name in _SILENT or value in ("", None, [], {}):
            continue
        elif currency and name in _AMOUNTS:
            told.append(Fact(_fact_label(name), money_text(Decimal(str(value)), currency)))
        elif name != "currency" or not _AMOUNTS & facts.keys():
            told.append(Fact(_fact_label(name), _plain(value)))
    return told


def _change(field: str, pair: Any, model: type[models.Model] | None) -> Fact:
    if _is_reference(field, model) or not (isinstance(pair, list) and len(pair) == 2):
        return Fact(_fact_label(field), str(_("changed")))
    return Fact(_fact_label(field), _plain(pair[1]) or "–", _plain(pair[0]) or "–")


def _change_of_line(change: dict[str, Any]) -> Fact:
    """`{"line": 2, "field": "quantity", "old": "5", "new": "7"}` as `Line 2, quantity: 5 → 7`."""
    field = _fact_label(change["field"]).lower()
    label = _("Line %(line)s, %(field)s") % {"line": change["line"], "field": field}
    return Fact(str(label), _plain(change.get("new")) or UNKNOWN, _plain(change.get("old")))


def _is_reference(field: str, model: type[models.Model] | None) -> bool:
    try:
        return model is not None and bool(model._meta.get_field(field).is_relation)
    except FieldDoesNotExist:
        return False


def _fact_label(name: str) -> str:
    return str(FACT_WORDS.get(name) or capfirst(name.replace("_", " ")))


def _plain(value: Any) -> str:
    """A JSON value as a reader takes it in: figures, days and codes like everywhere else."""
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{_fact_label(name)} {_plain(item)}" for name, item in value.items())
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    text = "" if value is None else str(value)
    if _DAY.fullmatch(text):
        return date_text(date.fromisoformat(text))
    if _MOMENT.fullmatch(text):
        return moment_text(datetime.fromisoformat(text))
    if _FIGURE.fullmatch(text):
        return number_text(Decimal(text))
    return text.replace("_", " ") if _CODE.fullmatch(text) else text
