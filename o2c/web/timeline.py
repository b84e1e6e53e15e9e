"""The timeline: the events of a document in words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from o2c.core.models import Document, Event, Eventful
from o2c.core.states import Amount
from o2c.web.badges import Badge, badge_of
from o2c.web.formats import UNKNOWN, actor_text, date_text, moment_text, money_text, number_text

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
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


def events_of(document: Document) -> QuerySet[Event]:
    """What document has recorded, newest first."""
    own = {"document_type": document._meta.label_lower, "document_id": document.pk}
    return Event.objects.filter(**own).order_by("-pk")


def happenings(document: Document, events: Iterable[Event]) -> list[Happening]:
    """Events of document in words."""
    field: Any = document._meta.get_field("state")  # type: ignore[misc]  # every document has it
    labels = dict(field.flatchoices)
    states = getattr(field, "states", None)

    def badge(state: str) -> Badge | None:
        return badge_of(states, state, labels.get(state, "")) if state else None

    return [
        Happening(
            verb=event_text(event.name),
            actor=actor_text(event.actor),
            at=event.recorded_at,
            old_badge=badge(event.old_state) if event.old_state != event.new_state else None,
            new_badge=badge(event.new_state) if event.old_state != event.new_state else None,
            facts=facts_of(event.facts, type(document), getattr(document, "currency", "")),
        )
        for event in events
    ]


@cache
def _past_tenses() -> dict[str, str | Promise]:
    """Event name -> what it is called, as its document's class declares it."""
    sources = [model for model in apps.get_models() if issubclass(model, Eventful)]
    return {name: past for source in sources for name, past in source.event_words().items()}


def event_title(name: str) -> str:
    """`pick_list.picked` as `Pick list: picked`."""
    noun = name.partition(".")[0].replace("_", " ")
    return f"{capfirst(noun)}: {event_text(name).lower()}"


def event_text(name: str) -> str:
    """`order.captured` -> `Captured`, in the reader's language."""
    past = _past_tenses().get(name)
    return str(past or capfirst(name.rpartition(".")[2].replace("_", " ")))


def facts_of(facts: dict[str, Any], model: type[Eventful], currency: str = "") -> list[Fact]:
    """The facts in words. `{"changes": {"quantity": ["5", "7"]}}` reads as old -> new, and so does
    a list of changed lines.

    `model` has the words; a fact it has none for steers the flow and is left out. Amounts carry
    the currency that is among the facts, else the document's `currency`; a changed reference to
    another row, kept by its key, only says that it changed.
    """
    currency = str(facts.get("currency") or currency)
    told = []
    for name, value in facts.items():
        words = model.fact_words.get(name)
        if name == "changes" and isinstance(value, dict):
            told += [_change(field, pair, model) for field, pair in value.items()]
        elif name == "changes" and isinstance(value, list):
            told += [_change_of_line(change) for change in value]
        elif words is None or value in ("", None, [], {}):
            continue
        elif isinstance(words, Amount) and _NUMBER.fullmatch(str(value)):
            told.append(Fact(str(words.words), money_text(Decimal(str(value)), currency)))
        else:
            told.append(Fact(str(getattr(words, "words", words)), _plain(value)))
    return told


def _change(field: str, pair: Any, model: type[Eventful]) -> Fact:
    if _is_reference(field, model) or not (isinstance(pair, list) and len(pair) == 2):
        return Fact(_field_label(field, model), str(_("changed")))
    return Fact(_field_label(field, model), _plain(pair[1]) or "–", _plain(pair[0]) or "–")


def _change_of_line(change: dict[str, Any]) -> Fact:
    """`{"line": 2, "field": "quantity", "old": "5", "new": "7"}` as `Line 2, quantity: 5 → 7`."""
    field = gettext(_in_words(change["field"])).lower()
    label = _("Line %(line)s, %(field)s") % {"line": change["line"], "field": field}
    return Fact(str(label), _plain(change.get("new")) or UNKNOWN, _plain(change.get("old")))


def _is_reference(field: str, model: type[Eventful]) -> bool:
    try:
        return bool(model._meta.get_field(field).is_relation)
    except FieldDoesNotExist:
        return False


def _field_label(name: str, model: type[Eventful]) -> str:
    """The name of a changed field as its form shows it."""
    try:
        return capfirst(str(model._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):
        return _in_words(name)


def _in_words(name: str) -> str:
    return capfirst(name.replace("_", " "))


def _plain(value: Any) -> str:
    """A JSON value as a reader takes it in: figures, days and codes like everywhere else."""
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, dict):
        parts = [f"{gettext(_in_words(name))} {_plain(item)}" for name, item in value.items()]
        return ", ".join(parts)
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
