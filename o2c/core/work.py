"""The unit of work of a running command: whose it is, what it has locked, whom it must tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from o2c.core.actors import Actor, acting_username

#: The id of the request or job that is running, for the events; set at the edge of the product.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class OutsideCommand(RuntimeError):
    """Something was written, locked or recorded outside a @command. A bug."""


class LockOrderBroken(RuntimeError):
    """A lock was taken after one of a higher rank. A bug: it would deadlock some day."""


@dataclass
class Work:
    """Everything one durable transaction has in hand."""

    actor: Actor
    rank: int = 0
    #: locked rows by model and primary key: one object per row, whoever asks for it
    held: dict[tuple[type, Any], Any] = field(default_factory=dict)
    #: locked sets by model and filter
    held_sets: dict[tuple[type, Any], list[Any]] = field(default_factory=dict)
    #: (handler, document_id) to run before the commit
    together: list[tuple[Any, int]] = field(default_factory=list)
    #: deliveries written here, to be run after the commit
    fast: list[int] = field(default_factory=list)
    slow: list[int] = field(default_factory=list)
    #: whether followers may still join this transaction
    takes_followers: bool = False
    #: (path of a follower, document_id) of those that join, carried out or not yet
    joined: list[tuple[str, int]] = field(default_factory=list)
    #: whether a follower is being carried out, which comes to lower ranks again
    is_following: bool = False

    def remember(self) -> "Memory":
        """What is in hand now, for `recall`."""
        return Memory(
            self.rank,
            {key: (row, dict(row.__dict__)) for key, row in self.held.items()},
            dict(self.held_sets),
            (len(self.together), len(self.fast), len(self.slow), len(self.joined)),
        )

    def recall(self, then: "Memory") -> None:
        """Be as it was then: rows locked since are not held, those held say what they said."""
        self.rank = then.rank
        self.held = {key: row for key, (row, _values) in then.held.items()}
        for row, values in then.held.values():
            row.__dict__.clear()
            row.__dict__.update(values)
        self.held_sets = then.held_sets
        together, fast, slow, joined = then.owed
        del self.together[together:], self.fast[fast:], self.slow[slow:], self.joined[joined:]


@dataclass(frozen=True)
class Memory:
    """What a Work had in hand at a moment; of what it owed, how many of each."""

    rank: int
    held: dict[tuple[type, Any], tuple[Any, dict[str, Any]]]
    held_sets: dict[tuple[type, Any], list[Any]]
    owed: tuple[int, int, int, int]


_current: ContextVar[Work | None] = ContextVar("work", default=None)


def current_work() -> Work | None:
    """The running command's work, or None outside of any."""
    return _current.get()


def assert_in_command() -> Work:
    """The running command's work. Raises OutsideCommand when there is none."""
    work = _current.get()
    if work is None:
        raise OutsideCommand("only a @command writes")
    return work


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Let history show actor's name for a part of the running command."""
    token = acting_username.set(actor.get_username())
    try:
        yield
    finally:
        acting_username.reset(token)


@contextmanager
def begin_work(actor: Actor) -> Iterator[Work]:
    """Make a new unit of work current, with actor as the name history shows."""
    work = Work(actor)
    token = _current.set(work)
    try:
        with acting_as(actor):
            yield work
    finally:
        _current.reset(token)


class Attempt:
    """A part of a command that is taken back on demand, as in a dry run."""

    taken_back = False

    def take_back(self) -> None:
        """Leave nothing of this part, without an exception."""
        self.taken_back = True


@contextmanager
def attempt() -> Iterator[Attempt]:
    """A part of a command that may fail while the rest goes on: the only savepoint of a command.

    When it raises or is taken back, nothing of it stays: neither rows and locks in the database,
    nor in hand what it locked, changed, or owes to subscribers (see docs/adr/0010).
    """
    work = assert_in_command()
    then, part = work.remember(), Attempt()
    try:
        with transaction.atomic():
            yield part
            if part.taken_back:
                transaction.set_rollback(True)
    except BaseException:
        work.recall(then)
        raise
    if part.taken_back:
        work.recall(then)


def take_rank(rank: int) -> bool:
    """Note that a lock of this rank is about to be taken. Return whether it is out of turn.

    A follower that joined comes to the lower ranks again: it takes what is out of turn without
    waiting, since waiting could deadlock. Anybody else raises LockOrderBroken.
    """
    work = assert_in_command()
    if rank >= work.rank:
        work.rank = rank
        return False
    if not work.is_following:
        raise LockOrderBroken(f"rank {rank} asked for after rank {work.rank}")
    return True
