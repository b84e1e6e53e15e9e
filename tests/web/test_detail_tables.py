"""Tables of detail pages, declared by their columns and drawn like lists."""

from dataclasses import dataclass
from decimal import Decimal as D

import pytest
from django.template.loader import render_to_string

from o2c.web.excerpts import Excerpt
from o2c.web.tables import (
    AmountColumn,
    Column,
    DetailTable,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    PriceColumn,
    QuantityColumn,
    Sum,
)

NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Line:
    number: int = 1
    item: str = "TBW-10"
    quantity: D = D(24)
    price: D = D("8.17")
    per: int = 1
    discount: D = D(0)
    net: D = D("196.08")
    fee: D = D(1)
    currency: str = "EUR"
    unit: str = "pc"


class Lines(DetailTable):
    title = "Lines"
    names_row = "item"
    sums = True
    columns = [
        NumberColumn("number", "No."),
        Column("item", "Item"),
        QuantityColumn("quantity", "Ordered", unit="unit"),
        PriceColumn("price", "Price", per="per"),
        PercentColumn("discount", "Discount", sparse=True),
        AmountColumn("net", "Net", total=True),
        MoneyColumn("fee", "Fee"),
    ]


def drawn(table):
    return render_to_string("web/_detail_table.html", {"table": table})


def cells(table, line=None):
    row = line or table.rows[0]
    return {heading.label: heading.column.show(row, table) for heading in table.headings}


class TestColumns:
    def test_heads_name_the_one_currency_of_an_amount(self):
        table = Lines([Line()], currency="JPY")

        assert "Net JPY" in [heading.label for heading in table.headings]
        assert cells(table)["Net JPY"] == "196", "with the decimals of its currency"

    def test_a_quantity_carries_its_unit_and_a_price_what_it_is_for(self):
        shown = cells(Lines([Line(per=100)], currency="EUR"))

        assert shown["Ordered"] == f"24{NO_BREAK}pc"
        assert shown["Price"] == '8.17 <span class="small muted">per 100</span>'
        assert cells(Lines([Line()], currency="EUR"))["Price"] == "8.17"

    def test_a_sparse_column_nobody_fills_is_left_out(self):
        plain, reduced = Line(), Line(discount=D(5))

        assert "Discount" not in cells(Lines([plain, plain], currency="EUR"))
        table = Lines([plain, reduced], currency="EUR")
        assert cells(table, plain)["Discount"] == "–"
        assert cells(table, reduced)["Discount"] == f"5{NO_BREAK}%"

    def test_what_is_not_there_is_a_dash_and_a_zero_is_a_zero(self):
        shown = cells(Lines([Line(item="", quantity=D(0), net=D(0))], currency="EUR"))

        assert (shown["Item"], shown["Ordered"], shown["Net EUR"]) == (
            "–",
            f"0{NO_BREAK}pc",
            "0.00",
        )

    def test_a_negative_amount_is_marked(self):
        assert 'class="negative"' in cells(Lines([Line(net=D(-5))], currency="EUR"))["Net EUR"]


class TestFoot:
    def test_sums_stand_below_more_than_one_row_per_currency(self):
        rows = [Line(net=D("0.10"), fee=D(1)), Line(net=D("0.20"), fee=D(2), currency="SEK")]
        (foot,) = Lines(rows, currency="EUR").foot

        assert (foot.label, foot.span) == ("Total", 4)
        assert list(foot.cells[0][1]) == ["0.30"]
        one, other = foot.cells[1][1]
        assert ("1.00" in one, "EUR" in one, "2.00" in other, "SEK" in other) == (True,) * 4
        assert Lines(rows[:1], currency="EUR").foot == []

    def test_given_sums_are_shown_as_their_column_shows_its_own(self):
        below = [Sum("Tax", {"net": D("37.26"), "fee": "on 196.08"})]
        (foot,) = Lines([Line()], currency="EUR", below=below).foot

        assert (foot.label, foot.span) == ("Tax", 4)
        assert [list(figures) for _column, figures in foot.cells] == [["37.26"], ["on 196.08"]]

    def test_a_figure_under_a_column_left_out_is_left_out_with_it(self):
        (foot,) = Lines([Line()], currency="EUR", below=[Sum("Given", {"discount": D(1)})]).foot

        assert (foot.span, foot.cells) == (6, [])


class TestDrawing:
    def test_one_cell_names_its_row_and_the_others_their_column(self):
        html = drawn(Lines([Line()], currency="EUR"))

        assert '<th scope="row" class="">TBW-10</th>' in html
        assert 'data-label="Net EUR"' in html
        assert 'data-label="Item"' not in html
        assert '<caption class="visually-hidden">Lines</caption>' in html

    def test_figures_stand_at_the_end_of_their_cells(self):
        html = drawn(Lines([Line()], currency="EUR"))

        for label in ("No.", "Ordered", "Price", "Net EUR", "Fee"):
            assert f'data-label="{label}"' in html
        assert html.count('<td class="num') == 5

    def test_without_rows_it_says_so_or_is_not_there(self):
        class Named(Lines):
            empty = "Nothing yet."

        assert "Nothing yet." in drawn(Named([]))
        assert "<table" not in drawn(Named([]))
        assert drawn(Lines([])).strip() == ""

    def test_a_part_of_many_lines_says_which_and_leads_on(self):
        html = drawn(Lines([Line()] * 100, currency="EUR", excerpt=Excerpt(1, 100, 250, "/o/")))

        assert "1 to 100 of 250" in " ".join(html.split())
        assert 'id="lines"' in html
        assert "/o/?lines=101#lines" in html

    @pytest.mark.parametrize(("rows", "is_short"), [(30, True), (31, False)])
    def test_a_long_one_scrolls_under_its_heads(self, rows, is_short):
        assert ('class="scroll free"' in drawn(Lines([Line()] * rows, currency="EUR"))) is is_short
