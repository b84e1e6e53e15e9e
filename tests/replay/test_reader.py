"""The retail file is read to the cent; a broken row is named and the rest goes on."""

from decimal import Decimal

import pytest

from o2c.desk.replay.reader import BrokenRow, UnreadableFile, read_business
from tests.shared_data import shared_file

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "1,A,Apple,2,2011-06-01 08:00:00,1.50,17,France\n"


def file_of(tmp_path, text):
    path = tmp_path / "orders.csv"
    path.write_text(text)
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
    assert all(deed.at <= business.sales[-1].at for deed in business.cancellations)


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
    ],
)
def test_a_broken_row_is_named_and_the_rest_goes_on(tmp_path, row, reason):
    business = read_business(file_of(tmp_path, HEAD + row + GOOD.replace("1,A", "2,A", 1)))

    assert business.broken == [BrokenRow(2, reason)]
    assert business.ordered == Decimal("3.00")


def test_a_file_with_other_columns_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="UnitPrice"):
        read_business(file_of(tmp_path, "InvoiceNo,StockCode\n1,A\n"))


def test_a_buyer_without_code_shares_the_account_of_his_country(tmp_path):
    business = read_business(file_of(tmp_path, HEAD + GOOD.replace("17", "")))

    assert business.sales[0].customer == "GUEST-France"
