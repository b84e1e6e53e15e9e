"""Raw SQL keeps the rules that imports keep: states by name, other stages by what they offer.

A stage offers SQL in its `queries/sql.py`, which readers import: so the import contracts see who
reads whom. Invariants alone read the tables of earlier stages themselves (ADR 37).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from tests.test_architecture import PRODUCT, STAGES, at, nodes
from tests.test_states import known_states

FLOORS = ["core", "masters", "stock", "ledger", *STAGES]
#: How far from the ground each lies; stock and ledger lie side by side, the roof above all.
HEIGHT = {name: FLOORS.index(name) for name in FLOORS} | {"ledger": FLOORS.index("stock")}
ROOF = len(FLOORS)


def sql_texts() -> Iterator[tuple[str, str]]:
    """Place and text of every string that is SQL; triggers are frozen by their migration."""
    for path, node in nodes(ast.Constant, *PRODUCT):
        is_text = isinstance(node.value, str) and "models" not in path.parts
        if is_text and re.search(r"\b(SELECT|FROM|JOIN|WHERE|UPDATE|AND|IN) [\w('(]", node.value):
            yield at(path, node), node.value


def owner(path: Path) -> str:
    """The stage, book or part of `o2c` a file belongs to."""
    return path.parts[1] if path.parts[0] == "o2c" else path.parts[0]


def foreign_tables(text: str, own: str) -> dict[str, str]:
    """The tables of others that a text names, each with its owner."""
    ours = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in HEIGHT]
    owners = {model._meta.db_table: model._meta.app_label for model in ours}
    named = set(re.findall(r"\w+", text)) & owners.keys()
    return {table: owners[table] for table in named if owners[table] != own}


def named_tables() -> Iterator[tuple[Path, str, dict[str, str]]]:
    """File, place and foreign tables of every string of the product that names one."""
    for path, node in nodes(ast.Constant, *PRODUCT):
        if isinstance(node.value, str) and (tables := foreign_tables(node.value, owner(path))):
            yield path, at(path, node), tables


def test_sql_names_no_state_by_a_literal():
    """States in SQL come from their enumeration: a renamed one is missed nowhere."""
    states = known_states()
    found = [
        f"{place} {word}"
        for place, text in sql_texts()
        for word in re.findall(r"state(?:\s*(?:=|<>)\s*|\s+(?:NOT )?IN \([^)]*)'(\w+)'", text)
        if word in states
    ]
    assert found == []


def test_nobody_names_the_tables_of_another():
    """What others may read is offered by their owner; there are no exceptions but invariants."""
    found = [f"{place} {t}" for path, place, t in named_tables() if path.name != "invariants.py"]
    assert found == []


def test_invariants_know_no_later_stage():
    """They look at rows as they are, of their own stage and of those before it."""
    seen = [
        (HEIGHT[theirs] < HEIGHT.get(owner(path), ROOF), f"{place} {table}")
        for path, place, tables in named_tables()
        if path.name == "invariants.py"
        for table, theirs in tables.items()
    ]
    assert len(seen) > 50
    assert [place for is_earlier, place in seen if not is_earlier] == []


def test_the_exception_is_for_invariants_only():
    """Nobody takes more out of a module of invariants than its list of them."""
    taken = [
        f"{at(path, node)} {name.name}"
        for path, node in nodes(ast.ImportFrom, *PRODUCT)
        if (node.module or "").endswith(".invariants")
        for name in node.names
        if name.name != "INVARIANTS"
    ]
    assert taken == []


@pytest.mark.parametrize(
    ("own", "text", "found"),
    [
        ("credit", "SELECT 1 FROM orders_order o", {"orders_order": "orders"}),
        ("orders", "SELECT 1 FROM a JOIN shipping_shipment", {"shipping_shipment": "shipping"}),
        ("reconciliation", "orders_orderline.id", {"orders_orderline": "orders"}),
        ("desk", 'JOIN "core_user_groups" AS g', {"core_user_groups": "core"}),
        ("orders", "SELECT 1 FROM orders_order o", {}),
        ("credit", "SELECT orders_order_id FROM orders_orders", {}),
    ],
)
def test_a_foreign_table_is_found_wherever_it_stands(own, text, found):
    assert foreign_tables(text, own) == found
