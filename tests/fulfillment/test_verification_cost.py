"""Verification costs little even where the planner knows nothing of the tables."""

import json

import pytest
from django.db import connection

from fulfillment.queries import INVARIANTS
from tests.given.logistics import planned_list

pytestmark = pytest.mark.django_db


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_where_every_stop_has_its_goods_nobody_asks_what_sales_still_owes():
    planned_list((10, 10), (3, 3), (5, 5))
    sql = next(invariant.sql for invariant in INVARIANTS if invariant.id == "C4")

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", {})
        found = cursor.fetchone()[0]

    (told,) = json.loads(found) if isinstance(found, str) else found
    reads = {
        node["Relation Name"]: node["Actual Loops"]
        for node in nodes(told["Plan"])
        if "Relation Name" in node
    }
    assert reads["fulfillment_pickline"] == 1
    assert reads["core_delivery"] <= 1
