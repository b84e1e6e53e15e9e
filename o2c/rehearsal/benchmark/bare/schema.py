"""The least set of tables that keeps an order, its goods and its money without losing any.

Checks, foreign keys and a deferred trigger refuse what must not be: goods sold twice, credit used
twice, an entry that does not balance. Amounts are in one currency, with two decimals.
"""

from enum import StrEnum

import psycopg


class Stage(StrEnum):
    """How far an order, a pick list or a shipment has come."""

    CAPTURED = "captured"
    RELEASED = "released"
    PLANNED = "planned"
    PICKED = "picked"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    SHIPPED = "shipped"
    INVOICED = "invoiced"
    RECONCILED = "reconciled"


SCHEMA = """
CREATE SCHEMA bare;
SET search_path = bare;
CREATE TABLE customer (
    id bigint PRIMARY KEY, name text NOT NULL,
    credit_limit numeric(14, 2) NOT NULL, exposure numeric(14, 2) NOT NULL DEFAULT 0,
    CHECK (exposure BETWEEN 0 AND credit_limit)
);
CREATE TABLE item (
    id bigint PRIMARY KEY, code text NOT NULL UNIQUE, name text NOT NULL,
    price numeric(14, 2) NOT NULL, cost numeric(14, 2) NOT NULL, tax_percent numeric(5, 2) NOT NULL
);
CREATE TABLE stock (
    item_id bigint PRIMARY KEY REFERENCES item, place text NOT NULL,
    on_hand numeric(14, 3) NOT NULL, reserved numeric(14, 3) NOT NULL DEFAULT 0,
    CHECK (reserved BETWEEN 0 AND on_hand)
);
CREATE TABLE counter (series text PRIMARY KEY, last bigint NOT NULL);
CREATE TABLE sales_order (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL UNIQUE,
    customer_id bigint NOT NULL REFERENCES customer, state text NOT NULL,
    ordered_on date NOT NULL, net numeric(14, 2) NOT NULL, tax numeric(14, 2) NOT NULL,
    gross numeric(14, 2) NOT NULL, CHECK (gross = net + tax)
);
CREATE INDEX ON sales_order (customer_id);
CREATE TABLE order_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES sales_order, item_id bigint NOT NULL REFERENCES item,
    quantity numeric(14, 3) NOT NULL, price numeric(14, 2) NOT NULL, net numeric(14, 2) NOT NULL,
    reserved numeric(14, 3) NOT NULL DEFAULT 0, picked numeric(14, 3) NOT NULL DEFAULT 0,
    shipped numeric(14, 3) NOT NULL DEFAULT 0, invoiced numeric(14, 3) NOT NULL DEFAULT 0,
    CHECK (quantity > 0), CHECK (invoiced <= shipped), CHECK (shipped <= picked),
    CHECK (picked <= quantity), CHECK (reserved BETWEEN 0 AND quantity)
);
CREATE INDEX ON order_line (order_id);
CREATE TABLE pick_list (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES sales_order, state text NOT NULL
);
CREATE INDEX ON pick_list (order_id);
CREATE TABLE pick_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pick_list_id bigint NOT NULL REFERENCES pick_list,
    order_line_id bigint NOT NULL REFERENCES order_line,
    quantity numeric(14, 3) NOT NULL, picked numeric(14, 3) NOT NULL DEFAULT 0,
    CHECK (picked BETWEEN 0 AND quantity)
);
CREATE INDEX ON pick_line (pick_list_id);
CREATE TABLE shipment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES sales_order, state text NOT NULL
);
CREATE INDEX ON shipment (order_id);
CREATE TABLE package (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pick_list_id bigint NOT NULL REFERENCES pick_list,
    shipment_id bigint NOT NULL REFERENCES shipment, weight_kg numeric(10, 3) NOT NULL
);
CREATE TABLE shipment_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id bigint NOT NULL REFERENCES shipment,
    order_line_id bigint NOT NULL UNIQUE REFERENCES order_line, quantity numeric(14, 3) NOT NULL
);
CREATE INDEX ON shipment_line (shipment_id);
CREATE TABLE goods_move (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item_id bigint NOT NULL REFERENCES item,
    quantity numeric(14, 3) NOT NULL, shipment_id bigint NOT NULL REFERENCES shipment
);
CREATE INDEX ON goods_move (item_id);
CREATE TABLE invoice (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL UNIQUE,
    order_id bigint NOT NULL REFERENCES sales_order,
    customer_id bigint NOT NULL REFERENCES customer, posted_on date NOT NULL,
    due_on date NOT NULL, net numeric(14, 2) NOT NULL, tax numeric(14, 2) NOT NULL,
    gross numeric(14, 2) NOT NULL, open_amount numeric(14, 2) NOT NULL,
    CHECK (open_amount BETWEEN 0 AND gross)
);
CREATE INDEX ON invoice (order_id);
CREATE INDEX ON invoice (customer_id, due_on) INCLUDE (open_amount) WHERE open_amount > 0;
CREATE TABLE invoice_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id bigint NOT NULL REFERENCES invoice,
    order_line_id bigint NOT NULL UNIQUE REFERENCES order_line,
    quantity numeric(14, 3) NOT NULL, net numeric(14, 2) NOT NULL
);
CREATE INDEX ON invoice_line (invoice_id);
CREATE TABLE bank_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, booked_on date NOT NULL,
    amount numeric(14, 2) NOT NULL, words text NOT NULL, payment_id bigint UNIQUE
);
CREATE TABLE payment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0), paid_on date NOT NULL
);
ALTER TABLE bank_line ADD FOREIGN KEY (payment_id) REFERENCES payment;
CREATE TABLE allocation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id bigint NOT NULL REFERENCES payment, invoice_id bigint NOT NULL REFERENCES invoice,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0)
);
CREATE INDEX ON allocation (invoice_id);
CREATE TABLE entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL UNIQUE,
    source text NOT NULL, source_id bigint NOT NULL, posted_on date NOT NULL,
    UNIQUE (source, source_id)
);
CREATE TABLE entry_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry_id bigint NOT NULL REFERENCES entry,
    account text NOT NULL, amount numeric(14, 2) NOT NULL
);
CREATE INDEX ON entry_line (entry_id);
CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document text NOT NULL,
    document_id bigint NOT NULL, verb text NOT NULL, actor text NOT NULL,
    happened_at timestamptz NOT NULL DEFAULT now(), facts jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON event (document, document_id);
CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT sum(amount) FROM bare.entry_line WHERE entry_id = NEW.entry_id) <> 0 THEN
        RAISE EXCEPTION 'entry % does not balance', NEW.entry_id;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON entry_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced();
"""

CUSTOMERS, ITEMS, ON_STOCK = 40, 200, 1_000_000

MASTERS = f"""
INSERT INTO customer SELECT nr, 'Customer ' || nr, 100000000
    FROM generate_series(1, {CUSTOMERS}) nr;
INSERT INTO item SELECT nr, 'BARE-' || nr, 'Item ' || nr, 10.00, 6.00, 19
    FROM generate_series(1, {ITEMS}) nr;
INSERT INTO stock SELECT nr, 'B-' || nr % 20, {ON_STOCK} FROM generate_series(1, {ITEMS}) nr;
INSERT INTO counter VALUES ('order', 0), ('invoice', 0), ('entry', 0);
"""


def install(connection: psycopg.Connection) -> None:
    """Make the tables and fill the masters, unless they are there. Sets the search path."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
        cursor.execute("SELECT to_regnamespace('bare')")
        row = cursor.fetchone()
        if row is None or row[0] is None:
            cursor.execute(SCHEMA)
            cursor.execute(MASTERS)
    connection.execute("SET search_path = bare")
