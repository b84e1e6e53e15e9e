"""What the pages and `verify` ask of the whole."""

from o2c.desk.queries.invariants import INVARIANTS
from o2c.desk.queries.work import deliveries, stuck_deliveries

__all__ = ["INVARIANTS", "deliveries", "stuck_deliveries"]
