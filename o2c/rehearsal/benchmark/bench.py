"""What a measure is given: the sizes of this run and the databases it may use."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

from o2c.rehearsal.benchmark.place import Place, place


@dataclass(frozen=True)
class Sizes:
    """How much is measured; more takes longer and says more."""

    rounds: int  # of product and bare SQL in turn
    batches: int  # of ten product cycles in a round
    bare_cycles: int  # in a round, of each process
    orders: int  # of the generated company


QUICK = Sizes(rounds=3, batches=1, bare_cycles=60, orders=2_000)
FULL = Sizes(rounds=10, batches=3, bare_cycles=300, orders=25_000)


class Bench:
    """Databases are made when they are first asked for, and gone at the end unless kept."""

    def __init__(self, sizes: Sizes, tell: Callable[[str], None], *, keep: bool) -> None:
        self.sizes, self.tell, self.keep = sizes, tell, keep
        self._stack = ExitStack()
        self._places: dict[str, Place] = {}

    @property
    def small(self) -> Place:
        """A company that has traded nothing yet."""
        return self._place("small")

    @property
    def large(self) -> Place:
        """A generated company, once a measure has generated it."""
        return self._place("large")

    def _place(self, purpose: str) -> Place:
        if purpose not in self._places:
            self.tell(f"database of the {purpose} company")
            made = self._stack.enter_context(place(purpose, keep=self.keep))
            self._places[purpose] = made
        return self._places[purpose]

    def __enter__(self) -> Self:
        self._stack.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
