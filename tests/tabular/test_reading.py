"""Files from outside: read when they can be, refused with the place named when not."""

import io
import zipfile
from contextlib import suppress
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.days import DayKind
from o2c.tabular import (
    Choice,
    Code,
    Day,
    FileRefused,
    Flag,
    Number,
    Text,
    Whole,
    delimited,
    read_records,
    read_sheet,
    reading,
)

COLUMNS = [
    Code(name="code", required=True),
    Text(name="name", max_length=20),
    Number(name="price", decimals=4, minimum=Decimal(0)),
    Whole(name="days"),
    Day(name="valid_from", kind=DayKind.ANY),
    Choice(name="kind", choices={"stocked": "S", "service": "V"}, empty="S"),
    Flag(name="active", empty=True),
]


def records(text, columns=COLUMNS, encoding="utf-8"):
    return read_records(read_sheet("file.csv", text.encode(encoding)), columns)


def only_values(text):
    result = records(text)
    assert not result.errors, result.errors
    return [dict(record.values) for record in result.records]


def workbook(rows, prepare=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if prepare:
        prepare(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(data, change=None, add=()):
    """The same archive with parts changed by `change(name, content)` and others added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(part.filename, content) if change else content)
        for name, content in add:
            new.writestr(name, content)
    return target.getvalue()


# -- CSV --------------------------------------------------------------------------------------


def test_a_row_becomes_typed_values():
    values = only_values(
        "code,name,price,days,valid_from,kind,active\nA1,Bolt,1.25,3,2026-03-31,service,no\n"
    )

    assert values == [
        {
            "code": "A1",
            "name": "Bolt",
            "price": Decimal("1.25"),
            "days": 3,
            "valid_from": date(2026, 3, 31),
            "kind": "V",
            "active": False,
        }
    ]  # fmt: skip


def test_columns_come_in_any_order_and_spelling_and_may_be_missing():
    assert only_values("  Valid From ;CODE\n2026-01-01;0007\n") == [
        {"valid_from": date(2026, 1, 1), "code": "0007"}
    ]


def test_empty_cells_become_what_the_column_says_is_empty():
    values = only_values("code,name,price,kind,active\nA1, \u200b\u00a0 ,,,\n")

    assert values == [{"code": "A1", "name": "", "price": None, "kind": "S", "active": True}]


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_the_encoding_is_detected_and_said(encoding, note):
    result = records("code,name\nA1,Müller – Söhne\n", encoding=encoding)

    assert result.records[0].values["name"] == "Müller – Söhne"
    assert [note] * bool(note) == [n.removeprefix("Read as ").rstrip(".") for n in result.notes]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_detected(delimiter):
    text = f'"a,b;c"{delimiter}code\nx{delimiter}A1\n'

    assert records(text).records[0].values == {"code": "A1"}


def test_the_separator_line_of_excel_is_understood_and_counted():
    result = records("sep=;\ncode;price\nA1;x\n")

    assert result.errors[0].row == 3


def test_a_record_with_line_breaks_is_named_by_its_first_line():
    result = records('code,name,price\nA1,"two\nlines",1\nA2,x,wrong\n')

    assert result.records[0].row == 2
    assert result.records[0].values["name"] == "two lines"
    assert result.errors[0].row == 4


def test_every_error_is_collected_with_row_field_value_and_what_would_be_right():
    result = records(
        "code,price,days,valid_from,kind,active\n"
        ",1e5,-1,31.12.2026,other,perhaps\n"
        "A2,1.23456,99999,2026-02-30,stocked,yes\n"
        "A3,-1,1,1999-12-31,stocked,yes\n"
    )

    assert [(e.row, e.field, e.value) for e in result.errors] == [
        (2, "code", ""),
        (2, "price", "1e5"),
        (2, "days", "-1"),
        (2, "valid_from", "31.12.2026"),
        (2, "kind", "other"),
        (2, "active", "perhaps"),
        (3, "price", "1.23456"),
        (3, "days", "99999"),
        (3, "valid_from", "2026-02-30"),
        (4, "price", "-1"),
        (4, "valid_from", "1999-12-31"),
    ]
    assert "One of: stocked, service" in str(result.errors[4])
    assert result.records == []


@pytest.mark.parametrize("number", ["1,5", "1.234,50", "(12.50)", "12.50-", "€ 12", "１２", "NaN"])
def test_a_number_that_could_mean_two_things_is_never_guessed(number):
    assert records(f'code,price\nA1,"{number}"\n').errors[0].field == "price"


def test_a_declared_comma_is_read():
    columns = [Number(name="price", decimal_mark=",", decimals=2)]

    assert records("a;price\nx;12,50\n", columns).records[0].values["price"] == Decimal("12.50")
    assert records("a;price\nx;12.50\n", columns).errors


def test_a_code_that_a_spreadsheet_shortened_is_refused():
    assert "Format the cell as text" in records("code\n4.01E+12\n").errors[0].message


def test_unknown_columns_and_removed_characters_are_told():
    result = records("code,colour,name\nA1,red,ab\u202ec\n")

    assert result.records[0].values["name"] == "abc"
    assert "Columns not used: colour." in result.notes
    assert "Invisible characters were removed, first in row 2." in result.notes


def test_a_row_longer_than_the_header_is_an_error_of_that_row():
    assert [(e.row, e.value) for e in records("code,name\nA1,a,b\nA2,a,,\n").errors] == [(2, "b")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n ;;; \n", "empty"),
        (b"code,name\n", "no rows"),
        (b"name,price\nx,1\n", "Missing columns: code. The file has: name, price"),
        (b"code,Code\nx,1\n", "comes twice"),
        (b"code\nA\x00B\n", "Line 2 holds a NUL"),
        (b"code\nA\n\x81\xfc\n", "Line 3 cannot be read as Windows-1252"),
        (b'code,name\nA1,"open\nA2,b\nA3,c\n', "opened on line 2 is never closed"),
        (b'code,name\nA1,"fine\nstill"\nA2,"open\nA3,c\n', "opened on line 4 is never closed"),
        (b'code,name\nA1,"x"y\n', "Line 2: after a closing quote"),
        (b'code,name\nA1,"' + b"x" * 200_000 + b'"\n', "line 2 is too long"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_the_place(data, message):
    with pytest.raises(FileRefused, match=message):
        read_records(read_sheet("file.csv", data), COLUMNS)


def test_a_file_is_refused_by_size_before_it_is_read(monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    monkeypatch.setattr(delimited, "rows_of", None)

    with pytest.raises(FileRefused, match="at most 0 MB"):
        read_sheet("file.csv", b"x" * 11)


def test_too_many_rows_or_columns_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    monkeypatch.setattr(reading, "MAX_COLUMNS", 2)

    read_sheet("file.csv", b"a\n1\n2\n3\n")
    with pytest.raises(FileRefused, match="more than 3 rows"):
        read_sheet("file.csv", b"a\n1\n2\n3\n4\n")
    with pytest.raises(FileRefused, match="Row 1 has more than 2 columns"):
        read_sheet("file.csv", b"a,b,c\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_but_never_crash(data):
    with suppress(FileRefused):
        read_records(read_sheet("file.csv", data), COLUMNS)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_cells_that_are_written_by_the_book_come_back_as_they_were(cells):
    import csv

    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([f"c{i}" for i in range(len(cells))] + ["end"])
    writer.writerow([*cells, "."])
    text = buffer.getvalue()
    if "\0" in text:
        return

    row = read_sheet("f.csv", text.encode("utf-8", "surrogatepass")).rows[0]

    assert row.cells == [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells] + ["."]


# -- XLSX -------------------------------------------------------------------------------------

HEADER = ["code", "name", "price", "days", "valid_from"]


def test_a_worksheet_is_read_like_a_csv_file():
    rows = [HEADER, ["A1", "Bolt", 0.1 + 0.2, 3, date(2026, 3, 31)], ["A2", "Nut", "1.5"]]

    result = read_records(read_sheet("file.xlsx", workbook(rows)), COLUMNS)

    assert not result.errors
    assert result.records[0].values == {
        "code": "A1",
        "name": "Bolt",
        "price": Decimal("0.3"),
        "days": 3,
        "valid_from": date(2026, 3, 31),
    }
    assert result.records[1].row == 3
    assert result.records[1].values["price"] == Decimal("1.5")


def test_a_numeric_code_keeps_its_digits_and_one_that_lost_some_is_refused():
    data = workbook([["code"], [4012345678901], [1234567890123456789]])

    result = read_records(read_sheet("file.xlsx", data), COLUMNS)

    assert result.records[0].values["code"] == "4012345678901"
    assert "lost digits" in result.errors[0].message


def test_a_date_in_a_number_column_and_a_number_in_a_date_column_are_errors():
    data = workbook([["code", "price", "valid_from"], ["A", date(2026, 1, 1), 46000]])

    errors = read_records(read_sheet("file.xlsx", data), COLUMNS).errors

    assert [(e.row, e.field) for e in errors] == [(2, "price"), (2, "valid_from")]


def test_a_formula_without_a_stored_result_is_an_error_of_its_row():
    data = workbook([["code", "price"], ["A1", "=1+1"], ["A2", 2]])

    result = read_records(read_sheet("file.xlsx", data), COLUMNS)

    assert [e.row for e in result.errors] == [2]
    assert "Formulas are read as the results stored with them." in result.notes


def test_hidden_rows_merged_cells_and_other_sheets_are_told():
    def prepare(book):
        book.active.row_dimensions[2].hidden = True
        book.active.merge_cells("A3:B3")
        book.create_sheet("Old")

    sheet = read_sheet("f.xlsx", workbook([["code"], ["A1"], ["A2"]], prepare))

    assert sheet.notes == [
        "Hidden rows and columns are read too.",
        "Merged cells count as their first cell.",
        "Only the sheet “Sheet” is read, not Old.",
    ]


def test_macros_are_refused():
    data = repacked(workbook([["code"], ["A"]]), add=[("xl/vbaProject.bin", b"x")])

    with pytest.raises(FileRefused, match="macros"):
        read_sheet("f.xlsm", data)


def test_a_document_type_definition_is_refused_before_any_parser_sees_it():
    def change(name, content):
        if name != "xl/worksheets/sheet1.xml":
            return content
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        return content.replace(b"<worksheet", bomb + b"<worksheet", 1)

    with pytest.raises(FileRefused, match="document type definition"):
        read_sheet("f.xlsx", repacked(workbook([["code"], ["A"]]), change))


def test_a_zip_bomb_is_refused_without_being_unpacked(monkeypatch):
    from o2c.tabular import workbook as module

    bomb = repacked(
        workbook([["code"], ["A"]]), add=[("xl/worksheets/sheet9.xml", b" " * 50_000_000)]
    )
    monkeypatch.setattr(module, "_content", None)

    assert len(bomb) < 100_000
    with pytest.raises(FileRefused, match="too large once unpacked"):
        read_sheet("f.xlsx", bomb)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100, "old Excel file or has a password"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page under an Excel name"),
        (repacked(workbook([["a"]]), add=[("xl/../../evil", b"x")]), "damaged"),
    ],
)
def test_impostors_are_refused(data, message):
    with pytest.raises(FileRefused, match=message):
        read_sheet("f.xlsx", data)


def test_an_archive_that_is_no_workbook_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(FileRefused, match="not an Excel file"):
        read_sheet("f.xlsx", target.getvalue())


def test_a_sheet_of_a_million_empty_rows_is_refused_quickly():
    def change(name, content):
        if name != "xl/worksheets/sheet1.xml":
            return content
        return content.replace(b"</sheetData>", b'<row r="1048576"/></sheetData>')

    with pytest.raises(FileRefused, match="more than 100,000 rows"):
        read_sheet("f.xlsx", repacked(workbook([["code"], ["A"]]), change))
