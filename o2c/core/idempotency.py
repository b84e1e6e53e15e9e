"""Keys that make an operation happen once, whoever sends it twice.

A caller may give a command a key (`op_id`); a form that comes in carries one for all it does. The
key is stored in the transaction of the effect, with a fingerprint of the content, so that the
same key with the same content is carried out once, and with other content refused.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from o2c.core import prepared
from o2c.core.errors import IdempotencyConflict, KeyMissing
from o2c.core.models import IdempotencyKey

_FORM = "form"  # the scope of keys that forms carry
_LONGEST = 100


@dataclass
class SentForm:
    """A form on its way in. Its first command takes the key; the rest belongs to the same form."""

    key: str  # empty when it came without one
    fingerprint: str  # of who sent what, and where to
    is_carried_out: bool = False

    def stored(self) -> IdempotencyKey | None:
        """What the database knows of this very form; None when it was not carried out."""
        rows = IdempotencyKey.objects.filter(scope=_FORM, key=self.key)
        return rows.filter(fingerprint=self.fingerprint).first() if self.key else None

    def keep_answer(self, url: str) -> None:
        """Remember where the sender was led, for a second sending."""
        IdempotencyKey.objects.filter(scope=_FORM, key=self.key).update(answer=url)


#: The form that is being carried out here; None where no form is (jobs, imports, tests).
sent_form: ContextVar[SentForm | None] = ContextVar("sent_form", default=None)


class SentBefore(Exception):
    """The form was carried out already: give its answer again. For the edge, not for views."""


def read_key(text: str) -> str:
    """The key a form carries; empty when there is none that can be kept."""
    return text if len(text) <= _LONGEST else ""


@contextmanager
def no_form() -> Iterator[None]:
    """What runs inside is no effect of the form: a rendering, or an import that knows its file."""
    token = sent_form.set(None)
    try:
        yield
    finally:
        sent_form.reset(token)


def once_per_form(sent: SentForm, body: Callable[[], Any]) -> Any:
    """Carry out body as what a form does.

    Raises SentBefore for the same form, IdempotencyConflict for other content, KeyMissing.
    """
    if not sent.key:
        raise KeyMissing
    taken = _take(_FORM, sent.key, sent.fingerprint)
    if taken is None:
        if sent.stored() is None:
            raise IdempotencyConflict
        raise SentBefore
    result = _note_result(taken, body())
    sent.is_carried_out = True
    return result


def once(function: Any, op_id: str, arguments: Any, body: Callable[[], Any]) -> Any:
    """Carry out body once per key; the twin that comes second waits for the first, then replays."""
    scope, key = f"{function.__module__}.{function.__qualname__}", op_id[:_LONGEST]
    fingerprint = fingerprint_of(arguments)
    taken = _take(scope, key, fingerprint)
    if taken is not None:
        return _note_result(taken, body())
    first = IdempotencyKey.objects.get(scope=scope, key=key)
    if first.fingerprint != fingerprint:
        raise IdempotencyConflict
    return result_of(first)


def result_of(key: IdempotencyKey) -> Any:
    """The row that the first sending returned; None when it returned none."""
    if not key.result_type:
        return None
    return apps.get_model(key.result_type)._base_manager.filter(pk=key.result_id).first()


def _take(scope: str, key: str, fingerprint: str) -> int | None:
    """Insert the key; None when it is there. A key being inserted elsewhere is waited for."""
    inserted = prepared.fetch(
        "INSERT INTO core_idempotencykey (scope, key, fingerprint, result_type) "
        "VALUES (%s, %s, %s, '') ON CONFLICT (scope, key) DO NOTHING RETURNING id",
        [scope, key, fingerprint],
    )
    return inserted[0][0] if inserted else None


def _note_result(key_id: int, result: Any) -> Any:
    if isinstance(result, models.Model):
        IdempotencyKey.objects.filter(pk=key_id).update(
            result_type=result._meta.label_lower, result_id=result.pk
        )
    return result


def fingerprint_of(content: Any) -> str:
    """A digest of content: records and dataclasses with every value they hold, files by bytes."""
    text = json.dumps(content, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, models.Model):
        sent = (f for f in value._meta.concrete_fields if not isinstance(f, models.DateTimeField))
        names = {field.attname for field in sent}  # moments are stamped, not sent
        held = {name: held for name, held in value.__dict__.items() if name in names}
        return [value._meta.label_lower, held]
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, {f.name: getattr(value, f.name) for f in fields(value)}]
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    try:
        return DjangoJSONEncoder().default(value)
    except TypeError:
        return repr(value)
