"""The retail file goes through the whole house: every total is met, every broken row is named."""

import re
from decimal import Decimal
from io import StringIO
from itertools import count

import pytest
from django.core.management import CommandError, call_command
from django.utils.module_loading import import_string

from credit.models import CreditLimit
from fulfillment.models import PickList
from invoicing.models import Invoice
from o2c.core import deliveries
from o2c.ledger.models import Entry
from o2c.rehearsal.replay.reader import read_business
from o2c.stock.models import Move
from orders.models import Order
from receivables.models import OpenItem, Payment
from reconciliation.models import BankLine
from shipping.models import Return, Shipment
from tests.shared_data import shared_file

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 12
HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
SALES = (
    "1,A,Apple,2,2011-06-01 08:00:00,1.50,17,France\n"
    "1,B,Basket,1,2011-06-01 08:00:00,12.75,17,France\n"
    "2,A,Apple,10,2011-06-02 09:30:00,1.35,18,United Kingdom\n"
)


#: three sales, one of which comes back in part, and a basket that broke
MONTH = (
    SALES
    + "C3,A,Apple,-4,2011-06-02 12:00:00,1.35,18,United Kingdom\n"
    + "4,B,Basket,-1,2011-06-02 15:00:00,0,,United Kingdom\n"
    + "5,B,Basket,2,2011-06-02 16:00:00,12.75,17,France\n"
)


class PowerCut(BaseException):
    """The lights go out; nobody catches that."""


def retail_file():
    return shared_file("business", "online_retail_2011-06.csv")


def replay(orders, **options):
    """What the command printed: the report, and what it complained of."""
    out, err = StringIO(), StringIO()
    try:
        call_command("replay", orders=str(orders), here=True, stdout=out, stderr=err, **options)
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

    report, problems = replay(path, limit=LIMIT)

    assert problems == ""
    assert f"total ordered {expected.ordered:,.2f}: the file's total" in report
    assert sum(Order.objects.values_list("net", flat=True), Decimal(0)) == expected.ordered
    captured = next(line for line in report.splitlines() if line.startswith("orders captured"))
    lines = sum(len(bill.rows) for bill in expected.sales)
    assert captured.split()[2:5] == [str(LIMIT), f"{lines:,}", f"{expected.ordered:,.2f}"]
    for stage in ("pick lists", "packed", "dispatched", "invoices posted", "bank lines", "applied"):
        assert re.search(rf"^{stage} +[1-9]", report, re.MULTILINE), f"{stage}\n{report}"
    for book in (
        "billed, net",
        "receivables",
        "on account",
        "bank",
        "stock, pieces",
        "stock, value",
    ):
        assert re.search(rf"^{book} .* = ", report, re.MULTILINE), f"{book}\n{report}"
    assert "≠" not in report
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

    report, problems = replay(path)

    assert "row 5 left out: Quantity “many” is not a number" in problems
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


def test_a_file_without_a_sale_is_refused(tmp_path):
    with pytest.raises(CommandError, match="no sale"):
        replay(file_of(tmp_path, "1,A,Apple,many,2011-06-01 08:00:00,1.50,17,France\n"))


def payers(report):
    """The table of how the customers paid."""
    return report[report.index("customers paid") :].split("\n\n")[0]


def books():
    """What must not change when nothing is left to do."""
    tables = (Order, PickList, Shipment, Return, Invoice, Payment, BankLine, Move, Entry)
    counts = {table.__name__: table.objects.count() for table in (*tables, CreditLimit)}
    return counts, dict(OpenItem.objects.values_list("document_number", "open_amount"))


def test_a_second_run_finds_everything_done_and_reports_the_true_total(tmp_path):
    path = file_of(tmp_path, MONTH)
    first, _ = replay(path)
    before = books()

    second, problems = replay(path)

    assert books() == before
    assert problems == ""
    assert re.search(r"^orders already here +3 +4 +54\.75", second, re.MULTILINE), second
    assert "total ordered 54.75: the file's total 54.75" in second
    assert payers(second) == payers(first)
    ways = [line[:28].strip() for line in payers(second).splitlines()[1:]]
    assert ways == [
        *("exactly", "several at once", "partly", "too much", "without reference", "late"),
        *("from an account nobody knows", "not at all"),
    ]


@pytest.mark.parametrize(
    ("step", "nth", "followers"),
    [
        ("run.capture_order", 2, True),
        ("run.confirm_order", 2, False),
        ("run.confirm_pick", 3, True),
        ("run.dispatch_shipment", 3, False),
        ("returns.announce_return", 1, True),
        ("returns.receive_return", 1, False),
        ("cash.import_statement", 1, True),
    ],
)
def test_a_run_that_was_broken_off_goes_on(tmp_path, monkeypatch, step, nth, followers):
    """With `followers` the lights go out when they are done, else right after the commit."""
    path = file_of(tmp_path, MONTH)
    name = f"o2c.rehearsal.replay.{step}"
    command, calls = import_string(name), count(1)

    def until_the_lights_go_out(*args, **kwargs):
        if next(calls) < nth:
            return command(*args, **kwargs)
        with monkeypatch.context() as patch:
            if not followers:
                patch.setattr(deliveries, "tell_after_commit", power_cut)
            command(*args, **kwargs)
        return power_cut()

    with monkeypatch.context() as patch:
        patch.setattr(name, until_the_lights_go_out)
        with pytest.raises(PowerCut):
            replay(path)
    report, problems = replay(path)

    assert problems == ""
    assert "total ordered 54.75: the file's total 54.75" in report
    counts, _open = books()
    assert counts["Order"] == counts["PickList"] == counts["Shipment"] == 3
    assert counts["Invoice"] == 4, "three invoices and a credit note"
    assert counts["Return"] == 1
    assert not Order.objects.exclude(state__in=["invoiced", "paid", "reconciled"]).exists()


def power_cut(*_args):
    raise PowerCut


def test_a_house_with_another_story_is_refused_and_left_as_it_is(tmp_path):
    replay(file_of(tmp_path, SALES))
    before = books()

    for rows, problem in {
        SALES.replace("1.50", "1.60"): r"changed since: 17, 2 lines, 15\.75 here",
        SALES.replace("2,A", "9,A"): "from another file: this one has no invoice 2",
        MONTH: "2 sales until 02 June 2011 were replayed and paid here; the 1 after them",
    }.items():
        with pytest.raises(CommandError, match=problem):
            replay(file_of(tmp_path, rows))

    assert books() == before
