"""What lives must live: the web and its database. What helps may die and comes back."""

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


def watch(children: Sequence[Child], helpers: Collection[Child]) -> int:
    """Return when a child has died that is no helper; a signal ends the wait as KeyboardInterrupt.

    The broker is a doorbell and the worker reads the database: nothing is lost while one is away,
    and nobody in the browser has to wait for it. So they are started again.
    """
    deaths: dict[Child, list[float]] = defaultdict(list)
    given_up: set[Child] = set()
    while True:
        for child in children:
            if child.alive() or child in given_up:
                continue
            tell(f"\n{child.explain_death()}")
            if child not in helpers:
                return 1
            child.send(SIGKILL, to_group=True)  # those it had started and left behind
            now = time.monotonic()
            deaths[child] = [*(death for death in deaths[child] if death > now - WINDOW), now]
            if len(deaths[child]) > MOST_DEATHS:
                given_up.add(child)
                tell(
                    f"The {child.name} stays down after {len(deaths[child])} deaths in a minute: "
                    "what it is owed waits in the database."
                )
            else:
                child.start()
                tell(f"The {child.name} was started again.")
        time.sleep(INTERVAL)


def tell(text: str) -> None:
    """Say it, to nobody when the terminal was closed."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)
