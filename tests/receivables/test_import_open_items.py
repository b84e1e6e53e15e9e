"""What was open before these books comes from a file: all of it, or every fault by row."""

import json
from datetime import date
from decimal import Decimal as D

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.ledger.models import Entry
from o2c.ledger.queries import balance
from receivables.commands import import_open_items
from receivables.models import OpenItem
from tests.factories.masters import CustomerFactory
from tests.given import receivables as given
from tests.proof import assert_books_agree

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

HEAD = "customer,document,amount,document_date,due_date\n"
TWO = (
    HEAD + "ALPHA,RE-10350,900.00,2026-01-10,2026-02-09\nALPHA,GU-7,-59.50,2026-01-12,2026-01-12\n"
)


@pytest.fixture(autouse=True)
def account():
    CustomerFactory(code="ALPHA")
    return given.opening_account()


def take(text, **more):
    more = {"posting_date": date(2026, 1, 31), "actor": SYSTEM, **more}
    return import_open_items("open.csv", text.encode(), **more)


def test_a_customer_and_a_document_are_known_in_any_capitals():
    assert take(TWO.replace("ALPHA", "alpha")).created == 2

    assert take(TWO.replace("RE-", "re-")).skipped == 2
    again = take(HEAD + "Alpha,gu-7,-10.00,2026-01-12,2026-01-12\n")
    assert [str(error) for error in again.errors] == [
        "row 2, document_number: gu-7 is there already."
    ]


def test_the_items_are_open_and_tie_with_the_ledger():
    result = take(TWO)

    assert (result.created, result.sums) == (2, {"EUR": D("840.50")})
    found = OpenItem.objects.order_by("pk").values_list("document_number", "open_amount", "kind")
    assert list(found) == [
        ("RE-10350", D("900.00"), "opening"),
        ("GU-7", D("-59.50"), "opening"),
    ]
    assert balance("AR") == D("840.50")
    assert_books_agree(["E3", "F1", "I1"])


def test_a_dry_run_says_the_same_and_keeps_nothing():
    result = take(TWO, dry_run=True)

    assert (result.created, result.sums) == (2, {"EUR": D("840.50")})
    assert not OpenItem.objects.exists()
    assert not Entry.objects.exists()


def test_what_is_here_is_skipped_and_what_differs_is_refused():
    take(TWO)

    again = take(TWO)
    other = take(TWO.replace("900.00", "901.00"))

    assert (again.created, again.skipped, again.refused) == (0, 2, False)
    assert [(e.row, e.field) for e in other.errors] == [(2, "document_number")]
    assert OpenItem.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("NOBODY,R1,1.00,2026-01-10,2026-02-09", "customer"),
        ("ALPHA,,1.00,2026-01-10,2026-02-09", "document"),
        ("ALPHA,R1,0.00,2026-01-10,2026-02-09", "amount"),
        ("ALPHA,R1,1.001,2026-01-10,2026-02-09", "amount"),
        ("ALPHA,R1,1e5,2026-01-10,2026-02-09", "amount"),
        ("ALPHA,R1,1.00,2026-02-30,2026-02-09", "document_date"),
        ("ALPHA,R1,1.00,2026-02-01,2026-02-09", "document_date"),
        ("ALPHA,R1,1.00,2026-01-10,soon", "due_date"),
    ],
)
def test_a_fault_names_its_row_and_field_and_nothing_is_kept(row, field):
    result = take(TWO + row + "\n")

    assert [(error.row, error.field) for error in result.errors] == [(4, field)]
    assert not OpenItem.objects.exists()


def test_an_account_there_is_none_of_is_named():
    assert [error.field for error in take(TWO, account_code="NONE").errors] == ["account"]


def test_who_may_not_is_refused(picker):
    with pytest.raises(NotPermitted):
        take(TWO, actor=picker)


def test_the_command_takes_a_file(tmp_path, capsys):
    path = tmp_path / "open.csv"
    path.write_text(TWO)

    call_command("import_open_items", "--dry-run", "--json", str(path))
    assert json.loads(capsys.readouterr().out)["created"] == 2
    assert not OpenItem.objects.exists()
    call_command("import_open_items", "--posting-date", "2026-01-31", str(path))

    assert OpenItem.objects.count() == 2


def test_the_page_takes_a_file(boss, account):
    url = reverse("receivables:open_item_import")
    assert "due_date" in boss.get(url).content.decode()

    boss.post(
        url,
        {
            "file": SimpleUploadedFile("open.csv", TWO.encode()),
            "account": account.pk,
            "posting_date": "2026-01-31",
        },
    )

    assert OpenItem.objects.count() == 2
