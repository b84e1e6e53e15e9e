"""Views speak HTTP; what a page shows is a query with a name."""

import ast
from collections.abc import Iterator

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
