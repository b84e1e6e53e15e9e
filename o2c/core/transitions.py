"""The door: the only place where a document is created, changes its state, or is amended.

Each passage checks the right, writes the row and records one Event, all in the caller's
transaction. Nobody writes history and nobody emits events by hand, so neither can be forgotten.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.errors import StaleVersion, TransitionRefused
from o2c.core.events import record
from o2c.core.models import Document, Eventful
from o2c.core.recording import (
    Recording,
    insert_with_events,
    update_with_events,
    write_events,
)
from o2c.core.work import assert_in_command

D = TypeVar("D", bound=Document)


def begin(document: D, *, actor: Actor, event: str, **facts: Any) -> D:
    """Insert a new document and record that.

    The right to create is the command's to check, since a document is created for many reasons.
    """
    begin_many([document], actor=actor, event=event, facts=[facts])
    return document


def begin_many(
    documents: Sequence[D],
    *,
    actor: Actor,
    event: str,
    facts: Sequence[dict[str, Any]] | None = None,
) -> list[D]:
    """Insert new documents of one kind together and record that.

    `facts` are what the event says of each, in the order of the documents; nothing by default.
    """
    assert_in_command()
    for document in documents:
        assert document.pk is None, f"{document} already exists"
        document.created_by = actor.get_username()
    _record(documents, event, actor, insert_with_events, facts)
    return list(documents)


def transition(document: D, verb: str, *, actor: Actor, **facts: Any) -> D:
    """Move document by verb, save it and record the fact.

    The caller holds the row's lock. Raises NotPermitted or TransitionRefused (with every failing
    condition), and then nothing has changed.
    """
    transition_many([document], verb, actor=actor, facts=[facts])
    return document


def transition_many(
    documents: Sequence[D],
    verb: str,
    *,
    actor: Actor,
    facts: Sequence[dict[str, Any]] | None = None,
) -> None:
    """Move documents of one kind by verb, save them together and record the fact of each.

    Raises as `transition` does when one of them cannot move, and then nothing is written.
    """
    assert_in_command()
    if not documents:
        return
    require(actor, documents[0].permission(verb))
    for document in documents:
        refuse_blocked(document, verb)
    old_states = [document.state for document in documents]
    for document in documents:
        getattr(document, verb)()
        document.version += 1
    # No history row: the Event is the history of the state, see docs/adr/0002.
    event = documents[0].steps()[verb].event
    _record(documents, event, actor, update_with_events, facts, old_states)


def save_document(
    document: D, *, actor: Actor, event: str = "amended", reason: str = "", **facts: Any
) -> D:
    """Save a change of commercial fields that leaves the state alone, with history and Event."""
    assert_in_command()
    document.version += 1
    if reason:
        facts["reason"] = reason
    write = partial(
        update_with_events, keeps_history=hasattr(document, "history"), reason=reason[:200]
    )
    _record([document], event, actor, write, [facts], [document.state])
    return document


def record_event(row: Eventful, *, actor: Actor, event: str, **facts: Any) -> None:
    """Record what was done to something that is no document and has no state."""
    assert not isinstance(row, Document), "a document records by its verbs"
    _record([row], event, actor, write_events, [facts])


def _record(
    documents: Sequence[Eventful],
    event: str,
    actor: Actor,
    write: Callable[[Recording, Sequence[Any]], list[int]],
    facts: Sequence[dict[str, Any]] | None,
    old_states: Sequence[str] | None = None,
) -> None:
    if documents:
        record(
            documents,
            event,
            actor=actor,
            write=write,
            facts=facts if facts is not None else [{} for _document in documents],
            old_states=old_states or [""] * len(documents),
        )


def check_version(document: Document, version: int) -> None:
    """Refuse a form that was opened on an older version of document. Raises StaleVersion."""
    if document.version != version:
        raise StaleVersion(
            _("%(document)s was changed by somebody else since you opened it. Look at it again.")
            % {"document": document}
        )


def refuse_blocked(document: Document, verb: str) -> None:
    """Raise TransitionRefused when state or conditions forbid verb."""
    reasons = blocking_reasons(document, verb)
    if reasons:
        raise TransitionRefused(
            _("%(document)s: “%(verb)s” is not possible now. %(reasons)s")
            % {
                "document": document,
                "verb": document.steps()[verb].label,
                "reasons": " ".join(reasons),
            },
            reasons,
        )


def blocking_reasons(document: Document, verb: str) -> list[str]:
    """Every sentence that speaks against verb now; empty when nothing does."""
    meta = getattr(type(document), verb)._django_fsm
    step = meta.get_transition(document.state)
    if step is None:
        return [_("It is %(state)s.") % {"state": document.get_state_display()}]  # type: ignore[attr-defined]
    return [str(check.sentence) for check in step.conditions if not check(document)]


@dataclass(frozen=True)
class OpenStep:
    """A verb a user sees on a document: possible now, or blocked with all its reasons."""

    verb: str
    label: str | Promise
    meaning: str
    reasons: Sequence[str]

    @property
    def is_blocked(self) -> bool:
        return bool(self.reasons)


def open_steps(document: Document, actor: Actor) -> list[OpenStep]:
    """The verbs leaving document's present state that actor has the right to, in declared order."""
    leaving = {t.name for t in document.transitions() if t.source in (document.state, "*")}
    return [
        OpenStep(verb, info.label, info.meaning, blocking_reasons(document, verb))
        for verb, info in document.steps().items()
        if verb in leaving and actor.has_perm(document.permission(verb))
    ]
