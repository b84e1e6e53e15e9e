"""The retail file goes through the whole house: every total is met, every broken row is named."""

import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from o2c.desk.replay.reader import read_business
from orders.models import Order
from tests.shared_data import shared_file

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 12
HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
SALES = (
    "1,A,Apple,2,2011-06-01 08:00:00,1.50,17,France\n"
    "1,B,Basket,1,2011-06-01 08:00:00,12.75,17,France\n"
    "2,A,Apple,10,2011-06-02 09:30:00,1.35,18,United Kingdom\n"
)


def retail_file():
    return shared_file("business", "online_retail_2011-06.csv")


def replay(orders, **options):
    """What the command printed: the report, and what it complained of."""
    out, err = StringIO(), StringIO()
    try:
        call_command("replay", orders=str(orders), stdout=out, stderr=err, **options)
    except CommandError as error:
        raise CommandError(f"{error}\n{err.getvalue()[:3000]}") from error
    return out.getvalue(), err.getvalue()


def outcome(report):
    """The report without its times."""
    return re.sub(r"milliseconds per step.*|.* orders per second.*", "", report)


def file_of(tmp_path, rows):
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + rows)
    return path


def test_the_first_orders_of_the_real_file_meet_its_total_to_the_cent():
    path = retail_file()
    expected = read_business(path, LIMIT)

    report, complaints = replay(path, limit=LIMIT)

    assert complaints == ""
    assert f"total ordered {expected.ordered:,.2f}: the file's total" in report
    assert sum(Order.objects.values_list("net", flat=True), Decimal(0)) == expected.ordered
    captured = next(line for line in report.splitlines() if line.startswith("orders captured"))
    lines = sum(len(deed.rows) for deed in expected.sales)
    assert captured.split()[2:5] == [str(LIMIT), f"{lines:,}", f"{expected.ordered:,.2f}"]
    for stage in ("pick lists", "packed", "dispatched", "invoices posted", "bank lines", "applied"):
        assert re.search(rf"^{stage} +[1-9]", report, re.MULTILINE), f"{stage}\n{report}"
    assert re.search(r"verify: \d+ invariants, 0 violated", report)
    assert Order.objects.filter(state="reconciled").exists()


def test_the_same_file_and_seed_give_the_same_story(tmp_path):
    path = file_of(tmp_path, SALES)

    first, _ = replay(path, seed=7)
    call_command("flush", interactive=False, verbosity=0)
    second, _ = replay(path, seed=7)

    assert outcome(first) == outcome(second)


def test_a_broken_row_is_named_and_the_rest_goes_on(tmp_path):
    path = file_of(tmp_path, SALES + "3,A,Apple,many,2011-06-02 10:00:00,1.35,18,France\n")

    report, complaints = replay(path)

    assert "row 5 left out: Quantity “many” is not a number" in complaints
    assert "total ordered 29.25: the file's total 29.25" in report
    assert Order.objects.count() == 2


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_nothing_is_refused(tmp_path, limit):
    with pytest.raises(CommandError, match="above 0"):
        replay(file_of(tmp_path, SALES), limit=limit)

    assert not Order.objects.exists()


def test_a_file_of_something_else_is_refused_by_name(tmp_path):
    path = tmp_path / "letters.csv"
    path.write_text("to,from\nA,B\n")

    with pytest.raises(CommandError, match=r"letters\.csv has no column InvoiceNo"):
        replay(path)
