"""The retail file is read to the cent; a broken row is named and the rest goes on."""

from decimal import Decimal

import pytest

from o2c.rehearsal.replay.reader import BrokenRow, UnreadableFile, read_business
from tests.shared_data import shared_file

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "1,A,Apple,2,2011-06-01 08:00:00,1.50,17,France\n"


def file_of(tmp_path, text):
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_real_file_gives_its_known_facts():
    business = read_business(shared_file("business", "online_retail_2011-06.csv"))

    assert business.rows == 36874
    assert len(business.sales) + len(business.corrections) == 1683
    assert len(business.cancellations) == 329
    assert business.ordered == Decimal("761739.90")
    assert business.ordered - business.cancelled == Decimal("691123.12")
    assert business.broken == []


def test_a_limit_takes_the_first_sales_and_what_happened_until_then():
    path = shared_file("business", "online_retail_2011-06.csv")

    business = read_business(path, limit=200)

    assert len(business.sales) == 200
    assert all(bill.at <= business.sales[-1].at for bill in business.cancellations)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",A,x,1,2011-06-01,1,1,UK\n", "InvoiceNo is empty"),
        ("1,A,x,one,2011-06-01,1,1,UK\n", "Quantity “one” is not a number"),
        ("1,A,x,0,2011-06-01,1,1,UK\n", "Quantity “0” is not a whole number other than 0"),
        ("1,A,x,1,yesterday,1,1,UK\n", "InvoiceDate “yesterday” is not a date"),
        ("1,A,x,1,2011-06-01,NaN,1,UK\n", "UnitPrice “NaN” is not a number"),
        ("1,A,x,1,2011-06-01,-1,1,UK\n", "UnitPrice “-1” is negative"),
        ("C1,A,x,1,2011-06-01,1,1,UK\n", "Quantity “1” of a cancellation is not negative"),
        ("1,A,x,-1,2011-06-01,1,1,UK\n", "Quantity “-1” of a sale is negative"),
        ("1,A,x,1e5,2011-06-01,1,1,UK\n", "Quantity “1e5” is not a number"),
        ("1,A,x,１２,2011-06-01,1,1,UK\n", "Quantity “１２” is not a number"),
        ("1,A,x,1_0,2011-06-01,1,1,UK\n", "Quantity “1_0” is not a number"),
        ("1,A,x,10000000,2011-06-01,1,1,UK\n", "Quantity “10000000” is more than 9,999,999"),
        ("1,A,x,1,2011-06-01,Infinity,1,UK\n", "UnitPrice “Infinity” is not a number"),
        ("1,A,x,1,2011-06-01,0.1234567,1,UK\n", "UnitPrice “0.1234567” has more than 6 decimals"),
        (
            "1,A,x,2,2011-06-01,999999999,1,UK\n",
            "UnitPrice “999999999” makes more than 999,999,999",
        ),
        (
            "1,A,x,1,2011-06-01T08:00:00+01:00,1,1,UK\n",
            "InvoiceDate “2011-06-01T08:00:00+01:00” has a time zone",
        ),
        ("1,A,x,1,0001-01-01,1,1,UK\n", "InvoiceDate “0001-01-01” lies outside 2000 to 2099"),
        (
            "1,8.5E+04,x,1,2011-06-01,1,1,UK\n",
            "StockCode “8.5E+04” is no code of at most 30 letters and digits",
        ),
        (
            f"1,{'A' * 31},x,1,2011-06-01,1,1,UK\n",
            f"StockCode “{'A' * 31}” is no code of at most 30 letters and digits",
        ),
        (
            "1,A,x\x00y,1,2011-06-01,1,1,UK\n",
            "Description holds a character that is not UTF-8 text",
        ),
        ("1,A,x,1,2011-06-01,1,1,Narnia\n", "Country “Narnia” is unknown"),
        ("1,A,x,1,2011-06-01,1\n", "it has 6 cells where the header has 8"),
        ("1,A,x,1,000,2011-06-01,1,1,UK\n", "it has 9 cells where the header has 8"),
    ],
)
def test_a_broken_row_is_named_and_the_rest_goes_on(tmp_path, row, reason):
    business = read_business(file_of(tmp_path, HEAD + row + GOOD.replace("1,A", "2,A", 1)))

    assert business.broken == [BrokenRow(2, reason)]
    assert business.ordered == Decimal("3.00")


def test_a_file_with_other_columns_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="UnitPrice"):
        read_business(file_of(tmp_path, "InvoiceNo,StockCode\n1,A\n"))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\x00\xff", b"a" * 200_000])
def test_a_file_that_is_no_table_is_refused(tmp_path, data):
    path = tmp_path / "orders.csv"
    path.write_bytes(data)

    with pytest.raises(UnreadableFile, match=r"orders\.csv has no column InvoiceNo, StockCode"):
        read_business(path)


def test_a_column_that_comes_twice_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="has column Quantity twice"):
        read_business(file_of(tmp_path, HEAD.replace("Country", "Country,Quantity")))


def test_a_row_in_another_encoding_is_broken_and_no_other(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(
        HEAD.encode() + "1,A,Café,1,2011-06-01,1,17,France\n".encode("latin-1") + GOOD.encode()
    )

    business = read_business(path)

    reason = "Description holds a character that is not UTF-8 text"
    assert business.broken == [BrokenRow(2, reason)]
    assert business.ordered == Decimal("3.00")


def test_a_row_is_numbered_by_the_line_it_begins_on(tmp_path):
    rows = '\n1,A,"Apple,\nred",2,2011-06-01,1,17,France\n\n1,A,x,none,2011-06-01,1,17,France\n'

    business = read_business(file_of(tmp_path, HEAD + rows))

    assert [row.number for row in business.broken] == [6]
    assert business.sales[0].rows[0].description == "Apple, red"


def test_a_gift_that_comes_back_within_a_sale_is_broken_and_the_sale_goes_on(tmp_path):
    gift = GOOD.replace(",2,", ",-2,").replace("1.50", "0")

    business = read_business(file_of(tmp_path, HEAD + GOOD + gift))

    assert business.broken == [BrokenRow(3, "Quantity “-2” of a sale is negative")]
    assert business.ordered == Decimal("3.00")


def test_an_invoice_has_one_customer(tmp_path):
    business = read_business(file_of(tmp_path, HEAD + GOOD + GOOD.replace("17", "18")))

    assert business.broken == [BrokenRow(3, "CustomerID “18” is not the “17” of its invoice")]
    assert business.ordered == Decimal("3.00")


def test_a_buyer_without_code_shares_the_account_of_his_country(tmp_path):
    business = read_business(file_of(tmp_path, HEAD + GOOD.replace("17", "")))

    assert business.sales[0].customer == "GUEST-France"


def test_a_row_amounts_to_whole_pennies_as_its_order_line_does(tmp_path):
    business = read_business(file_of(tmp_path, HEAD + "1,A,x,3001,2011-06-01,0.005,17,France\n"))

    assert business.ordered == Decimal("15.01")
