"""What the drill showed, as a table for people and as JSON for programs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Shown:
    """One thing the drill looked at. `holds` is None for a figure that nothing depends on."""

    what: str
    figure: str
    holds: bool | None = None


@dataclass
class Report:
    """In the order in which it happened."""

    shown: list[Shown] = field(default_factory=list)

    def add(self, what: str, figure: str, holds: bool | None = None) -> None:
        self.shown.append(Shown(what, figure, holds))

    @property
    def holds(self) -> bool:
        return all(each.holds is not False for each in self.shown)

    def as_table(self) -> Iterator[str]:
        for each in self.shown:
            verdict = {None: "", True: "ok", False: "FAILED"}[each.holds]
            yield f"{verdict:<7} {each.what:<58} {each.figure}".rstrip()

    def as_json(self) -> dict[str, Any]:
        return {"holds": self.holds, "shown": [asdict(each) for each in self.shown]}
