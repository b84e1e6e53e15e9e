"""Long documents show a hundred lines at a time; sums are of all, and all are a click away."""

import re

import pytest
from django.test import RequestFactory

from fulfillment.models import PickList
from o2c.core.models import NumberSeries
from o2c.web import excerpt_of, part_of
from tests.conftest import person
from tests.factories.masters import CompanyFactory, CustomerFactory
from tests.factories.orders import priced_item
from tests.given.invoicing import dispatched, draft_of, planned
from tests.given.ledger import chart
from tests.given.orders import released_order
from tests.given.stock import stock

LINES = 120
PART = 250


def excerpt(asked="", total=250):
    query = {"lines": asked} if asked else {}
    return excerpt_of(RequestFactory().get("/", query), total, "/orders/7/")


class TestPart:
    """Any list of a page, by its own name in the address."""

    def part(self, asked="", total=PART, **more):
        query = {"moves": asked} if asked else {}
        request = RequestFactory().get("/stock/7/", query)
        return part_of(request, list(range(1, total + 1)), name="moves", **more)

    def test_it_has_a_hundred_rows_and_the_way_to_the_next(self):
        part = self.part()

        assert (len(part), part[0], list(part)[-1]) == (100, 1, 100)
        assert part.excerpt.next_url == "/stock/7/?moves=101#moves"
        assert part.excerpt.total == PART

    def test_another_part_is_asked_for_by_name(self):
        part = self.part("201")

        assert list(part) == list(range(201, 251))
        assert part.excerpt.previous_url == "/stock/7/?moves=101#moves"

    def test_in_a_tab_the_address_keeps_the_tab(self):
        part = self.part(url="?tab=timeline")

        assert part.excerpt.next_url == "?tab=timeline&moves=101#moves"

    def test_a_short_list_is_shown_whole(self):
        part = self.part(total=100)

        assert (len(part), part.excerpt.is_long) == (100, False)

    @pytest.mark.django_db
    @pytest.mark.parametrize(("rows", "statements"), [(100, 1), (101, 2)])
    def test_only_a_long_list_is_counted(self, rows, statements, count_statements):
        NumberSeries.objects.all().delete()
        NumberSeries.objects.bulk_create(NumberSeries(code=f"S{nr}") for nr in range(rows))
        request = RequestFactory().get("/")

        with count_statements() as count:
            part = part_of(request, NumberSeries.objects.order_by("pk"))

        assert (int(count), part.excerpt.total) == (statements, rows)


class TestExcerpt:
    def test_it_begins_with_the_first_hundred(self):
        shown = excerpt()

        assert (shown.first, shown.last, shown.span) == (1, 100, slice(0, 100))
        assert (shown.previous_url, shown.next_url) == ("", "/orders/7/?lines=101#lines")
        assert shown.all_url == "/orders/7/?lines=all#lines"

    def test_the_last_part_is_what_is_left(self):
        shown = excerpt("201")

        assert (shown.first, shown.last, shown.next_url) == (201, 250, "")
        assert shown.previous_url == "/orders/7/?lines=101#lines"

    def test_a_part_may_begin_anywhere(self):
        shown = excerpt("30")

        assert (shown.first, shown.last) == (30, 129)
        assert shown.previous_url == "/orders/7/?lines=1#lines"

    def test_all_is_all_with_a_way_back(self):
        shown = excerpt("all")

        assert (shown.first, shown.last, shown.is_part) == (1, 250, False)
        assert (shown.previous_url, shown.next_url, shown.all_url) == ("", "", "")
        assert shown.parts_url == "/orders/7/?lines=1#lines"

    @pytest.mark.parametrize("asked", ["0", "251", "-5", "²", "x", "1e2", "9" * 30])
    def test_what_is_no_line_means_the_first(self, asked):
        assert excerpt(asked) == excerpt()

    @pytest.mark.parametrize("total", [0, 1, 100])
    def test_up_to_a_hundred_there_is_nothing_to_leaf_through(self, total):
        shown = excerpt("50", total)

        assert (shown.is_long, shown.is_part, shown.last) == (False, False, total)


@pytest.fixture
def shipment(db):
    """Of one order with 120 lines of 1.00, dispatched."""
    CompanyFactory()
    chart()
    customer = CustomerFactory()
    item = priced_item(customer, "1.00")
    stock(item, LINES, unit_cost=1)
    order = released_order(customer=customer, lines=[(item, 1)] * LINES)
    return dispatched(planned(order)[0])


def rows(page):
    """The rows of the first table's body, as many as it has."""
    return len(re.findall(r"<tr\b", page.split("<tbody>")[1].split("</tbody>")[0]))


def test_every_long_document_comes_in_parts_with_the_sums_of_all(client, shipment):
    client.force_login(person("auditor"))
    pick_list = PickList.objects.get(order=shipment.order)

    for document in (shipment.order, pick_list, shipment, draft_of(shipment)):
        url = document.get_absolute_url()
        first, rest, whole = (
            " ".join(client.get(url, {"lines": asked}).content.decode().split())
            for asked in ("", "101", "all")
        )
        assert (rows(first), rows(rest), rows(whole)) == (100, 20, 120), url
        assert f'href="{url}?lines=101#lines" rel="next"' in first
        assert f'href="{url}?lines=1#lines" rel="prev"' in rest
        assert f'href="{url}?lines=all#lines"' in first
        assert "1 to 100 of 120" in first
        assert "101 to 120 of 120" in rest
        if document is not pick_list and document is not shipment:
            assert all("120.00" in page for page in (first, rest, whole)), url


def test_the_tax_below_a_part_is_that_of_all_lines(client, shipment):
    client.force_login(person("auditor"))

    page = client.get(shipment.order.get_absolute_url(), {"lines": "101"}).content.decode()

    feet = page.split("<tfoot>")[1].split("</tfoot>")[0]
    assert "on 120.00" in feet
