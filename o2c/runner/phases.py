"""How long work tells where it is: `with phase("database") as done: ...; done("migrated")`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Phase = Callable[[str], AbstractContextManager[Callable[[str], None]]]


NOTE_WIDTH = 36  # as start.py pads what a phase did


def show_briefly(note: str) -> None:
    """Show where a phase is, on a terminal, until the next note or the end of the phase."""
    if sys.stdout.isatty():
        text = note[:NOTE_WIDTH].ljust(NOTE_WIDTH)
        print(text + "\b" * NOTE_WIDTH, end="", flush=True)


@contextmanager
def silent(label: str) -> Iterator[Callable[[str], None]]:
    """For commands whose output is their own."""
    yield lambda what: None
