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
from o2c.core.bulk import insert_rows
from o2c.core.errors import StaleVersion, TransitionRefused
from o2c.core.events import record, record_many
from o2c.core.models import Document, Eventful
from o2c.core.recording import (
    Fact,
    insert_with_event,
    update_with_event,
    write_event,
)
from o2c.core.work import assert_in_command

D = TypeVar("D", bound=Document)


def begin(document: D, *, actor: Actor, event: str, **facts: Any) -> D:
    """Insert a new document and record that.

    The right to create is the command's to check, since a document is created for many reasons.
    """
    assert_in_command()
    assert document.pk is None, f"{document} already exists"
    document.created_by = actor.get_username()
    _record(document, event, actor, insert_with_event, facts)
    return document


def begin_many(documents: Sequence[D], *, actor: Actor, event: str, **facts: Any) -> list[D]:
    """Insert many new documents of one kind and record that.

    For what comes in by the hundred, such as the proposals for a bank statement. They have no
    commercial history of their own yet; the event must have no subscribers that need each one.
    """
    assert_in_command()
    for document in documents:
        document.created_by = actor.get_username()
    if not documents:
        return []
    created = insert_rows(documents)
    record_many(created, event, actor=actor, facts=facts)
    return created


def transition(document: D, verb: str, *, actor: Actor, **facts: Any) -> D:
    """Move document by verb, save it and record the fact.

    The caller holds the row's lock. Raises NotPermitted or TransitionRefused (with every failing
    condition), and then nothing has changed.
    """
    assert_in_command()
    info = document.steps()[verb]
    require(actor, document.permission(verb))
    refuse_blocked(document, verb)
    old_state = document.state
    getattr(document, verb)()
    document.version += 1
    # No history row: the Event is the history of the state, see docs/adr/0002.
    _record(document, info.event, actor, update_with_event, facts, old_state)
    return document


def save_document(
    document: D, *, actor: Actor, event: str = "amended", reason: str = "", **facts: Any
) -> D:
    """Save a change of commercial fields that leaves the state alone, with history and Event."""
    assert_in_command()
    document.version += 1
    if reason:
        facts["reason"] = reason
    write = partial(
        update_with_event, keeps_history=hasattr(document, "history"), reason=reason[:200]
    )
    _record(document, event, actor, write, facts, document.state)
    return document


def record_event(row: Eventful, *, actor: Actor, event: str, **facts: Any) -> None:
    """Record what was done to something that is no document and has no state."""
    assert not isinstance(row, Document), "a document records by its verbs"
    _record(row, event, actor, write_event, facts)


def _record(
    document: Eventful,
    event: str,
    actor: Actor,
    write: Callable[[Fact, Any], list[int]],
    facts: dict[str, Any],
    old_state: str = "",
) -> None:
    record(document, event, actor=actor, write=write, old_state=old_state, facts=facts)


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
