"""Any file at the import page: a clear answer, nothing half done, never an error page."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from o2c.core.errors import RuleViolation
from o2c.core.money import MINOR_UNITS
from reconciliation.adapters import UnreadableStatement, read_statements
from reconciliation.models import BankLine, BankStatement
from tests.factories.masters import BankAccountFactory, CurrencyFactory
from tests.given.reconciliation import bank_account, entry, file_of, statement_record
from tests.shared_data import SHARED, shared_file

pytestmark = pytest.mark.django_db

PAGE = reverse("reconciliation:bank_statement_import")
FILES = sorted(str(p.relative_to(SHARED)) for p in SHARED.glob("bank/*/*")) or ["bank/camt/none"]


def good_file(**more):
    return file_of(statement_record(entry("5.00", "one"), entry("6.00", "two"), **more))


def upload(client, data, *, account=None, name="s.xml", dry_run=False):
    answers = {"account": (account or bank_account()).pk, "file": SimpleUploadedFile(name, data)}
    return client.post(PAGE, answers | ({"dry_run": "on"} if dry_run else {}))


def result_of(response):
    return response.context["result"]


def messages_of(response):
    return " ".join(error.message for error in result_of(response).errors)


def kept():
    return BankStatement.objects.count(), BankLine.objects.count()


# -- the page ----------------------------------------------------------------------------------


def test_the_page_asks_for_account_and_file(carlo):
    assert carlo.get(PAGE).status_code == 200
    assert carlo.post(PAGE, {}).status_code == 422


def test_a_dry_run_counts_and_keeps_nothing(carlo):
    response = upload(carlo, good_file(), dry_run=True)

    found = result_of(response)
    assert (response.status_code, found.dry_run) == (200, True)
    assert (found.rows, found.created, found.sums) == (2, 2, {"in": 11})
    assert kept() == (0, 0)


def test_the_same_file_sent_again_says_what_is_here(carlo):
    data = good_file()
    upload(carlo, data)

    again = upload(carlo, data)

    assert again.status_code == 200
    assert (result_of(again).created, result_of(again).skipped) == (0, 2)
    assert b"is already here" in again.content
    assert kept() == (1, 2)


def test_wrong_balances_come_in_and_say_so(carlo):
    response = upload(carlo, good_file(opening=1, closing=2))

    assert response.status_code == 200
    assert b"do not make closing" in response.content
    assert BankStatement.objects.get().problem


def test_another_account_and_another_currency_are_named(carlo):
    CurrencyFactory(code="USD")
    dollars = BankAccountFactory(
        code="USD", iban=bank_account().iban, currency="USD", name="Dollars"
    )
    other = BankAccountFactory(code="OTHER", iban="DE02120300000000202051")

    wrong_account = upload(carlo, good_file(), account=other)
    wrong_currency = upload(carlo, good_file(), account=dollars)

    assert (wrong_account.status_code, wrong_currency.status_code) == (422, 422)
    assert "is about account" in messages_of(wrong_account)
    assert len(result_of(wrong_currency).errors) == 1
    assert "is in EUR; USD is kept in USD." in messages_of(wrong_currency)
    assert kept() == (0, 0)


def test_one_bad_entry_refuses_the_whole_file(carlo):
    response = upload(carlo, good_file().replace(b">6.00<", b">six<"))

    assert response.status_code == 422
    assert "entry 2: “six” is not an amount." in messages_of(response)
    assert kept() == (0, 0)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;">]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
&c;</Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&f;</Document>"""
MT940 = b":20:A\r\n:25:DE89370400440532013000\r\n:28C:1/1\r\n:60F:C260101EUR100,00\r\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b" ", "The file is empty."),
        (b"\x00\xff\xfe binary \x00", "Neither camt.053 nor MT940"),
        (b"a;b;c\n1;2;3\n", "Neither camt.053 nor MT940"),
        (b"<Document/>", "is not a bank statement"),
        (b"<?xml version='1.0' encoding='klingon'?><Document/>", "not readable as XML"),
        (BOMB, "DTD is not allowed"),
        (OUTSIDE, "DTD is not allowed"),
        (b"<a>" * 5000, "not readable as XML"),
        (MT940 + b":61:260102C12,3,4NTRF\r\n:62F:C260102EUR112,00\r\n", "is not an amount"),
        (MT940 + b":61:261302C12,00NTRF\r\n:62F:C260102EUR112,00\r\n", "is not a date"),
        (MT940 + b":61:rubbish\r\n:62F:C260102EUR112,00\r\n", "Line 5"),
        (MT940 + b":62F:rubbish\r\n", "Line 5"),
    ],
)
def test_what_is_no_statement_is_refused_in_words(carlo, data, says):
    response = upload(carlo, data)

    assert response.status_code == 422
    assert says in messages_of(response)
    assert kept() == (0, 0)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused(carlo, part):
    whole = good_file()

    response = upload(carlo, whole[: int(len(whole) * part)])

    assert response.status_code == 422
    assert messages_of(response)
    assert kept() == (0, 0)


@pytest.mark.parametrize("amount", ["NaN", "1e5", "1_000", "٥", "Infinity", "--5", "0x10", "1,50"])
def test_an_amount_is_written_in_plain_digits(carlo, amount):
    response = upload(carlo, good_file().replace(b">6.00<", f">{amount}<".encode()))

    assert response.status_code == 422
    assert "is not an amount" in messages_of(response)


@pytest.mark.parametrize("amount", ["99999999999999999.00", "6.00001", "1" * 400])
def test_an_amount_that_cannot_be_kept_is_refused(carlo, amount):
    response = upload(carlo, good_file().replace(b">6.00<", f">{amount}<".encode()))

    assert response.status_code == 422
    assert messages_of(response)
    assert kept() == (0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_statement_is_read_in_any_encoding_it_declares(carlo, encoding):
    text = file_of(statement_record(entry(5, "Müller & Söhne"))).decode()
    declared = encoding.removesuffix("-sig")
    data = text.replace("UTF-8", declared).replace("utf-8", declared).encode(encoding)

    assert upload(carlo, data).status_code == 200
    assert BankLine.objects.get().text == "Müller & Söhne"


def test_two_statements_of_one_number_in_one_file_both_come_in(carlo):
    """Banks that write the same :20: and :28C: on every statement."""
    one = MT940 + b":61:260102C12,00NTRF\r\n:86:first\r\n:62F:C260102EUR112,00\r\n-\r\n"
    two = one.replace(b"60F:C260101EUR100", b"60F:C260102EUR112")
    two = two.replace(b"C12,00NTRF", b"C13,00NTRF").replace(b"EUR112,00\r\n-", b"EUR125,00\r\n-")

    checked = upload(carlo, one + two, name="s.sta", dry_run=True)
    response = upload(carlo, one + two, name="s.sta")

    assert response.status_code == 200
    assert kept() == (2, 2)
    assert not BankStatement.objects.exclude(problem="").exists()
    assert result_of(checked).notes == result_of(response).notes == []
    assert result_of(upload(carlo, one + two, name="s.sta")).skipped == 2


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_any_bank_upsets_the_page(carlo, name):
    data = shared_file(*Path(name).parts).read_bytes()
    try:
        record = read_statements(data)[0]
    except (UnreadableStatement, RuleViolation):
        account = bank_account()
    else:
        currency = record.currency if record.currency in MINOR_UNITS else "EUR"
        CurrencyFactory(code=currency)
        account = BankAccountFactory(
            code="REAL",
            iban="",
            account_number=record.account or "0",
            currency=currency,
        )

    first = upload(carlo, data, account=account, name=Path(name).name)
    after_first = kept()
    second = upload(carlo, data, account=account, name=Path(name).name)

    assert first.status_code in {200, 422}
    assert bool(result_of(first).errors) == (first.status_code == 422)
    if first.status_code == 422:
        assert all(error.message for error in result_of(first).errors)
        assert after_first == (0, 0)
    assert kept() == after_first
    assert result_of(second).created == 0


# -- the command -------------------------------------------------------------------------------


def command(path, *flags):
    out = StringIO()
    try:
        call_command("import_statement", str(path), *flags, account=bank_account().code, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_the_command_counts_sums_and_keeps(tmp_path):
    path = tmp_path / "s.xml"
    path.write_bytes(good_file())

    checked, answer = command(path, "--dry-run", "--json")
    assert (checked, kept()) == (0, (0, 0))
    assert json.loads(answer)["sums"] == {"in": "11.00"}

    done, answer = command(path, "--json")
    told = json.loads(answer)
    assert (done, kept()) == (0, (1, 2))
    assert (told["rows"], told["created"], told["skipped"], told["errors"]) == (2, 2, 0, [])

    again, answer = command(path)
    assert (again, kept()) == (0, (1, 2))
    assert "skipped: 2" in answer


def test_the_command_names_every_error_and_ends_with_1(tmp_path):
    path = tmp_path / "s.xml"
    path.write_bytes(good_file().replace(b'Ccy="EUR">5.00', b'Ccy="USD">5.00'))

    code, answer = command(path, "--json")
    told = json.loads(answer)

    assert (code, told["refused"], kept()) == (1, True, (0, 0))
    assert [(error["row"], error["field"]) for error in told["errors"]] == [(1, "currency")]
    assert command(path)[0] == 1
