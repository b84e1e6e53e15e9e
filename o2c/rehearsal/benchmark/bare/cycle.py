"""One order of five lines from capture to reconciled cash, in eight transactions of bare SQL.

Each step locks what it changes, checks credit, goods and states, keeps the quantities on the
lines, posts balanced entries under gapless numbers and records an event. The driver prepares
statements that come again.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import psycopg

from o2c.rehearsal.benchmark.bare.schema import CUSTOMERS, ITEMS, Stage

LINES, PIECES = 5, Decimal(2)
CENT = Decimal("0.01")
ACTOR = "bare"
TERMS = timedelta(days=30)
Rows = list[tuple[Any, ...]]
#: The next number of a series without a gap: the counter's row stays locked until the commit.
NEXT_NUMBER = (
    "next AS (UPDATE counter SET last = last + 1 WHERE series = %s "
    "RETURNING %s || '-' || lpad(last::text, 6, '0') AS number)"
)


class Refused(Exception):
    """A check of the bare cycle failed; its figures would say nothing."""


class BareCycle:
    """Carries out cycles on one connection, which is in autocommit. Counts its statements."""

    def __init__(self, connection: psycopg.Connection, today: date) -> None:
        self.connection, self.today = connection, today
        self.statements = self.transactions = 0
        self._cursor = connection.cursor()

    def run(self, cycles: int, random: Random) -> int:
        """Carry out so many cycles; return their number."""
        for _cycle in range(cycles):
            self.cycle(random)
        return cycles

    def cycle(self, random: Random) -> None:
        """The whole of it for a customer and items by chance."""
        customer = random.randint(1, CUSTOMERS)
        items = random.sample(range(1, ITEMS + 1), LINES)
        order = self._transaction(self._capture, customer, items)
        self._transaction(self._confirm, order)
        pick_list = self._transaction(self._pick, order)
        shipment = self._transaction(self._pack, pick_list)
        self._transaction(self._dispatch, shipment)
        number, gross = self._transaction(self._bill, order)
        invoice = self._transaction(self._collect, f"Invoice {number}", gross)
        self._transaction(self._reconcile, invoice)

    def _transaction(self, step: Callable[..., Any], *args: Any) -> Any:
        self.transactions += 1
        with self.connection.transaction():
            return step(*args)

    def _do(self, sql: str, *parameters: Any) -> psycopg.Cursor[Any]:
        self.statements += 1
        return self._cursor.execute(sql, parameters)

    def _one(self, sql: str, *parameters: Any) -> Any:
        row = self._do(sql, *parameters).fetchone()
        if row is None:
            raise Refused(sql)
        return row

    def _tell(self, document: str, document_id: int, verb: str) -> None:
        self._do(
            "INSERT INTO event (document, document_id, verb, actor) VALUES (%s, %s, %s, %s)",
            document, document_id, verb, ACTOR,
        )  # fmt: skip

    def _move(self, order: int, expected: Stage, state: Stage) -> None:
        """Move the order on, from the expected state only."""
        self._one(
            "UPDATE sales_order SET state = %s WHERE id = %s AND state = %s RETURNING id",
            state, order, expected,
        )  # fmt: skip

    def _post(self, source: str, source_id: int, lines: Sequence[tuple[str, Decimal]]) -> None:
        """One entry with its lines, in the company's currency."""
        self._do(
            f"WITH {NEXT_NUMBER}, made AS (INSERT INTO entry (number, source, source_id, posted_on)"
            " SELECT number, %s, %s, %s FROM next RETURNING id) "
            "INSERT INTO entry_line (entry_id, account, amount) "
            "SELECT made.id, line.* FROM made, unnest(%s::text[], %s::numeric[]) AS line",
            "entry", "JE", source, source_id, self.today,
            [account for account, _amount in lines], [amount for _account, amount in lines],
        )  # fmt: skip

    def _capture(self, customer: int, items: list[int]) -> int:
        self._one("SELECT id, name FROM customer WHERE id = %s", customer)
        priced = self._do(
            "SELECT id, price, tax_percent FROM item WHERE id = ANY(%s) ORDER BY id", items
        ).fetchall()
        nets = [price * PIECES for _item, price, _percent in priced]
        net, percent = sum(nets), priced[0][2]
        tax = (net * percent / 100).quantize(CENT, ROUND_HALF_UP)
        (order,) = self._one(
            f"WITH {NEXT_NUMBER} INSERT INTO sales_order (number, customer_id, state, ordered_on, "
            f"net, tax, gross) SELECT number, %s, '{Stage.CAPTURED}', %s, %s, %s, %s FROM next "
            "RETURNING id",
            "order", "SO", customer, self.today, net, tax, net + tax,
        )  # fmt: skip
        self._do(
            "INSERT INTO order_line (order_id, item_id, quantity, price, net) "
            "SELECT %s, i, %s, p, n FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) "
            "AS line (i, p, n)",
            order, PIECES, [row[0] for row in priced], [row[1] for row in priced], nets,
        )  # fmt: skip
        self._tell("order", order, "captured")
        return int(order)

    def _confirm(self, order: int) -> None:
        """Check credit, release and reserve; plan the picks."""
        customer, gross = self._one(
            "SELECT customer_id, gross FROM sales_order WHERE id = %s FOR NO KEY UPDATE", order
        )
        self._one(
            "UPDATE customer SET exposure = exposure + %s "
            "WHERE id = %s AND exposure + %s <= credit_limit RETURNING id",
            gross, customer, gross,
        )  # fmt: skip
        self._locked_stock(order)
        self._do(
            "UPDATE stock SET reserved = stock.reserved + l.quantity FROM order_line l "
            "WHERE l.order_id = %s AND l.item_id = stock.item_id",
            order,
        )
        self._do("UPDATE order_line SET reserved = quantity WHERE order_id = %s", order)
        (pick_list,) = self._one(
            f"INSERT INTO pick_list (order_id, state) VALUES (%s, '{Stage.PLANNED}') RETURNING id",
            order,
        )
        self._do(
            "INSERT INTO pick_line (pick_list_id, order_line_id, quantity) "
            "SELECT %s, id, quantity FROM order_line WHERE order_id = %s",
            pick_list, order,
        )  # fmt: skip
        self._move(order, Stage.CAPTURED, Stage.RELEASED)
        self._tell("order", order, "released")

    def _locked_stock(self, order: int) -> Rows:
        return self._do(
            "SELECT s.item_id, s.on_hand - s.reserved FROM stock s JOIN order_line l "
            "ON l.item_id = s.item_id WHERE l.order_id = %s ORDER BY s.item_id "
            "FOR NO KEY UPDATE OF s",
            order,
        ).fetchall()

    def _pick(self, order: int) -> int:
        (pick_list,) = self._one(
            f"UPDATE pick_list SET state = '{Stage.PICKED}' "
            f"WHERE order_id = %s AND state = '{Stage.PLANNED}' RETURNING id",
            order,
        )
        self._do("UPDATE pick_line SET picked = quantity WHERE pick_list_id = %s", pick_list)
        self._do(
            "UPDATE order_line l SET picked = l.picked + p.picked FROM pick_line p "
            "WHERE p.pick_list_id = %s AND p.order_line_id = l.id",
            pick_list,
        )
        self._tell("pick_list", pick_list, "picked")
        return int(pick_list)

    def _pack(self, pick_list: int) -> int:
        (order,) = self._one(
            f"UPDATE pick_list SET state = '{Stage.PACKED}' "
            f"WHERE id = %s AND state = '{Stage.PICKED}' RETURNING order_id",
            pick_list,
        )
        (shipment,) = self._one(
            f"INSERT INTO shipment (order_id, state) VALUES (%s, '{Stage.PLANNED}') RETURNING id",
            order,
        )
        self._do(
            "INSERT INTO package (pick_list_id, shipment_id, weight_kg) VALUES (%s, %s, %s)",
            pick_list, shipment, Decimal("2.500"),
        )  # fmt: skip
        self._do(
            "INSERT INTO shipment_line (shipment_id, order_line_id, quantity) "
            "SELECT %s, order_line_id, picked FROM pick_line WHERE pick_list_id = %s",
            shipment, pick_list,
        )  # fmt: skip
        self._tell("pick_list", pick_list, "packed")
        return int(shipment)

    def _dispatch(self, shipment: int) -> None:
        """The goods leave the stock, at cost they leave its account."""
        (order,) = self._one(
            f"UPDATE shipment SET state = '{Stage.DISPATCHED}' "
            f"WHERE id = %s AND state = '{Stage.PLANNED}' RETURNING order_id",
            shipment,
        )
        self._locked_stock(order)
        (cost,) = self._one(
            "WITH gone AS (UPDATE stock SET on_hand = on_hand - l.quantity, "
            "reserved = stock.reserved - l.quantity FROM order_line l WHERE l.order_id = %s "
            "AND l.item_id = stock.item_id RETURNING stock.item_id, l.quantity), "
            "moved AS (INSERT INTO goods_move (item_id, quantity, shipment_id) "
            "SELECT item_id, -quantity, %s FROM gone) "
            "SELECT sum(gone.quantity * item.cost)::numeric(14, 2) FROM gone "
            "JOIN item ON item.id = gone.item_id",
            order, shipment,
        )  # fmt: skip
        self._do(
            "UPDATE order_line SET shipped = shipped + picked, reserved = reserved - picked "
            "WHERE order_id = %s",
            order,
        )
        self._post("shipment", shipment, [("cost of goods", cost), ("inventory", -cost)])
        self._move(order, Stage.RELEASED, Stage.SHIPPED)
        self._tell("shipment", shipment, "dispatched")

    def _bill(self, order: int) -> tuple[str, Decimal]:
        customer, net, tax, gross = self._one(
            "SELECT customer_id, net, tax, gross FROM sales_order WHERE id = %s FOR NO KEY UPDATE",
            order,
        )
        invoice, number = self._one(
            f"WITH {NEXT_NUMBER} INSERT INTO invoice (number, order_id, customer_id, posted_on, "
            "due_on, net, tax, gross, open_amount) SELECT number, %s, %s, %s, %s, %s, %s, %s, %s "
            "FROM next RETURNING id, number",
            "invoice", "INV", order, customer, self.today, self.today + TERMS, net, tax, gross,
            gross,
        )  # fmt: skip
        self._do(
            "INSERT INTO invoice_line (invoice_id, order_line_id, quantity, net) "
            "SELECT %s, id, shipped - invoiced, net FROM order_line WHERE order_id = %s",
            invoice, order,
        )  # fmt: skip
        self._do("UPDATE order_line SET invoiced = shipped WHERE order_id = %s", order)
        self._post("invoice", invoice, [("receivables", gross), ("revenue", -net), ("tax", -tax)])
        self._move(order, Stage.SHIPPED, Stage.INVOICED)
        self._tell("invoice", invoice, "posted")
        return number, gross

    def _collect(self, words: str, amount: Decimal) -> int:
        """The bank says that somebody paid; the number in the words says what for."""
        invoice, customer, owed = self._one(
            "SELECT id, customer_id, open_amount FROM invoice WHERE number = %s FOR NO KEY UPDATE",
            words.split()[-1],
        )
        if owed != amount:
            raise Refused("another amount")
        (payment,) = self._one(
            "INSERT INTO payment (customer_id, amount, paid_on) VALUES (%s, %s, %s) RETURNING id",
            customer, amount, self.today,
        )  # fmt: skip
        self._do(
            "INSERT INTO bank_line (booked_on, amount, words, payment_id) VALUES (%s, %s, %s, %s)",
            self.today, amount, words, payment,
        )  # fmt: skip
        self._do(
            "INSERT INTO allocation (payment_id, invoice_id, amount) VALUES (%s, %s, %s)",
            payment, invoice, amount,
        )  # fmt: skip
        self._do("UPDATE invoice SET open_amount = open_amount - %s WHERE id = %s", amount, invoice)
        self._do("UPDATE customer SET exposure = exposure - %s WHERE id = %s", amount, customer)
        self._post("payment", payment, [("bank", amount), ("receivables", -amount)])
        self._tell("payment", payment, "applied")
        return int(invoice)

    def _reconcile(self, invoice: int) -> None:
        """Ordered, shipped, billed and paid agree."""
        (order,) = self._one(
            "SELECT i.order_id FROM invoice i JOIN order_line l ON l.order_id = i.order_id "
            "WHERE i.id = %s AND i.open_amount = 0 GROUP BY i.order_id "
            "HAVING bool_and(l.quantity = l.invoiced)",
            invoice,
        )
        self._move(order, Stage.INVOICED, Stage.RECONCILED)
        self._tell("order", order, "reconciled")
