"""All the measures by name, in the order of the table."""

from collections.abc import Callable

from o2c.rehearsal.benchmark.bench import Bench
from o2c.rehearsal.benchmark.figures import Figure
from o2c.rehearsal.benchmark.measures import cycle, reports

MEASURES: dict[str, Callable[[Bench], list[Figure]]] = {
    "cycle": cycle.measure,
    "reports": reports.measure,
}
