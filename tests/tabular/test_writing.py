"""What people take away opens in a spreadsheet, and nothing in it comes alive there."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.tabular import read_sheet, write_csv, write_xlsx
from o2c.tabular.writing import guarded

PLAIN = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\0=1", "\u00a0=cmd"]
FULL_WIDTH = ["＝1+1", "＋1", "－1", "＠x"]
ATTACKS = [*PLAIN, *FULL_WIDTH]


def as_csv(rows, columns=("A", "B")):
    text = b"".join(write_csv(rows, columns)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def as_xlsx(rows, columns=("A", "B"), title=""):
    book = openpyxl.load_workbook(io.BytesIO(b"".join(write_xlsx(rows, columns, title))))
    return book.active


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_that_would_become_a_formula_is_marked_as_text(attack):
    assert as_csv([[attack, ""]])[1][0].startswith("'")
    assert as_csv([["x", ""]], columns=(attack, "B"))[0][0].startswith("'")

    cell = as_xlsx([[attack, ""]]).cell(2, 1)
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


@given(st.text())
def test_harmless_text_is_left_alone_and_marked_text_keeps_its_words(text):
    assert guarded(text) in (text.replace("\0", ""), "'" + text.replace("\0", ""))


def test_figures_stay_figures_even_when_negative():
    rows = [[Decimal("-1234.50"), -7], [Decimal("0.000001"), Decimal("1E+3")]]

    assert as_csv(rows)[1:] == [["-1234.50", "-7"], ["0.000001", "1000"]]
    sheet = as_xlsx(rows)
    assert (sheet["A2"].value, sheet["B2"].value) == (-1234.5, -7)
    assert sheet["A2"].number_format == "#,##0.00"
    assert (sheet["A2"].data_type, sheet["B3"].value) == ("n", 1000)


def test_a_figure_too_long_for_excel_is_written_in_full_as_text():
    sheet = as_xlsx([[Decimal("123456789012345.6789"), ""]])

    assert sheet["A2"].value == "123456789012345.6789"


def test_dates_times_flags_and_nothing_have_one_form_each():
    moment = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
    rows = [[date(2026, 1, 2), None], [moment, True]]

    assert as_csv(rows)[1][0] == "2026-01-02"
    assert as_csv(rows)[1][1] == ""
    assert as_csv(rows)[2][0].startswith("2026-01-02 1")
    assert as_csv(rows)[2][1] == "true"
    sheet = as_xlsx(rows)
    assert sheet["A2"].value.date() == date(2026, 1, 2)
    assert sheet["B2"].value is None
    assert sheet["B3"].value is True


def test_what_is_written_can_be_read_again():
    rows = [["Müller; „Söhne“\nGmbH", Decimal("1.10")], ['say "x", y', Decimal("-2.00")]]

    for data in (b"".join(write_csv(rows, ["A", "B"])), b"".join(write_xlsx(rows, ["A", "B"]))):
        sheet = read_sheet("f", data)
        assert sheet.header == ["A", "B"]
        assert [row.cells[0] for row in sheet.rows] == [row[0] for row in rows]
        assert [Decimal(str(row.cells[1])) for row in sheet.rows] == [row[1] for row in rows]


def test_a_long_table_comes_in_chunks():
    chunks = list(write_csv(([n, n] for n in range(1200)), ["A", "B"]))

    assert len(chunks) == 3
    assert b"".join(chunks).count(b"\r\n") == 1201


@pytest.mark.parametrize("title", ["a/b:c?*[x]" * 5, "", "''", "'Invoices'"])
def test_any_title_becomes_a_sheet_name(title):
    assert as_xlsx([], title=title).max_column == 2
