"""Views speak HTTP; what a page shows is a query with a name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_architecture import PRODUCT, at, sources

#: What only a manager, a queryset or a row to save answers to.
ORM_NAMES = {
    *("objects", "_default_manager", "_base_manager", "refresh_from_db", "save", "delete"),
    *("filter", "exclude", "annotate", "alias", "aggregate", "order_by", "distinct", "only"),
    *("defer", "using", "select_related", "prefetch_related", "values_list", "in_bulk", "exists"),
    *("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "iterator"),
}
#: The same, where other things have the name too: whether the call that is meant has arguments.
ORM_CALLS = {"all": False, "first": False, "last": False, "count": False, "values": True}


def orm_calls(tree: ast.Module) -> Iterator[ast.AST]:
    """Where a module asks or writes the database itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ORM_NAMES:
            yield node
        if isinstance(node, ast.Import | ast.ImportFrom) and "django.db" in ast.unparse(node):
            yield node
        if not isinstance(node, ast.Call):
            continue
        name, given = getattr(node.func, "attr", ""), bool(node.args or node.keywords)
        if ORM_CALLS.get(name, not given) == given:
            yield node
        if name == "get" and any(keyword.arg for keyword in node.keywords):
            yield node
        if getattr(node.func, "id", "") == "get_object_or_404":
            yield from (keyword for keyword in node.keywords if keyword.arg != "pk")


def test_views_ask_queries_and_no_models():
    """What a page shows is a query with a name; a view knows a model and a key at most."""
    views = [
        (path, tree)
        for path, tree, _ in sources(*PRODUCT)
        if path.stem == "views" or "views" in path.parts
    ]
    assert len(views) > 15
    found = [at(path, node) for path, tree in views for node in orm_calls(tree)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "Order.objects.get(pk=pk)",
        "model._default_manager.all()",
        "queries.orders().filter(pk=1)",
        "queries.orders().order_by('pk')",
        "queries.orders().get(pk=1)",
        "queries.orders().first()",
        "queries.orders().count()",
        "queries.orders().values('pk')",
        "order.lines.all()",
        "order.save()",
        "get_object_or_404(Order, pk=pk, state='draft')",
        "from django.db.models import Count",
    ],
)
def test_an_orm_call_in_a_view_is_found(line):
    assert list(orm_calls(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    ["request.GET.get('tab', '')", "report.totals.values()", "get_object_or_404(Order, pk=pk)"],
)
def test_what_only_looks_like_an_orm_call_is_not(line):
    assert not list(orm_calls(ast.parse(line)))


#: The grammar itself and the edge, through which every page's POST goes.
GRAMMAR = {
    f"o2c/web/{name}.py"
    for name in (
        *("acting", "formpages", "imports", "details", "shell"),
        *("once", "middleware", "errors", "accounts", "client_address"),
    )
}
TAKES_POST = {"require_POST", "require_http_methods"}


def takes_post(function: ast.FunctionDef) -> bool:
    """Whether a function reads a form, or runs a command for the reader, by itself."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("POST", "FILES"))
        or (isinstance(node, ast.Name) and node.id in TAKES_POST)
        or (isinstance(node, ast.keyword) and ast.unparse(node).endswith("actor=request.user"))
        for node in ast.walk(function)
    )


def hand_written(path: str, tree: ast.Module) -> Iterator[str]:
    """`folder/views.py::name` of every function that takes a POST beside the grammar.

    What such a function of the same file calls is part of it.
    """
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    takers = {name for name, function in functions.items() if takes_post(function)}
    parts = {
        node.func.id
        for name in takers
        for node in ast.walk(functions[name])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != name
    }
    yield from (f"{path}::{name}" for name in sorted(takers - parts))


def test_a_verb_goes_through_the_grammar_or_says_why_not():
    """docs/web.md names each view that takes a POST by hand, with its reason, and no other."""
    found = {
        name
        for path, tree, _ in sources(*PRODUCT)
        if str(path) not in GRAMMAR and "rehearsal" not in path.parts
        for name in hand_written(str(path), tree)
    }
    rows = re.findall(r"^\| `([\w/]+\.py::\w+)` \| (.+) \|$", Path("docs/web.md").read_text(), re.M)

    assert found == {name for name, _reason in rows}
    assert all(len(reason.split()) > 5 for _name, reason in rows)


@pytest.mark.parametrize(
    "view",
    [
        "@require_POST\ndef f(request): ...",
        "@require_http_methods(['POST'])\ndef f(request): ...",
        "def f(request): form(request.POST)",
        "def f(request): keep(request.FILES['a'])",
        "def f(request, pk): commands.do(pk, actor=request.user)",
        "def _f(request): form(request.POST)",
    ],
)
def test_a_view_that_takes_a_post_by_hand_is_found(view):
    assert list(hand_written("a/views.py", ast.parse(view)))


def test_a_view_of_the_grammar_takes_none_by_hand():
    view = "def f(request, pk, verb): return act(request, Order, ACTIONS, pk, verb, page=g)"

    assert not list(hand_written("a/views.py", ast.parse(view)))
