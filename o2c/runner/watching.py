"""What died is started again. When web or database do not stay alive, that is the end."""

import sys
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from signal import SIGKILL

from o2c.runner.processes import Child

INTERVAL = 0.2  # seconds between two looks
MOST_DEATHS = 5  # within WINDOW; then something is wrong that a new start does not mend
WINDOW = 60.0  # seconds
REST = 1.0  # seconds more before each new start: what the dead one had started ends meanwhile


def watch(children: Sequence[Child], helpers: Collection[Child]) -> int:
    """Start again what dies. Return when a child that is no helper does not stay alive.

    Broker and worker are helpers: nothing is lost while one is away, nobody in the browser waits
    for it. While the database is away the web says so. A signal ends the wait as
    KeyboardInterrupt.
    """
    deaths: dict[Child, list[float]] = defaultdict(list)
    given_up: set[Child] = set()
    due: dict[Child, float] = {}  # when to start it again
    while True:
        now = time.monotonic()
        for child in children:
            if child.alive() or child in given_up:
                continue
            if child not in due:
                tell(f"\n{child.explain_death()}")
                child.send(SIGKILL, to_group=True)  # those it had started and left behind
                deaths[child] = [*(death for death in deaths[child] if death > now - WINDOW), now]
                due[child] = now + REST * (len(deaths[child]) - 1)
            if len(deaths[child]) > MOST_DEATHS:
                given_up.add(child)
                tell(f"The {child.name} stays down after {len(deaths[child])} deaths in a minute.")
                if child not in helpers:
                    return 1
                tell("What it is owed waits in the database.")
            elif due[child] <= now:
                del due[child]
                child.start()
                tell(f"The {child.name} was started again.")
        time.sleep(INTERVAL)


def tell(text: str) -> None:
    """Say it, to nobody when the terminal was closed."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)
