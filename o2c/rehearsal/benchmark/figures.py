"""A measured figure, what it is compared with, and what it should be."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Aim:
    """What a figure should reach, and what nothing may land below.

    Of the ratio to bare SQL when `of_ratio`, else of the figure itself, in its unit.
    """

    goal: float
    limit: float
    more_is_better: bool = False
    of_ratio: bool = False

    def is_met(self, value: float) -> bool:
        return self._passes(value, self.goal)

    def is_kept(self, value: float) -> bool:
        """Whether the figure may land."""
        return self._passes(value, self.limit)

    def _passes(self, value: float, bound: float) -> bool:
        return value >= bound if self.more_is_better else value <= bound


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    measure: the name `--only` takes. beside: the figure of the same work without the product, in
    the same unit, from the same run. parts: what the figure is made of, in its unit.
    """

    measure: str
    name: str
    value: float
    unit: str
    beside: float | None = None
    aim: Aim | None = None
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return None if not self.beside else self.value / self.beside

    @property
    def judged(self) -> float | None:
        """What the aim is about; None when there is nothing to judge."""
        if self.aim is None:
            return None
        return self.ratio if self.aim.of_ratio else self.value

    @property
    def verdict(self) -> str:
        """goal, kept or below; empty without an aim."""
        if self.aim is None or self.judged is None:
            return ""
        if self.aim.is_met(self.judged):
            return "goal"
        return "kept" if self.aim.is_kept(self.judged) else "below"
