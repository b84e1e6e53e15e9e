"""A state is named by its enumeration; where that is out of reach, by a name there is."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps

from tests.test_architecture import PRODUCT, ROOT, at, sources


def known_states() -> set[str]:
    """The states of all documents."""
    fields = [field for model in apps.get_models() for field in model._meta.get_fields()]
    return {value for f in fields if getattr(f, "states", None) for value in f.states.values}


def bare_states(tree: ast.Module, states: set[str]) -> Iterator[ast.Constant]:
    """States written as text where a state is compared, set or asked for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and "state" in ast.unparse(node.left):
            places: list[ast.AST] = [*node.comparators]
        elif isinstance(node, ast.keyword) and "state" in (node.arg or ""):
            places = [node.value]
        elif isinstance(node, ast.Call) and "state" in ast.unparse(node.func):
            places = [*node.args]
        else:
            continue
        inside = [each for place in places for each in ast.walk(place)]
        yield from (c for c in inside if isinstance(c, ast.Constant) and c.value in states)


def test_python_names_no_state_by_a_literal():
    states = known_states()
    found = {
        at(path, node) for path, tree, _ in sources(*PRODUCT) for node in bare_states(tree, states)
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "order.state == 'draft'",
        "match.state in {'draft', 'x'}",
        "orders.filter(state='draft')",
        "orders.filter(order__state__in=['draft'])",
        "_of_state(Order, 'draft')",
    ],
)
def test_a_bare_state_is_found(line):
    assert list(bare_states(ast.parse(line), {"draft"}))


def test_templates_compare_with_states_there_are():
    """A template cannot import: what it compares a state with is at least one of them."""
    texts = [(page, page.read_text()) for page in sorted((ROOT / "templates").rglob("*.html"))]
    compared = [
        (page.name, word)
        for page, text in texts
        for word in re.findall(r'state (?:==|!=) "(\w+)"', text)
    ]
    assert len(compared) > 10
    states = known_states()
    assert [(name, word) for name, word in compared if word not in states] == []
