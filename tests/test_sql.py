"""Raw SQL keeps the rules that imports keep: no word of its own for a state, no later stage."""

import ast
import re
from collections.abc import Iterator

from django.apps import apps

from tests.test_architecture import PRODUCT, STAGES, at, nodes


def sql_texts() -> Iterator[tuple[str, str]]:
    """Place and text of every string that is SQL; triggers are frozen by their migration."""
    for path, node in nodes(ast.Constant, *PRODUCT):
        is_text = isinstance(node.value, str) and "models" not in path.parts
        if is_text and re.search(r"\b(SELECT|FROM|JOIN|WHERE|UPDATE|AND|IN) [\w('(]", node.value):
            yield at(path, node), node.value


def test_sql_names_no_state_by_a_literal():
    """States in SQL come from their enumeration: a renamed one is missed nowhere."""
    fields = [field for model in apps.get_models() for field in model._meta.get_fields()]
    states = {v for f in fields if getattr(f, "states", None) for v in f.states.values}
    found = [
        f"{place} {word}"
        for place, text in sql_texts()
        for word in re.findall(r"state(?:\s*(?:=|<>)\s*|\s+(?:NOT )?IN \([^)]*)'(\w+)'", text)
        if word in states
    ]
    assert found == []


def test_sql_knows_no_later_stage():
    """The tables that SQL names obey the same direction as imports."""
    floors = ["core", "masters", "stock", "ledger", *STAGES]
    places = {name: floors.index(name) for name in floors} | {"stock": 2, "ledger": 2}
    tables = {model._meta.db_table: model._meta.app_label for model in apps.get_models()}
    wrong = [
        f"{place} {table}"
        for place, text in sql_texts()
        for table in set(re.findall(r"\b\w+_\w+\b", text)) & tables.keys()
        if (own := place.removeprefix("o2c/").partition("/")[0]) in places
        and places.get(tables[table], 0) > places[own]
    ]
    assert wrong == []
