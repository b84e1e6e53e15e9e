"""What was acknowledged is there, once, and the books hold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from o2c.core.models import Delivery, DeliveryState, IdempotencyKey
from o2c.rehearsal.failover.load import ORDER, PAYMENT, Acknowledged
from o2c.rehearsal.failover.servers import Server
from orders.models import Order
from receivables.models import Payment

#: Where the rows of each kind lie, and which column holds what their sender called them.
PLACES = {
    ORDER: (Order._meta.db_table, "customer_reference"),
    PAYMENT: (Payment._meta.db_table, "reference"),
}


@dataclass(frozen=True)
class Compared:
    """Of what was acknowledged: how much there is, and what is missing or there twice."""

    acknowledged: int
    lost: list[str]
    doubled: list[str]


def compare(server: Server, acknowledged: Sequence[Acknowledged]) -> Compared:
    """Look for each acknowledged operation: its key, and its row under the number it was given."""
    keys = {key for (key,) in server.ask(
        sql.SQL("SELECT key FROM {} WHERE scope = 'form'").format(
            sql.Identifier(IdempotencyKey._meta.db_table)
        )
    )}  # fmt: skip
    lost, doubled = [], []
    for kind, (table, column) in PLACES.items():
        rows = server.ask(
            sql.SQL("SELECT id, {column} FROM {table} WHERE {column} LIKE 'drill-%'").format(
                column=sql.Identifier(column), table=sql.Identifier(table)
            )
        )
        there = {(int(row_id), str(reference)) for row_id, reference in rows}
        lost += [
            each.reference
            for each in acknowledged
            if each.kind == kind
            and (each.op_id not in keys or (each.row_id, each.reference) not in there)
        ]
        times = Counter(reference for _row_id, reference in there)
        doubled += [reference for reference, count in times.items() if count > 1]
    return Compared(len(acknowledged), lost, doubled)


def deliveries(server: Server) -> dict[str, int]:
    """How many deliveries there are in each state."""
    rows = server.ask(
        sql.SQL("SELECT state, count(*) FROM {} GROUP BY state").format(
            sql.Identifier(Delivery._meta.db_table)
        )
    )
    return dict(rows)


def owed(server: Server, *, due: bool) -> int:
    """How many deliveries are owed; only those that are due, which no lease keeps from a worker."""
    rows = server.ask(
        sql.SQL("SELECT count(*) FROM {} WHERE state = {} {}").format(
            sql.Identifier(Delivery._meta.db_table),
            sql.Literal(str(DeliveryState.OWED)),
            sql.SQL("AND next_attempt_at <= now()" if due else ""),
        )
    )
    return int(rows[0][0])
