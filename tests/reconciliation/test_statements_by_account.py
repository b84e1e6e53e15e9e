"""A file says whose its statements are: each goes into its account, what is not ours is named."""

import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from o2c.core.actors import SYSTEM
from reconciliation.commands import import_statement
from reconciliation.models import BankLine, BankStatement
from reconciliation.rules import names_account
from tests.factories.masters import BankAccountFactory, CurrencyFactory
from tests.shared_data import shared_file

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "DE89370400440532013000", "DE02120300000000202051", "DE88100900001234567892"
BLOCK = (
    ":20:A\r\n:25:{account}\r\n:28C:1/1\r\n:60F:C260101{currency}{opening},00\r\n"
    ":61:260102C{amount},00NTRFNONREF\r\n:86:paid\r\n:62F:C260102{currency}{closing},00\r\n-\r\n"
)


def block(account, *, amount=5, opening=100, closing=None, currency="EUR"):
    text = BLOCK.format(
        account=account,
        currency=currency,
        opening=opening,
        amount=amount,
        closing=opening + amount if closing is None else closing,
    )
    return text.encode()


@pytest.fixture
def ours():
    return [BankAccountFactory(code=c, iban=i) for c, i in (("ONE", FIRST), ("TWO", SECOND))]


def test_each_statement_goes_into_its_account_and_the_others_are_named(ours):
    data = block(FIRST, amount=5) + block(SECOND, amount=6) + block(THIRD, amount=7)

    result = import_statement("", "s.sta", data, actor=SYSTEM)

    assert not result.refused
    amounts = BankLine.objects.order_by("pk").values_list("account__code", "amount")
    assert list(amounts) == [("ONE", 5), ("TWO", 6)]
    assert [outcome.account for outcome in result.statements] == ["ONE", "TWO", ""]
    assert [outcome.kept for outcome in result.statements] == [1, 1, 0]
    assert f"about account {THIRD}, which we do not keep" in result.statements[2].reason
    assert result.statements[2].reason in result.notes
    assert (result.rows, result.created, result.skipped) == (3, 2, 1)


def test_a_demanded_account_must_be_in_the_file(ours):
    third = BankAccountFactory(code="THREE", iban=THIRD)

    refused = import_statement(third.code, "s.sta", block(FIRST), actor=SYSTEM)
    taken = import_statement("ONE", "s.sta", block(FIRST) + block(SECOND), actor=SYSTEM)

    assert "is about account DE89370400440532013000, not THREE" in str(refused.errors[0])
    assert [outcome.kept for outcome in taken.statements] == [1, 1]


def test_a_file_without_any_account_of_ours_is_refused_and_names_them(ours):
    result = import_statement("", "s.sta", block(THIRD), actor=SYSTEM)

    assert result.refused
    assert f"{THIRD}, which we do not keep" in str(result.errors[0])


def test_a_fault_names_its_statement_and_a_statement_without_an_account_says_so(ours):
    strange = block(SECOND).replace(b":20:A", b":20:B").replace(b"C5,00N", b"C5,005N")
    dollars = block(SECOND, currency="USD", amount=0).replace(b":61:", b":86:")

    refused = import_statement("", "s.sta", block(FIRST) + strange, actor=SYSTEM)
    empty = import_statement("", "s.sta", block(FIRST) + dollars, actor=SYSTEM)
    nobody = import_statement("", "s.sta", block(""), actor=SYSTEM)

    assert str(refused.errors[0]).startswith("row 1, amount: Statement B:1/1: 5.005 is not")
    assert "Statement A:1/1 is in USD; TWO is kept in EUR." in str(empty.errors[0])
    assert "Statement A:1/1 names no account." in str(nobody.errors[0])
    assert not BankStatement.objects.exists()


def test_a_file_that_is_too_large_is_refused_not_read_in_part(ours, tmp_path):
    """The command read the first 20 MB of an MT940 file and kept them."""
    path = tmp_path / "large.sta"
    path.write_bytes(block(FIRST) + b"\r\n" * (11 * 1024 * 1024) + block(FIRST, opening=105))
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("import_statement", str(path), "--json", stdout=out)

    assert "larger than 20 MB" in json.loads(out.getvalue())["errors"][0]["message"]
    assert not BankStatement.objects.exists()


def test_one_iban_in_two_currencies_is_two_accounts(ours):
    CurrencyFactory(code="USD")
    BankAccountFactory(code="USD", iban=FIRST, currency="USD")
    data = block(FIRST, amount=5) + block(FIRST + "USD", amount=6, currency="USD")

    import_statement("", "s.sta", data, actor=SYSTEM)

    codes = BankLine.objects.order_by("pk").values_list("account__code", flat=True)
    assert list(codes) == ["ONE", "USD"]


def test_a_fault_in_one_statement_of_ours_refuses_the_whole_file(ours):
    data = block(FIRST) + block(SECOND).replace(b"C5,00N", b"C5,001N")

    result = import_statement("", "s.sta", data, actor=SYSTEM)

    assert result.refused
    assert BankStatement.objects.count() == 0


def test_a_real_file_of_many_accounts_keeps_ours_and_names_the_others():
    """26 statements; it was refused whole."""
    data = shared_file("bank", "mt940", "betterplace_sepa_mt9401.sta").read_bytes()
    BankAccountFactory(code="REAL", iban="", account_number="50880050/0194774600888")

    result = import_statement("", "s.sta", data, actor=SYSTEM)

    kept = [outcome for outcome in result.statements if outcome.account]
    assert len(result.statements) == 26
    assert [(o.number, o.lines, o.kept, str(o.sum)) for o in kept] == [
        ("T089413946000001:00004/00001", 7, 7, "-2909.87")
    ]
    assert all("which we do not keep" in o.reason for o in result.statements if not o.account)


def told(path, *flags):
    out = StringIO()
    call_command("import_statement", str(path), *flags, stdout=out)
    return json.loads(out.getvalue())


def test_the_command_prints_one_object_for_each_statement(ours, tmp_path):
    path = tmp_path / "s.sta"
    path.write_bytes(block(FIRST, amount=5, closing=999) + block(THIRD))

    answer = told(path, "--dry-run", "--json")["statements"]

    assert answer[0] == {
        "account": "ONE",
        "bank_account": FIRST,
        "number": "A:1/1",
        "opening": "100.00",
        "closing": "999.00",
        "lines": 1,
        "sum": "5.00",
        "kept": 1,
        "skipped": 0,
        "reason": "",
        "replaces": "",
        "problems": ["Opening 100.00 and entries of 5.00 do not make closing 999.00."],
    }
    assert (answer[1]["account"], answer[1]["kept"], answer[1]["skipped"]) == ("", 0, 1)
    assert "which we do not keep" in answer[1]["reason"]
    assert BankStatement.objects.count() == 0


def test_the_page_needs_no_account_either(ours, carlo):
    file = SimpleUploadedFile("s.sta", block(FIRST) + block(THIRD))

    page = carlo.post(reverse("reconciliation:bank_statement_import"), {"file": file})

    assert page.status_code == 200
    assert b"which we do not keep" in page.content
    assert BankLine.objects.get().account.code == "ONE"


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ("DE89370400440532013000", True),
        ("de89 3704 0044 0532 0130 00", True),
        ("37040044/532013000", True),
        ("37040044/0532013000", True),
        ("37040044/0532013001", False),
        ("0532013000", False),
        ("", False),
    ],
)
def test_an_account_is_ours_by_iban_or_german_number(theirs, same):
    assert names_account(theirs, iban="DE89370400440532013000", account_number="") is same


@given(st.integers(10**7, 10**8 - 1), st.integers(0, 10**10 - 1))
def test_a_german_iban_is_known_by_its_bank_code_and_number(bank_code, number):
    own = f"DE00{bank_code}{number:010}"
    own = f"DE{iban.calc_check_digits(own)}{own[4:]}"

    assert names_account(f"{bank_code}/{number}", iban=own, account_number="")
    assert not names_account(f"{bank_code}/{number}", iban=f"AT{own[2:]}", account_number="")
