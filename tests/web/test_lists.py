"""Lists: what the address asks for is what the screen and the export show."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest

from o2c.core.actors import SYSTEM
from tests.web.web_pages import lose, send, wrap
from tests.web_budget import assert_list_budget

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.web_pages")]


def make_parcels(count, address="Rome", value="10"):
    return [wrap(f"{address} {n}", Decimal(value), actor=SYSTEM) for n in range(count)]


def rows_of(response):
    return response.context["listing"].page.rows


def values_of(response, column):
    return [getattr(row, column) for row in rows_of(response)]


def pages_through(client, url):
    """Every row, page by page, by following Next."""
    rows, pages = [], 0
    while url:
        response = client.get(f"/parcels/{url}")
        rows += rows_of(response)
        url = response.context["listing"].next_url
        pages += 1
    return rows, pages


class TestFilters:
    def test_search_takes_several_terms_and_ignores_case(self, boss):
        make_parcels(1, "Rome"), make_parcels(1, "Oslo"), make_parcels(1, "Bern")

        response = boss.get("/parcels/", {"q": "ROME | bern"})

        assert set(values_of(response, "address")) == {"Rome 0", "Bern 0"}

    def test_search_understands_amounts(self, boss):
        make_parcels(1, value="7"), make_parcels(1, "Oslo", value="900")

        response = boss.get("/parcels/", {"q": ">100"})

        assert values_of(response, "address") == ["Oslo 0"]

    def test_a_choice_may_be_given_twice(self, boss):
        first, second, _third = make_parcels(3)
        send(first.pk, actor=SYSTEM)
        lose(second.pk, reason="rain", actor=SYSTEM)

        response = boss.get("/parcels/?tab=all&state=sent&state=lost")

        assert set(rows_of(response)) == {first, second}

    def test_a_span_includes_both_ends(self, boss):
        for value in ("1", "2", "3", "4"):
            make_parcels(1, value=value)

        response = boss.get("/parcels/", {"value_from": "2", "value_to": "3"})

        assert sorted(values_of(response, "value")) == [2, 3]

    def test_what_makes_no_sense_is_left_out_with_a_note(self, boss):
        make_parcels(1)
        asked = {
            "state": "melted", "value_from": "1e5", "created_at_from": "31.02.2026", "tab": "x",
            "sort": "secret", "columns": "colour", "size": "7", "after": "999999", "page": "2",
        }  # fmt: skip

        response = boss.get("/parcels/", asked)

        assert response.status_code == 200
        assert len(rows_of(response)) == 1
        notes = " ".join(response.context["listing"].notes)
        for word in ("melted", "1e5", "31.02.2026", "“x”", "secret", "colour", "25, 50", "page"):
            assert word in notes

    def test_nothing_found_names_the_filters(self, boss):
        make_parcels(1)

        page = boss.get("/parcels/", {"q": "Timbuktu"}).content.decode()

        assert "Nothing matches these filters" in page
        assert "Timbuktu" in page

    @pytest.mark.parametrize(
        "query", ["after=9" * 40, "after=-1", "q=%25", "q=a%27;--", "size=", "value_to=NaN"]
    )
    def test_no_parameter_breaks_a_list(self, boss, query):
        make_parcels(1)

        assert boss.get(f"/parcels/?{query}").status_code == 200


class TestPaging:
    @pytest.mark.parametrize(
        "sort", ["number", "-number", "address", "-address", "value", "-value"]
    )
    def test_every_row_is_met_once_in_every_order(self, boss, sort):
        for value in ("1", "1", "2", "3"):
            make_parcels(20, value=value)

        rows, pages = pages_through(boss, f"?sort={sort}&size=25")

        assert pages == 4
        assert len({row.pk for row in rows}) == len(rows) == 80
        key = {"number": "pk"}.get(sort.lstrip("-"), sort.lstrip("-"))
        values = [getattr(row, key) for row in rows]
        assert values == sorted(values, reverse=sort.startswith("-"))

    def test_previous_leads_back_to_the_same_rows(self, boss):
        make_parcels(60)
        first = boss.get("/parcels/?sort=address&size=25")
        second = boss.get(f"/parcels/{first.context['listing'].next_url}")

        back = boss.get(f"/parcels/{second.context['listing'].previous_url}")

        assert rows_of(back) == rows_of(first)

    def test_a_page_whose_first_row_is_gone_starts_anew_and_says_so(self, boss):
        make_parcels(3)

        response = boss.get("/parcels/?after=123456789")

        assert len(rows_of(response)) == 3
        assert "gone" in response.context["listing"].notes[0]


class TestFigures:
    def test_totals_never_cross_currencies(self, boss):
        make_parcels(2, "Rome", "10.50"), make_parcels(3, "London", "4")

        totals = boss.get("/parcels/").context["listing"].totals

        assert totals.sums == {"value": {"EUR": Decimal("21"), "GBP": Decimal("12")}}
        assert not totals.of_page_only

    def test_tabs_are_counted_under_the_filters_at_hand(self, boss):
        first, *_rest = make_parcels(3)
        send(first.pk, actor=SYSTEM)
        make_parcels(1, "Oslo")

        tabs = boss.get("/parcels/?q=Rome").context["listing"].tab_links

        assert [(tab.label, tab.count) for tab in tabs] == [("Open", "2"), ("All", "3")]

    def test_a_list_keeps_its_budget(self, boss):
        assert_list_budget(boss, "/parcels/", make_parcels)


class TestExport:
    def test_csv_holds_what_the_screen_shows_on_all_pages(self, boss):
        make_parcels(60, "London", "1234.5")

        response = boss.get("/parcels/?q=London&sort=number&size=25&export=csv")

        text = b"".join(response.streaming_content).decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(text))
        assert head == ["Number", "Address", "Value", "Value (currency)", "State"]
        assert len(rows) == 60
        assert rows[0][1:] == ["London 0", "1234.5000", "GBP", "Draft"]
        assert "attachment" in response["Content-Disposition"]

    def test_xlsx_holds_figures_as_numbers(self, boss):
        make_parcels(2, "Rome", "12.25")

        response = boss.get("/parcels/?columns=value&export=xlsx")

        book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
        rows = list(book.active.values)
        assert rows[0] == ("Number", "Value", "Value (currency)")
        assert rows[1][1:] == (12.25, "EUR")

    def test_text_that_looks_like_a_formula_stays_text(self, boss):
        wrap('=HYPERLINK("x")', Decimal(1), actor=SYSTEM)

        text = b"".join(boss.get("/parcels/?export=csv").streaming_content).decode()

        assert "'=HYPERLINK" in text


class TestColumns:
    def test_chosen_columns_are_shown_and_the_identifier_stays(self, boss):
        make_parcels(1)

        listing = boss.get("/parcels/?columns=created_at&columns=state").context["listing"]

        assert [column.key for column in listing.columns] == ["number", "created_at", "state"]


class TestRights:
    def test_without_the_view_right_a_list_is_forbidden(self, visitor):
        response = visitor.get("/parcels/")

        assert response.status_code == 403
        assert "The right that is missing: view sample." in response.content.decode()

    def test_visitors_are_led_to_sign_in(self, client):
        response = client.get("/parcels/")

        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=")


def test_every_tab_is_counted_once_the_open_one_among_them(boss, count_statements):
    make_parcels(3)

    with count_statements() as count:
        listing = boss.get("/parcels/?tab=all").context["listing"]

    (counting,) = [sql for sql in count.statements if "counted" in sql]
    assert counting.count("counted") == len(listing.table.tabs)
    assert listing.count == 3
