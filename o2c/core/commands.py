"""@command: one verb, one durable transaction.

    check the dates -> set actor -> take the idempotency key -> lock in rank order -> re-read
    -> decide by rules -> write -> draw numbers last -> commit -> tell whoever `o2c.flow` names

A command called by another command joins its transaction. `lock_timeout` (3 s) and
`statement_timeout` (15 s) come with the connection (ADR 3).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from django.db import OperationalError, connection
from psycopg import errors as pg

from o2c.core.actors import Actor
from o2c.core.day_checks import days_of_call, faults_of
from o2c.core.deliveries import carry_out
from o2c.core.errors import Busy, refuse_if
from o2c.core.idempotency import SentForm, once, once_per_form, sent_form
from o2c.core.locks import hold, lock, lock_all, lock_now, lock_where
from o2c.core.work import assert_in_command, attempt, current_work

__all__ = [
    "assert_in_command",
    "attempt",
    "command",
    "hold",
    "lock",
    "lock_all",
    "lock_now",
    "lock_where",
]

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

_DEADLOCK_RETRIES = 3


class Command(Protocol[P, R_co]):
    """A function made a command: called with its own arguments, and at the edge with a key.

    A type cannot say "these arguments and one more keyword", so with `op_id` only the result is
    checked; the calls between commands, which carry no key, are checked in full.
    """

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    @overload
    def __call__(self, *args: Any, actor: Actor, op_id: str, **kwargs: Any) -> R_co: ...


@overload
def command(function: Callable[P, R]) -> Command[P, R]: ...
@overload
def command(*, timeout_s: int) -> Callable[[Callable[P, R]], Command[P, R]]: ...
def command(function: Any = None, *, timeout_s: int | None = None) -> Any:
    """Make a function a command. Its last keyword is `actor`.

    Callers may add `op_id=`: the same id with the same arguments is carried out once and gives
    the first result again; with other arguments it raises IdempotencyConflict. `timeout_s`
    replaces the statement timeout for work on whole files.
    Raises RuleViolations for dates outside the limits that the arguments declare, and Busy when
    a lock cannot be had in time.
    """

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        find_days = days_of_call(function)

        @wraps(function)
        def run(*args: Any, actor: Actor, op_id: str = "", **kwargs: Any) -> Any:
            refuse_if(faults_of(find_days(args, kwargs)))

            def body() -> Any:
                return function(*args, actor=actor, **kwargs)

            if current_work() is not None:
                return body()
            sent = sent_form.get()
            if sent is not None and not sent.is_carried_out:
                return _run_for_form(sent, body, actor, timeout_s)
            if op_id and sent is None:
                arguments = {"args": args, "kwargs": kwargs}
                return _run_outermost(
                    lambda: once(function, op_id, arguments, body), actor, timeout_s
                )
            return _run_outermost(body, actor, timeout_s)

        run.is_command = True  # type: ignore[attr-defined]
        return run

    return make if function is None else make(function)


def _run_for_form(
    sent: SentForm, body: Callable[[], Any], actor: Actor, timeout_s: int | None
) -> Any:
    """Run the first command of a form under the form's key; what was rolled back took none."""
    try:
        return _run_outermost(lambda: once_per_form(sent, body), actor, timeout_s)
    except BaseException:
        sent.is_carried_out = False
        raise


def _run_outermost(body: Callable[[], Any], actor: Actor, timeout_s: int | None) -> Any:
    """Run body in its own durable transaction, then tell the subscribers of its events.

    A deadlock is nobody's fault and the transaction has left nothing: it is tried again.
    """

    def act() -> Any:
        if timeout_s is not None:
            _set_statement_timeout(timeout_s)
        return body()

    for trial in range(1, _DEADLOCK_RETRIES + 1):
        try:
            return carry_out(actor, act)
        except OperationalError as error:
            if isinstance(error.__cause__, pg.LockNotAvailable):
                raise Busy from error
            if not isinstance(error.__cause__, pg.DeadlockDetected):
                raise
            if trial == _DEADLOCK_RETRIES:
                raise Busy from error
    raise AssertionError("unreachable")


def _set_statement_timeout(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
