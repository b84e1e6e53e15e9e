"""How far a management command has come."""

import time
from typing import Any

BAR = 30  # characters
QUIET_S = 10  # between two lines when nobody watches


class Progress:
    """One line that says where a command is; plain lines now and then when nobody watches.

    Call it with the name of each step when the step is done.
    """

    def __init__(self, out: Any, total: int) -> None:
        self.out, self.total, self.done = out, max(total, 1), 0
        self.watched = getattr(out, "isatty", bool)()
        self.silent_until = time.monotonic() + QUIET_S

    def __call__(self, what: str) -> None:
        self.done += 1
        over = self.done == self.total
        if not self.watched and not over and time.monotonic() < self.silent_until:
            return
        self.silent_until = time.monotonic() + QUIET_S
        full = BAR * min(self.done, self.total) // self.total
        text = f"[{'#' * full}{'.' * (BAR - full)}] {self.done:,} of {self.total:,}  {what}"
        line = f"\r{text:<78}" if self.watched else text
        self.out.write(line, ending="" if self.watched and not over else "\n")
        self.out.flush()


class Steps:
    """What is being done now, where nobody knows how many steps there are."""

    def __init__(self, out: Any) -> None:
        self.out, self.done = out, 0
        self.watched = getattr(out, "isatty", bool)()
        self.silent_until = time.monotonic() + QUIET_S

    def __call__(self, what: str) -> None:
        self.done += 1
        if not self.watched and time.monotonic() < self.silent_until:
            return
        self.silent_until = time.monotonic() + QUIET_S
        text = f"{self.done:,}  {what}"
        self.out.write(
            f"\r{text:<78}" if self.watched else text, ending="" if self.watched else "\n"
        )
        self.out.flush()
